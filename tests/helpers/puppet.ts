/**
 * A puppet service on loopback, as a shop would rent one: the real gRPC server of wechaty-puppet-service around wechaty's mock of a phone.
 * It can be stopped and started again on its port, as a service that goes away and comes back.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { FileBox } from 'file-box';
import { payloads, types } from 'wechaty-puppet';
import { mock, PuppetMock } from 'wechaty-puppet-mock';
import { PuppetServer } from 'wechaty-puppet-service';

/** The types of wechaty-puppet-mock lose the event emitters' methods; this is what is used of them. */
export interface Phone {
  id: string;
  say(what: unknown, mentions?: Phone[]): { to(conversation: Phone | Group): void };
}
export interface Group {
  id: string;
}

/** What the account said, as the platform got it. */
export interface Said {
  to: string;
  text?: string;
  file?: { name: string; bytes: Buffer };
  mentions: string[];
}

/** The mock knows one answer for links, places, cards and mini-programs; a friend request accepted would stay unseen. */
class TestPuppet extends PuppetMock {
  readonly accepted: string[] = [];
  readonly said: Said[] = [];
  starts = 0;
  /** Set: sending fails with this. */
  failing: Error | undefined;

  override async onStart(): Promise<void> {
    this.starts++;
    await super.onStart();
  }

  override async friendshipAccept(id: string): Promise<void> {
    this.accepted.push(id);
  }

  override async friendshipRawPayload(id: string): Promise<unknown> {
    return {
      id,
      contactId: 'stranger',
      type: types.Friendship.Receive,
      hello: 'hi',
      timestamp: Date.now(),
      ticket: 't',
    };
  }

  override async messageContact(): Promise<string> {
    return [...this.mocker.cacheContactPayload.keys()][1] ?? '';
  }

  override async messageUrl(): Promise<payloads.UrlLink> {
    return {
      title: '春装',
      description: '到店',
      url: 'https://shop.example/1',
      thumbnailUrl: 'https://shop.example/1.png',
    };
  }

  override async messageMiniProgram(): Promise<payloads.MiniProgram> {
    return { title: '会员中心', appid: 'wx1', pagePath: 'pages/me' };
  }

  override async messageSendText(to: string, text: string, mentions: string[] = []): Promise<void> {
    if (this.failing) throw this.failing;
    this.said.push({ to, text, mentions });
    return super.messageSendText(to, text);
  }

  override async messageSendFile(to: string, file: Parameters<PuppetMock['messageSendFile']>[1]): Promise<void> {
    if (this.failing) throw this.failing;
    this.said.push({ to, file: { name: file.name, bytes: await file.toBuffer() }, mentions: [] });
  }
}

export interface PuppetHost {
  /** For the account's configuration. */
  puppetOptions: Record<string, unknown>;
  puppet: TestPuppet;
  /** The account itself; `login` signs it in, once a client started the puppet. */
  self: Phone;
  login(): void;
  scan(qrcode: string): void;
  logout(): Promise<void>;
  person(name: string, more?: { type?: number; id?: string }): Phone;
  group(topic: string, members: Phone[]): Group;
  /** A message of a kind that `say` does not make. Returns its id. */
  send(
    type: keyof typeof types.Message,
    from: Phone,
    more?: { text?: string; timestamp?: number; id?: string; file?: { name: string; bytes: Buffer } },
  ): string;
  file(name: string, bytes: Buffer): unknown;
  start(): Promise<void>;
  kill(): Promise<void>;
}

const boxOf = (name: string, bytes: Buffer) => FileBox.fromBase64(bytes.toString('base64'), name);

export async function startPuppetHost(): Promise<PuppetHost> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const token = 'insecure_test';
  const mocker = new mock.Mocker();
  const puppet = new TestPuppet({ mocker });
  // Nobody else listens to the errors of the hosted puppet.
  (puppet as unknown as NodeJS.EventEmitter).on('error', () => undefined);
  const phone = (contact: unknown): Phone => contact as Phone;
  const self = phone(mocker.createContact({ name: '店长助手' }));
  let server: PuppetServer | undefined;
  let count = 0;
  const host: PuppetHost = {
    puppetOptions: { endpoint, token, tls: { disable: true } },
    puppet,
    self,
    login: () => mocker.login(self as never),
    scan: (qrcode) => puppet.emit('scan', { qrcode, status: types.ScanStatus.Waiting }),
    logout: () => puppet.logout('test'),
    person: (name, more = {}) => phone(mocker.createContact({ name, ...more } as never)),
    group: (topic, members) =>
      mocker.createRoom({ topic, memberIdList: [self, ...members].map(({ id }) => id) } as never) as unknown as Group,
    send: (type, from, { text = '', timestamp = Date.now(), id = `message-${++count}-${type}`, file } = {}) => {
      const payload = { id, type: types.Message[type], talkerId: from.id, listenerId: self.id, text, timestamp };
      mocker.cacheMessagePayload.set(id, payload as never);
      if (file) mocker.cacheFileBoxPayload.set(id, boxOf(file.name, file.bytes).toJSON() as never);
      puppet.emit('message', { messageId: id });
      return id;
    },
    file: boxOf,
    start: async () => {
      server = new PuppetServer({ endpoint, puppet, token, tls: { disable: true } });
      await server.start();
    },
    kill: async () => {
      const old = server;
      server = undefined;
      await old?.stop();
    },
  };
  await host.start();
  return host;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
