/**
 * What came in, in words of no platform; or why it is nobody's question to the shop. Files are copied at once, because only the signed-in
 * puppet can hand them out and soon forgets them; one that cannot be had yet keeps the message's id to ask again.
 */
import { safeFileName } from '../../contracts/index.js';
import type { Content, InboundEvent, MediaPort, MediaRef } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';
import type { BotMessage } from './bot.js';
import { within } from './within.js';
import { writeUser } from './user.js';

export type Ignored = 'self' | 'history' | 'notAPerson' | 'room' | 'notMentioned' | 'recalled';

export interface NormaliseParts {
  account: Pick<WechatyAccount, 'id' | 'rooms'>;
  media: Pick<MediaPort, 'add'>;
  /** Messages from before are what the account tells again after signing in. */
  since: Date;
}

const channel = 'wechaty';
const FILE_MS = 20_000;

export async function normalise(
  message: BotMessage,
  { account, media, since }: NormaliseParts,
): Promise<InboundEvent | Ignored> {
  const ignored = await whyIgnored(message, account, since);
  if (ignored) return ignored;
  const { room, talker } = message;
  const user = writeUser({ contactId: talker.id, ...(room ? { roomId: room.id } : {}) });
  const content = await contentOf(message, media);
  return {
    key: message.id,
    from: { channel, account: account.id, user },
    at: message.at,
    body: { kind: 'message', content, platformMessageId: message.id },
    raw: message.raw,
  };
}

async function whyIgnored(
  message: BotMessage,
  { rooms }: Pick<WechatyAccount, 'rooms'>,
  since: Date,
): Promise<Ignored | undefined> {
  const { self, talker, room, type, at } = message;
  if (self) return 'self';
  if (at < since) return 'history';
  if (talker.kind !== 'person') return 'notAPerson';
  if (type === 'Recalled') return 'recalled';
  if (!room) return undefined;
  if (!rooms.includes(room.id) && !rooms.includes(room.topic)) return 'room';
  return (await message.mentioned()) ? undefined : 'notMentioned';
}

async function contentOf(message: BotMessage, media: NormaliseParts['media']): Promise<Content> {
  const fallback: Content = { type: 'unknown', platformType: message.type };
  switch (message.type) {
    case 'Text':
      return { type: 'text', text: message.room ? await message.textAlone() : message.text };
    case 'Image':
    case 'Emoticon':
      return { type: 'image', media: (await copied(message, media)).media };
    case 'Audio':
      return { type: 'voice', media: (await copied(message, media)).media };
    case 'Video':
      return { type: 'video', media: (await copied(message, media)).media };
    case 'Url':
      return told(linkOf(message), fallback);
    case 'Location':
      return told(
        message.location().then((place) => ({ type: 'location', ...place })),
        fallback,
      );
    case 'MiniProgram':
      return told(
        message.miniProgram().then((card) => ({ type: 'mini-program-card', ...card })),
        fallback,
      );
    case 'Contact':
      return { type: 'unknown', platformType: `Contact: ${await message.cardName().catch(() => '?')}` };
    case 'Attachment':
      return fileContent(message, media);
    case 'Unknown':
    case 'ChatHistory':
    case 'GroupNote':
    case 'Transfer':
    case 'RedEnvelope':
    case 'Recalled':
    case 'Post':
      return fallback;
  }
}

/** What the puppet cannot tell of this message must not lose the message. */
const told = (asked: Promise<Content>, fallback: Content): Promise<Content> => asked.catch(() => fallback);

async function linkOf(message: BotMessage): Promise<Content> {
  const { pictureUrl, ...link } = await message.link();
  return { type: 'link', ...link, ...(pictureUrl ? { pictureUrl } : {}) };
}

/** The text of such a message is the name, until the file itself tells it. */
async function fileContent(message: BotMessage, store: NormaliseParts['media']): Promise<Content> {
  const { media, file } = await copied(message, store);
  const name = safeFileName(file?.name || message.text);
  return { type: 'file', media, name, ...(file ? { size: file.size } : {}) };
}

interface Copied {
  media: MediaRef;
  /** Absent while the puppet did not hand the file out. */
  file?: { name: string; size: number };
}

async function copied(message: BotMessage, media: NormaliseParts['media']): Promise<Copied> {
  const platformId = message.id;
  try {
    const { name, bytes, mimeType } = await within(FILE_MS, message.file(), 'the puppet did not hand out the file');
    const { id } = await media.add(bytes, mimeType);
    return { media: { id, platformId }, file: { name, size: bytes.length } };
  } catch {
    // Not lost: whoever shows the message asks `fetchMedia` again by this id.
    return { media: { platformId } };
  }
}
