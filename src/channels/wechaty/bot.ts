/** What this channel asks of a bot, in plain records: so that only library.ts knows wechaty, and nothing loads it before an account runs. */

export const messageTypes = [
  'Unknown',
  'Attachment',
  'Audio',
  'Contact',
  'ChatHistory',
  'Emoticon',
  'Image',
  'Text',
  'Location',
  'MiniProgram',
  'GroupNote',
  'Transfer',
  'RedEnvelope',
  'Recalled',
  'Url',
  'Video',
  'Post',
] as const;
export type MessageType = (typeof messageTypes)[number];

export interface BotFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

export interface BotMessage {
  id: string;
  type: MessageType;
  at: Date;
  text: string;
  /** Sent by the account itself, here or on the phone. */
  self: boolean;
  talker: { id: string; name: string; kind: 'person' | 'other' };
  room?: { id: string; topic: string };
  /** The account is mentioned by name; `@all` does not count. */
  mentioned(): Promise<boolean>;
  /** The text without the mentions. */
  textAlone(): Promise<string>;
  file(): Promise<BotFile>;
  link(): Promise<{ title: string; description: string; url: string; pictureUrl: string }>;
  location(): Promise<{ latitude: number; longitude: number; label: string }>;
  miniProgram(): Promise<{ title: string; appId: string; pagePath: string }>;
  /** The name on a shared contact card. */
  cardName(): Promise<string>;
  raw: string;
}

export interface BotEvents {
  /** What a phone has to scan; not an image. */
  scan(qrcode: string): void;
  login(name: string): void;
  logout(reason: string): void;
  message(message: BotMessage): void;
  /** Something went wrong inside; the bot may go on. */
  error(error: unknown): void;
  /** Any sign of life. */
  alive(): void;
}

export type BotSendable = { text: string } | { file: BotFile };

export interface Bot {
  /** Rejects when the puppet cannot be started. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Asks for a sign of life. */
  ding(): void;
  /** The message's id where the puppet tells it. `absent`: no such contact or group, nothing was sent. Rejects when it is unknown whether it was. */
  say(to: { contactId: string; roomId?: string }, what: BotSendable): Promise<{ id?: string } | 'absent'>;
  /** The file of a message that came in. */
  fileOf(messageId: string): Promise<BotFile | undefined>;
}

export interface BotOptions {
  id: string;
  puppet: string;
  puppetOptions: Readonly<Record<string, unknown>>;
  /** A folder for all that the puppet keeps, in clear. */
  home: string;
}

/** Makes a bot that is not started yet. Rejects when the puppet is not installed or refuses its options. */
export type OpenBot = (options: BotOptions, events: BotEvents) => Promise<Bot>;
