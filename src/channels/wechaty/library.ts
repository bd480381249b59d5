/**
 * The only file that knows wechaty: makes a bot and turns its messages into plain records. wechaty is loaded here, on the first bot, and
 * nowhere else: it costs a second and some 50 MB, which a process without a bot must not pay.
 */
import type { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Message, Wechaty } from 'wechaty';
import type { Puppet } from 'wechaty-puppet';
import { MAX_FILE_BYTES } from '../../contracts/index.js';
import type { ChannelLog } from '../../contracts/index.js';
import { messageTypes } from './bot.js';
import { within } from './within.js';
import type { Bot, BotEvents, BotFile, BotMessage, BotOptions, BotSendable, OpenBot } from './bot.js';

/** The part of FileBox that is used; wechaty's own type says more. */
interface FileBoxLike {
  name: string;
  mediaType: string;
  toStream(): Promise<Readable>;
}

const LOAD_MS = 20_000;

/** Senders that are no people: WeChat's own, and official accounts that push their articles. */
const platformIds = new Set([
  'weixin',
  'fmessage',
  'filehelper',
  'medianote',
  'newsapp',
  'notifymessage',
  'floatbottle',
]);

export function createOpenBot(log: ChannelLog): OpenBot {
  return async (options, events) => {
    const { WechatyBuilder, log: wechatyLog } = await import('wechaty');
    wechatyLog.level('warn');
    wechatyLog.enableLogging((title: string, text = '') =>
      log.warn({ account: options.id, title, text }, 'wechaty says'),
    );
    await mkdir(options.home, { recursive: true, mode: 0o700 });
    const puppet = await makePuppet(options);
    const name = join(options.home, 'login');
    const bot = WechatyBuilder.build({ name, puppet: puppet as never }) as Wechaty;
    listen(bot, puppet, events);
    return botOf(bot, puppet);
  };
}

type PuppetClass = new (options: Record<string, unknown>) => Puppet;

async function makePuppet({ puppet: name, puppetOptions, home }: BotOptions): Promise<Puppet> {
  let found: unknown = await import(name);
  // A package of CommonJS holds its default within the default.
  while (found && typeof found !== 'function') found = (found as { default?: unknown }).default;
  if (typeof found !== 'function') throw new Error(`${name} exports no puppet`);
  const Puppet = found as PuppetClass;
  return withHome(home, () => new Puppet({ ...puppetOptions }));
}

/**
 * Puppets keep contacts in clear below the home folder, which they look up when they are made: that shall be the one inside our data
 * folder. Nothing else runs meanwhile, since this does not wait for anything.
 */
function withHome<T>(home: string, make: () => T): T {
  const before = { HOME: process.env['HOME'], homedir: os.homedir };
  process.env['HOME'] = home;
  os.homedir = () => home;
  try {
    return make();
  } finally {
    os.homedir = before.homedir;
    if (before.HOME === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before.HOME;
  }
}

/** wechaty's events are typed through a CommonJS package, whose types are lost in a module; the names and arguments are those of its documentation. */
function listen(bot: Wechaty, puppet: Puppet, events: BotEvents): void {
  const emitter = bot as unknown as EventEmitter;
  emitter.on('scan', (qrcode: string) => qrcode && events.scan(qrcode));
  emitter.on('login', (self: { name(): string }) => events.login(self.name()));
  emitter.on('logout', (_self: unknown, reason?: string) => events.logout(reason ?? ''));
  inOrder(bot, puppet, events);
  emitter.on('error', (error: unknown) => events.error(error));
  for (const sign of ['heartbeat', 'dong', 'message', 'scan', 'login']) {
    (puppet as unknown as EventEmitter).on(sign, () => events.alive());
  }
}

/**
 * wechaty loads each message and its sender before it tells of it, so that one may overtake another. The puppet tells in order: they are
 * loaded one after the other here.
 */
function inOrder(bot: Wechaty, puppet: Puppet, events: BotEvents): void {
  let before: Promise<void> = Promise.resolve();
  const load = async (id: string): Promise<void> => {
    try {
      const message = await within(LOAD_MS, bot.Message.find({ id }), 'the puppet does not tell a message');
      if (message) events.message(plain(message, puppet));
    } catch (error) {
      events.error(error);
    }
  };
  (puppet as unknown as EventEmitter).on('message', ({ messageId }: { messageId: string }) => {
    before = before.then(() => load(messageId));
  });
}

function botOf(bot: Wechaty, puppet: Puppet): Bot {
  return {
    start: async () => {
      // wechaty tells a failed start as an event and resolves all the same.
      let failure: unknown;
      const note = (error: unknown): void => void (failure ??= error);
      const emitter = bot as unknown as EventEmitter;
      emitter.on('error', note);
      await bot.start();
      emitter.off('error', note);
      if (puppet.state.active() !== true) throw failure ?? new Error('the puppet did not start');
    },
    stop: () => bot.stop(),
    ding: () => puppet.ding('alive'),
    say: (to, what) => say(bot, puppet, to, what),
    fileOf: async (messageId) => {
      const message = await bot.Message.find({ id: messageId });
      return message && fileOf(await message.toFileBox());
    },
  };
}

async function say(
  bot: Wechaty,
  puppet: Puppet,
  { contactId, roomId }: { contactId: string; roomId?: string },
  what: BotSendable,
): Promise<{ id?: string } | 'absent'> {
  const contact = await bot.Contact.find({ id: contactId }).catch(() => undefined);
  const room = roomId === undefined ? undefined : await bot.Room.find({ id: roomId }).catch(() => undefined);
  if (!contact || (roomId !== undefined && !room)) return 'absent';
  const sendTo = room?.id ?? contact.id;
  const id =
    'text' in what
      ? await (room
          ? puppet.messageSendText(sendTo, await addressed(room, contact, what.text), [contact.id])
          : puppet.messageSendText(sendTo, what.text))
      : await puppet.messageSendFile(sendTo, (await box(what.file)) as never);
  return id ? { id } : {};
}

/** As WeChat writes a mention: the name in the group, then U+2005. */
async function addressed(
  room: { alias(contact: never): Promise<string | undefined> },
  contact: { name(): string },
  text: string,
): Promise<string> {
  const name = (await room.alias(contact as never).catch(() => undefined)) || contact.name();
  return `@${name}\u2005${text}`;
}

async function box({ bytes, name }: BotFile): Promise<unknown> {
  const { FileBox } = await import('file-box');
  return FileBox.fromBuffer(bytes, name);
}

function plain(message: Message, puppet: Puppet): BotMessage {
  const talker = message.talker();
  const room = message.room();
  return {
    id: message.id,
    type: messageTypes[message.type()] ?? 'Unknown',
    at: message.date(),
    text: message.text(),
    self: message.self(),
    talker: { id: talker.id, name: talker.name(), kind: isPerson(talker) ? 'person' : 'other' },
    ...(room ? { room: { id: room.id, topic: room.payload?.topic ?? '' } } : {}),
    mentioned: () => message.mentionSelf(),
    textAlone: () => message.mentionText(),
    file: async () => fileOf(await message.toFileBox()),
    link: async () => {
      const link = await message.toUrlLink();
      return {
        title: link.title(),
        description: link.description() ?? '',
        url: link.url(),
        pictureUrl: link.thumbnailUrl() ?? '',
      };
    },
    // Asked of the puppet itself: wechaty 1.20 makes a Location of its own in a way that it then refuses.
    location: async () => {
      const { latitude, longitude, name, address } = placeOf(await puppet.messageLocation(message.id));
      return { latitude, longitude, label: name || address };
    },
    miniProgram: async () => {
      const { title, appid, pagePath } = (await message.toMiniProgram()).payload;
      return { title: title ?? '', appId: appid ?? '', pagePath: pagePath ?? '' };
    },
    cardName: async () => (await message.toContact()).name(),
    raw: JSON.stringify(message.payload ?? { id: message.id }),
  };
}

type Place = Awaited<ReturnType<Puppet['messageLocation']>>;

/**
 * wechaty-puppet-service 1.19 spreads the answer of its server instead of reading it: the values stay in the one list that such an answer
 * holds (accuracy, address, latitude, longitude, name), beside zeros of its own.
 */
function placeOf(told: Place): Place {
  const fields = Object.values(told).find((value): value is unknown[] => Array.isArray(value));
  if (!fields) return told;
  const [, address, latitude, longitude, name] = fields;
  if (typeof latitude !== 'number' || typeof longitude !== 'number')
    throw new Error('the puppet does not tell the place');
  return { accuracy: 0, latitude, longitude, name: textOf(name), address: textOf(address) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Individual is 1 in wechaty's list of kinds; some puppets leave it out, and people of WeCom are of another kind. */
function isPerson(talker: { id: string; type(): number }): boolean {
  const officialAccount = 2;
  return !platformIds.has(talker.id) && talker.type() !== officialAccount;
}

async function fileOf(fileBox: unknown): Promise<BotFile> {
  const file = fileBox as FileBoxLike;
  return { name: file.name, mimeType: file.mediaType, bytes: await readUpTo(MAX_FILE_BYTES, await file.toStream()) };
}

/** Stops as soon as it is too much: people send files of a gigabyte, which our store does not take and the memory must not hold. */
async function readUpTo(maxBytes: number, stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the file has more than ${maxBytes} bytes`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
