/** The channels this installation can speak through, one line each. A new one adds its folder, its line here and its block in the configuration. */
import { createOfficialAccountChannel, OfficialAccount } from './official-account/index.js';

export const channelKinds = {
  'official-account': { account: OfficialAccount, create: createOfficialAccountChannel },
} as const;
