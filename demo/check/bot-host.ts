/**
 * A puppet service on loopback, as a shop would rent one for a personal account: wechaty's own server around its mock of a phone. Knows who said
 * what to the account, and what the account answered.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Somebody who writes to the account. */
export interface Contact {
  id: string;
  say(text: string): { to(other: unknown): void };
}

export interface BotHost {
  /** As the configuration has it. */
  account: Record<string, unknown>;
  /** Scans and confirms, once the server has begun. */
  login(): void;
  started(): boolean;
  contact(name: string): Contact;
  say(from: Contact, text: string): void;
  answersTo(contact: Contact): string[];
  stop(): Promise<void>;
}

export const BOT_ID = 'assistant';

export async function startBotHost(): Promise<BotHost> {
  // Loaded here: only the step that needs them pays for them.
  const [{ mock, PuppetMock }, { PuppetServer }, { log }] = await Promise.all([
    import('wechaty-puppet-mock'),
    import('wechaty-puppet-service'),
    import('wechaty-puppet'),
  ]);
  log.level('error');
  const said: Array<{ to: string; text: string }> = [];
  let starts = 0;
  class Phone extends PuppetMock {
    override async onStart(): Promise<void> {
      starts += 1;
      await super.onStart();
    }
    override async messageSendText(to: string, text: string): Promise<void> {
      said.push({ to, text });
      return super.messageSendText(to, text);
    }
  }
  const endpoint = `127.0.0.1:${String(await freePort())}`;
  const token = 'insecure_check';
  const mocker = new mock.Mocker();
  const puppet = new Phone({ mocker });
  // Nobody else listens to the errors of the hosted puppet.
  (puppet as unknown as NodeJS.EventEmitter).on('error', () => undefined);
  const self = mocker.createContact({ name: '店长助手' });
  const server = new PuppetServer({ endpoint, puppet, token, tls: { disable: true } });
  await server.start();
  return {
    account: {
      ...{ id: BOT_ID, puppet: 'service', puppetOptions: { endpoint, token, tls: { disable: true } } },
      risk: { acceptedBy: '检查程序', acceptedAt: '2026-11-01' },
      limits: { delaySeconds: [0, 0] },
    },
    login: () => mocker.login(self as never),
    started: () => starts > 0,
    contact: (name) => mocker.createContact({ name }) as unknown as Contact,
    say: (from, text) => from.say(text).to(self),
    answersTo: ({ id }) => said.filter(({ to }) => to === id).map(({ text }) => text),
    stop: () => server.stop(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
