/** The channels this installation can speak through, one line each. A new one adds its folder, its line here and its block in the configuration. */
import { createMiniProgramChannel, MiniProgramAccount } from './mini-program/index.js';
import { createOfficialAccountChannel, OfficialAccount } from './official-account/index.js';
import { createWechatyChannel, WechatyAccount } from './wechaty/index.js';

export const channelKinds = {
  'official-account': { account: OfficialAccount, create: createOfficialAccountChannel },
  'mini-program': { account: MiniProgramAccount, create: createMiniProgramChannel },
  wechaty: { account: WechatyAccount, create: createWechatyChannel },
} as const;
