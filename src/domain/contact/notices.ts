/**
 * The one-time notices each person asked for, in the database: what the mini-program reports and what the platform pushes become grants, a
 * send takes one. Writes in the caller's transaction; two changes for one person and template conflict on their document. Sends nothing.
 */
import { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address } from '../../contracts/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { emptyBook, exhaust, leftIn, note, refuse, returnGrant, takeGrant } from './notices-book.js';
import type { NoticeBook, Teller } from './notices-book.js';
import type { NoticeRecord } from './notices-model.js';

/** What the client's call told, template by template: `accept`, `acceptWithAudio`, `reject`, `ban`, `filter` … */
export interface NoticeReport {
  reportId: string;
  at: Date;
  answers: ReadonlyArray<{ templateId: string; answer: string }>;
}

/** What the platform pushed. `key` is the inbound event's. */
export interface NoticePush {
  key: string;
  at: Date;
  where: 'popup' | 'settings';
  answers: ReadonlyArray<{ templateId: string; accepted: boolean }>;
}

/** `granted` and `refused` name templates; `repeated` when all of it had been told before by the same teller. */
export interface NoticesTold {
  granted: string[];
  refused: string[];
  repeated: boolean;
}

export type NoticeTaken = { ok: true; grantId: string } | { ok: false; reason: 'notice.notGranted' };

/** How many notices of this template this person may still get; pairs with none are left out. */
export interface NoticesLeft {
  address: string;
  templateId: string;
  left: number;
}

export type NoticeLedger = ReturnType<typeof createNoticeLedger>;

/** No blank is left in a template's id, nor in a grant's, so that what stands before the last one is the rest. */
const noticeKey = (address: Address, templateId: string): string =>
  `${addressKey(address)} ${templateId.replaceAll('%', '%25').replaceAll(' ', '%20')}`;

/** Every kind of acceptance is one: with sound, with an alert, by force push. */
const isAcceptance = (answer: string): boolean => answer.startsWith('accept');

const settable = ({ answers, grants, refusedAt }: NoticeBook) => ({
  answers,
  grants,
  ...(refusedAt ? { refusedAt } : {}),
});

export function createNoticeLedger(notices: Model<NoticeRecord>) {
  const read = (tx: ClientSession | null, _id: string) =>
    notices.findById(_id, null, { session: tx }).lean<NoticeRecord>();

  async function change(tx: ClientSession, _id: string, book: NoticeBook): Promise<void> {
    await notices.updateOne({ _id }, { $set: settable(book) }, { session: tx });
  }

  /** As `change`, for the first word about a template too. */
  async function write(tx: ClientSession, address: Address, templateId: string, book: NoticeBook): Promise<void> {
    const $setOnInsert = { address: addressKey(address), templateId };
    const _id = noticeKey(address, templateId);
    await notices.updateOne({ _id }, { $set: settable(book), $setOnInsert }, { session: tx, upsert: true });
  }

  interface Answer {
    templateId: string;
    accepted: boolean;
  }
  interface Telling {
    by: Teller;
    key: string;
    at: Date;
    answers: readonly Answer[];
  }
  async function tell(tx: ClientSession, address: Address, { by, key, at, answers }: Telling): Promise<NoticesTold> {
    const told: NoticesTold = { granted: [], refused: [], repeated: true };
    for (const { templateId, accepted } of oncePerTemplate(answers)) {
      const before = (await read(tx, noticeKey(address, templateId))) ?? emptyBook();
      const { book, granted, repeated } = note(before, { by, key, at, accepted }, new Types.ObjectId().toHexString());
      if (repeated) continue;
      await write(tx, address, templateId, book);
      told.repeated = false;
      if (granted) told.granted.push(templateId);
      if (!accepted) told.refused.push(templateId);
    }
    return told;
  }

  /** The mini-program's report of one tap. A repeat, or a report of a tap the platform has told of, grants nothing. */
  const report = (tx: ClientSession, address: Address, { reportId, at, answers }: NoticeReport): Promise<NoticesTold> =>
    tell(tx, address, {
      by: 'report',
      key: reportId,
      at,
      answers: answers.map(({ templateId, answer }) => ({ templateId, accepted: isAcceptance(answer) })),
    });

  /** What the platform pushed: a tap like any other, or refusals in its settings, which end what is left. */
  async function pushed(tx: ClientSession, address: Address, push: NoticePush): Promise<NoticesTold> {
    if (push.where === 'popup') return tell(tx, address, { by: 'push', ...push });
    const refused = push.answers.filter(({ accepted }) => !accepted).map(({ templateId }) => templateId);
    const told: NoticesTold = { granted: [], refused: [], repeated: true };
    for (const templateId of new Set(refused)) {
      const before = (await read(tx, noticeKey(address, templateId))) ?? emptyBook();
      if (before.refusedAt && before.refusedAt.getTime() >= push.at.getTime()) continue;
      await write(tx, address, templateId, refuse(before, push.at));
      told.repeated = false;
      told.refused.push(templateId);
    }
    return told;
  }

  /** Uses one grant for a send. `grantId` gives it back while the send surely has not happened. */
  async function take(tx: ClientSession, address: Address, templateId: string, now: Date): Promise<NoticeTaken> {
    const _id = noticeKey(address, templateId);
    const book = await read(tx, _id);
    const taken = book ? takeGrant(book, now) : undefined;
    if (!taken) return { ok: false, reason: 'notice.notGranted' };
    await change(tx, _id, taken.book);
    return { ok: true, grantId: `${_id} ${taken.grantId}` };
  }

  async function giveBack(tx: ClientSession, grantId: string): Promise<void> {
    const split = grantId.lastIndexOf(' ');
    const _id = grantId.slice(0, split);
    const book = await read(tx, _id);
    if (book) await change(tx, _id, returnGrant(book, grantId.slice(split + 1)));
  }

  /** The platform refused although a grant was left (43101): others spent it, or the person took it back. */
  async function exhaustOf(tx: ClientSession, address: Address, templateId: string): Promise<void> {
    const _id = noticeKey(address, templateId);
    const book = await read(tx, _id);
    if (book) await change(tx, _id, exhaust(book));
  }

  async function leftOf(
    addresses: readonly Address[],
    templateIds: readonly string[],
    tx: ClientSession | null = null,
  ): Promise<NoticesLeft[]> {
    const keys = addresses.flatMap((address) => templateIds.map((templateId) => noticeKey(address, templateId)));
    const found = await notices
      .find({ _id: { $in: keys } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<NoticeRecord[]>();
    return found.flatMap((record) => {
      const left = leftIn(record);
      return left > 0 ? [{ address: record.address, templateId: record.templateId, left }] : [];
    });
  }

  const left = async (address: Address, templateId: string): Promise<number> =>
    (await leftOf([address], [templateId]))[0]?.left ?? 0;

  /** Everything about these people's notices goes, as when they are erased. */
  async function forget(tx: ClientSession, addresses: readonly Address[]): Promise<void> {
    await notices.deleteMany({ address: { $in: addresses.map(addressKey) } }, { session: tx });
  }

  return { report, pushed, take, giveBack, exhaust: exhaustOf, left, leftOf, forget };
}

/** One telling has one answer for a template; of contradicting ones an acceptance counts. */
function oncePerTemplate<T extends { templateId: string; accepted: boolean }>(answers: readonly T[]): T[] {
  const sorted = [...answers].sort((a, b) => Number(a.accepted) - Number(b.accepted));
  return [...new Map(sorted.map((answer) => [answer.templateId, answer])).values()];
}
