/**
 * Personal accounts run by wechaty, by any of its puppets: answers only, slowly, and only where the risk was accepted by name. start()
 * is for processes with the role `bot`; of these one at a time signs in, and only through that one anything is sent. Friend requests and
 * group invitations are left to a person. Knows no customers, strategies or database.
 * Read login.ts for who runs the bot, normalise.ts for the way in, send.ts for the way out; only library.ts knows wechaty.
 */
import { join } from 'node:path';
import type { CallResult, Channel, ChannelAccountHealth, ChannelPorts, Receive } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';
import type { OpenBot } from './bot.js';
import { createIntake } from './intake.js';
import type { Intake } from './intake.js';
import { createOpenBot } from './library.js';
import { defaultTiming } from './life.js';
import type { Timing } from './life.js';
import { createLogin } from './login.js';
import type { Login } from './login.js';
import { createPace } from './pace.js';
import { takeProfiles } from './profiles.js';
import { createSend, refused } from './send.js';
import type { Send } from './send.js';

export { WechatyAccount } from './account.js';

export interface WechatyOptions {
  /** Puppets keep contacts in clear: below this folder, so that they are erased with the rest. */
  dataDir: string;
  open?: OpenBot;
  timing?: Partial<Timing>;
  random?: () => number;
}

interface Parts {
  intake: Intake;
  login: Login;
  send: Send;
}

const unknownAccount = { ok: false as const, reason: 'account.unknown' };

/** `accounts` have distinct ids. */
export function createWechatyChannel(
  accounts: readonly WechatyAccount[],
  ports: ChannelPorts,
  options: WechatyOptions,
): Channel {
  let receive: Receive | undefined;
  const parts = new Map(
    accounts.map((account) => [account.id, partsOf(account, ports, options, () => receive)] as const),
  );
  const all = [...parts.values()];
  return {
    name: 'wechaty',
    accounts: [...parts.keys()],
    capabilities: {
      routes: ['wechaty'],
      idempotentRoutes: [],
      bots: () => Promise.all(all.map(({ login }) => login.state())),
      profiles: async (id, users) =>
        parts.has(id) ? { ok: true, value: await takeProfiles(ports.store, id, users) } : unknownAccount,
      fetchMedia: async (id, messageId) => fetchMedia(parts.get(id)?.login, messageId),
    },
    start: (given) => {
      receive = given;
      for (const { login } of all) login.start();
      return Promise.resolve();
    },
    stop: async () => {
      await Promise.all(all.map(({ login }) => login.stop()));
      await Promise.all(all.map(({ intake }) => intake.idle()));
      receive = undefined;
    },
    send: async (message, signal) => {
      const account = message.to.channel === 'wechaty' ? parts.get(message.to.account) : undefined;
      return account ? account.send(message, signal) : refused('account.unknown', 'account');
    },
    health: () => [...parts].map(([id, { login }]) => healthOf(id, login)),
  };
}

function partsOf(
  account: WechatyAccount,
  ports: ChannelPorts,
  { dataDir, open = createOpenBot(ports.log), timing, random = Math.random }: WechatyOptions,
  receive: () => Receive | undefined,
): Parts {
  const intake = createIntake(account, ports, receive);
  const login = createLogin({
    account,
    ports,
    open,
    home: join(dataDir, 'wechaty', account.id),
    timing: { ...defaultTiming, ...timing },
    random,
    onMessage: intake.take,
  });
  const pace = createPace(account.limits.delaySeconds, () => performance.now(), random);
  return { intake, login, send: createSend({ account, ports, login, pace }) };
}

async function fetchMedia(
  login: Login | undefined,
  messageId: string,
): Promise<CallResult<{ bytes: Buffer; mimeType: string }>> {
  if (!login) return unknownAccount;
  const held = login.current();
  if (!held) return { ok: false, reason: 'bot.elsewhere', retryAfterMs: 10_000 };
  try {
    const file = await held.bot.fileOf(messageId);
    return file ? { ok: true, value: file } : { ok: false, reason: 'content.mediaMissing' };
  } catch (error) {
    return { ok: false, reason: 'bot.noAnswer', detail: error instanceof Error ? error.message : '' };
  }
}

/** Waiting for somebody to scan is no failure of the server: a screen asks for it. */
function healthOf(account: string, login: Login): ChannelAccountHealth {
  const { state, since, reason } = login.here();
  if (state === 'online') return { account, state: 'ok', since };
  if (reason === 'bot.unreachable' || reason === 'bot.silent') return { account, state: 'failing', reason, since };
  return { account, state: 'unknown' };
}
