/**
 * A test send: the broadcast as one of the shop's own people would read it, marked as a test, outside audience, caps and holds. A message of
 * the staff like any other; its outcome comes back to the broadcast.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey, routes } from '../../../contracts/index.js';
import type {
  Address,
  ChannelName,
  Content,
  Message,
  NewDomainEvent,
  PersonFacts,
  TestSend,
} from '../../../contracts/index.js';
import type { Conversations, ConversationModels, ConversationRecord } from '../../../domain/conversations/index.js';
import { refuses } from '../../../domain/contact/index.js';
import { byAddress } from '../../../domain/customers/index.js';
import type { CustomerModels, IdentityRecord, Persons } from '../../../domain/customers/index.js';
import { fillIn } from '../../../domain/marketing/index.js';
import type { BroadcastRecord, Broadcasts } from '../../../domain/marketing/index.js';
import { RequestProblem, notFound } from '../../../errors.js';
import type { Acquaintance } from '../../../flow/acquaintance.js';
import type { Acting } from '../../../flow/act.js';
import type { Judging } from '../../../flow/judging.js';
import type { NewRow, Outbox } from '../../../flow/outbox.js';
import type { Actor } from '../../ports.js';
import { causeOf } from '../console/acting.js';

export interface TestSendParts {
  broadcasts: Pick<Broadcasts, 'get' | 'testSent'>;
  identities: CustomerModels['identities'];
  chats: Pick<ConversationModels, 'conversations'>;
  conversations: Pick<Conversations, 'queue'>;
  persons: Pick<Persons, 'of'>;
  acquaintance: Pick<Acquaintance, 'ofPersons'>;
  outbox: Pick<Outbox, 'add'>;
  judging: Pick<Judging, 'gather'>;
  timeZone: string;
  /** What the broadcast's voucher is called. */
  wordsOf(broadcast: BroadcastRecord): Promise<Readonly<Record<string, unknown>>>;
}

/** The mini-program keeps every message for its member; a chat may have fallen silent for too long. */
const surest: readonly ChannelName[] = ['mini-program', 'official-account', 'wechaty'];

const isOpen = ({ following, blocked }: IdentityRecord): boolean => following && !blocked;
const unreachable = (detail: string): RequestProblem => new RequestProblem(409, 'address.unreachable', detail);

const MARK = '【测试】';

export type SendTest = (
  tx: ClientSession,
  acting: Pick<Acting, 'rows'>,
  asked: TestSend & { id: string; at: Date },
  by: Actor,
) => Promise<NewDomainEvent[]>;

export function createTestSend(parts: TestSendParts): SendTest {
  return async (tx, acting, { id, at, ...asked }, by) => {
    const broadcast = await parts.broadcasts.get(id, tx);
    const identity = asked.to ? await knownAt(tx, asked.to) : await placeOf(tx, asked.customerId ?? '');
    const to = identity.address;
    await mustBear(tx, identity.customerId, broadcast.message);
    const person = await parts.persons.of(tx, identity.customerId);
    const facts = (await parts.acquaintance.ofPersons(tx, [person.id])).get(String(person.id));
    const message = testOf(broadcast.message, { facts, more: await parts.wordsOf(broadcast), ...parts }, to);
    const outboxId = `test-${String(new Types.ObjectId())}`;
    const thread = await threadOf(tx, to, { outboxId, message, at, by });
    const row: NewRow = {
      ...{ id: outboxId, to, customerId: identity.customerId, message, origin: 'staff', testOf: id },
      ...(thread ? { thread: thread.place } : {}),
      cause: causeOf(by),
    };
    acting.rows.push(await parts.outbox.add(tx, row));
    await parts.broadcasts.testSent(tx, id, { to, outboxId }, { staffId: by.staffId, at });
    return thread?.events ?? [];
  };

  /**
   * A test is the campaign's text all the same: not for minors, nor for those who refused it.
   * @throws 409 person.minor, consent.withdrawn
   */
  async function mustBear(tx: ClientSession, customerId: Types.ObjectId, message: Message): Promise<void> {
    const standing = (await parts.judging.gather(tx, [customerId], message)).get(String(customerId));
    if (standing?.minor)
      throw new RequestProblem(409, 'person.minor', 'This person is under 18: no campaign goes there.');
    if (standing && refuses(standing.consents, message.purpose)) {
      throw new RequestProblem(
        409,
        'consent.withdrawn',
        'This person refused such messages: no test goes there either.',
      );
    }
  }

  /** @throws 404 address.notFound, 409 address.unreachable */
  async function knownAt(tx: ClientSession, to: Address): Promise<IdentityRecord> {
    const found = await parts.identities.findOne(byAddress(to), null, { session: tx }).lean<IdentityRecord>();
    if (!found) throw notFound('address');
    if (isOpen(found)) return found;
    throw unreachable('This person does not follow the account: nothing can go there.');
  }

  /** Of all places of the person the surest, of those alike the latest. @throws 404 customer.notFound, 409 address.unreachable */
  async function placeOf(tx: ClientSession, customerId: string): Promise<IdentityRecord> {
    const { customerIds } = await parts.persons.of(tx, new Types.ObjectId(customerId));
    const all = await parts.identities
      .find({ customerId: { $in: customerIds } }, null, { session: tx })
      .sort({ _id: -1 })
      .lean<IdentityRecord[]>();
    const open = all.filter(isOpen);
    const found = surest.map((channel) => open.find(({ address }) => address.channel === channel)).find(Boolean);
    if (!found) throw unreachable('There is no account at which this person can be written to.');
    return found;
  }

  /** The conversation of the address, where there is one: the test stands in it. */
  async function threadOf(
    tx: ClientSession,
    to: Address,
    { outboxId, message, at, by }: { outboxId: string; message: Message; at: Date; by: Actor },
  ) {
    const found = await parts.chats.conversations
      .findOne({ addressKey: addressKey(to) }, { _id: 1 }, { session: tx })
      .lean<Pick<ConversationRecord, '_id'>>();
    const content = message.variants['customer-message'];
    if (!found || !content) return undefined;
    const author = { kind: 'staff' as const, id: by.staffId, name: by.name };
    const outgoing = { outboxId, author, content, at };
    const { seq, events } = await parts.conversations.queue(tx, found._id, outgoing, { quiet: true });
    return { place: { conversationId: found._id, seq }, events };
  }
}

interface Filling {
  facts: PersonFacts | undefined;
  more: Readonly<Record<string, unknown>>;
  timeZone: string;
}

/**
 * What the tester gets: the words in a chat message or, in the mini-program outside its window, in the member's messages, which show what is
 * owed and not what answers.
 */
export function testOf(message: Message, { facts, more, timeZone }: Filling, to: Address): Message {
  const filled = Object.entries(message.variants).map(([route, content]) => [
    route,
    fillIn(content, facts, more, timeZone),
  ]);
  const words = `${MARK}${wordsOf(Object.fromEntries(filled) as Message['variants'])}`;
  const text: Content = { type: 'text', text: words };
  const kept: Content = { type: 'notice', templateId: '', data: { text: words } };
  return to.channel === 'mini-program'
    ? { purpose: 'contract', variants: { 'customer-message': text, 'member-inbox': kept } }
    : { purpose: 'reply', variants: { 'customer-message': text, wechaty: text } };
}

/** Of several variants, which say the same, the one whose words are the fullest. */
function wordsOf(variants: Message['variants']): string {
  const said = routes.flatMap((route) => {
    const content = variants[route];
    return content ? [textIn(content)] : [];
  });
  return said.toSorted((a, b) => b.length - a.length)[0] ?? '';
}

function textIn(content: Content): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'notice':
    case 'template':
      return Object.values(content.data).join('\n');
    case 'link':
      return [content.title, content.description, content.url].filter(Boolean).join('\n');
    case 'menu':
      return [content.head, ...content.entries.map(({ text }) => text), content.tail].filter(Boolean).join('\n');
    case 'mini-program-card':
    case 'music':
      return content.title;
    case 'article':
      return `图文消息 ${content.articleId ?? content.materialId ?? ''}`.trim();
    case 'image':
      return '图片';
    case 'voice':
      return '语音';
    case 'video':
      return content.title ?? '视频';
    case 'file':
      return content.name;
    case 'location':
      return content.label ?? '位置';
    case 'coupon-card':
      return '卡券';
    case 'unknown':
      return content.platformType;
  }
}
