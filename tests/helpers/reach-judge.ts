/**
 * What became of everybody, by the platform's phones and calls on one side and our books on the other. Every expectation of reaching many
 * people stands here; gives the figures.
 */
import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AudienceRecord } from '../../src/domain/marketing/index.js';
import type { OutboxRecord } from '../../src/flow/models.js';
import type { ReachStage } from './reach-stage.js';

/** What the test did. */
export interface Told {
  broadcasts: string[];
  /** Answers of the staff that the server took. */
  replies: Array<{ user: string; text: string }>;
  /** How often each person wrote. */
  said: Map<string, number>;
  /** What the keyword answers. */
  answer: string;
  /** Ordered failures after which nobody knows whether the call had its effect. */
  ambiguousFaults: number;
  kills: number;
  /** Rows that a kill may have caught in `sending`. */
  caught: Set<string>;
  /** When the last wave began, business time in ms. */
  waveAt: number;
}

interface Received {
  at: number;
  text: string;
  route: string;
}
type Phones = Map<string, Received[]>;

/** Refusals for quota: nothing left of the window, none open, no mass send left, no grant. */
const QUOTA = new Set([45047, 45015, 45028, 43101]);
const SENDS = ['/cgi-bin/message/subscribe/send', '/cgi-bin/message/custom/send', '/cgi-bin/message/mass/send'];
const CALLS_KEPT = 50_000;
/** The platform answers a mass send first and delivers it a moment later; the last one may have gone just now. */
const MASS_DELIVERED_MS = 2_000;
const DAY_MS = 86_400_000;
const CAPS = [
  { days: 1, most: 1 },
  { days: 7, most: 3 },
];

export async function judgeReach(stage: ReachStage, told: Told) {
  await sleep(MASS_DELIVERED_MS);
  const phones = await phonesOf(stage);
  const outbox = await stage.app.domain.models.flow.outbox.find().lean<OutboxRecord[]>();
  const audience = await stage.app.domain.models.campaigns.audience.find().lean<AudienceRecord[]>();
  const calls = await refusalsFor(stage);
  expect(copies(phones, told)).toEqual([]);
  const states = await oneStateEach(stage, told, audience);
  asOnPhones(outbox, audience, phones);
  await massesArrived(stage, audience, phones);
  const most = capsKept(outbox, phones);
  const unknowns = await unknownsExplained(stage, told, outbox);
  for (const { user, text } of told.replies) {
    const row = outbox.find((one) => isReply(one, text));
    const count = phones.get(user)?.filter((one) => one.text === text).length;
    if (row?.state !== 'unknown') expect([user, text, count]).toEqual([user, text, 1]);
  }
  const onPhones = [...phones.values()].reduce((sum, { length }) => sum + length, 0);
  const inboxes = outbox.filter((row) => row.route === 'member-inbox' && row.state === 'sent').length;
  return { sends: onPhones + inboxes, onPhones, inboxes, replies: told.replies.length, calls, states, most, unknowns };
}

const isReply = ({ variants }: OutboxRecord, text: string): boolean => {
  const said = variants['customer-message'];
  return said?.type === 'text' && said.text === text;
};

async function phonesOf({ read }: ReachStage): Promise<Phones> {
  interface Entry {
    at: string;
    from: string;
    route: string;
    content: string | { data?: { thing1?: { value: string } } };
  }
  const { people } = await read<{ people: Array<{ name: string; chats: Record<string, Entry[]> }> }>('state');
  const received = (entries: Entry[]): Received[] =>
    entries
      .filter(({ from }) => from === 'account')
      .map(({ at, route, content }) => ({
        ...{ at: new Date(at).getTime(), route },
        text: typeof content === 'string' ? content : (content.data?.thing1?.value ?? ''),
      }));
  return new Map(people.map(({ name, chats }) => [name, received(Object.values(chats).flat())]));
}

/** All calls that send are still in the platform's list, and none of them was refused for quota. */
async function refusalsFor({ read }: ReachStage): Promise<{ sending: number; refusedForQuota: number }> {
  const calls = await read<Array<{ path: string; answer: { errcode?: number } | string | null }>>('calls');
  expect(calls.length).toBeLessThan(CALLS_KEPT);
  const sending = calls.filter(({ path }) => SENDS.includes(path));
  const codes = sending.map(({ answer }) => (answer && typeof answer === 'object' ? answer.errcode : undefined));
  const refused = codes.filter((code) => code !== undefined && QUOTA.has(code));
  expect(refused).toEqual([]);
  return { sending: sending.length, refusedForQuota: refused.length };
}

/** Every text is said to a person once; only the keyword may answer as often as it was asked. */
function copies(phones: Phones, { said, answer }: Told): string[] {
  return [...phones].flatMap(([user, received]) => {
    const counts = new Map<string, number>();
    for (const { text } of received) counts.set(text, (counts.get(text) ?? 0) + 1);
    const most = (text: string): number => (text === answer ? (said.get(user) ?? 0) : 1);
    return [...counts].filter(([text, count]) => count > most(text)).map(([text, count]) => `${user} ${text} ${count}`);
  });
}

async function oneStateEach(
  { app }: ReachStage,
  { broadcasts }: Told,
  rows: readonly AudienceRecord[],
): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  for (const id of broadcasts) {
    const mine = rows.filter((row) => String(row.broadcastId) === id);
    const { audienceSize } = await app.domain.broadcasts.get(id);
    expect(new Set(mine.map(({ personId }) => String(personId))).size).toBe(audienceSize);
    expect(mine.length).toBe(audienceSize);
  }
  const needReason = new Set(['skipped', 'held', 'refused', 'unknown', 'cancelled']);
  expect(rows.filter(({ state, reason }) => needReason.has(state) && reason === '')).toEqual([]);
  expect(rows.filter(({ state }) => state === 'waiting' || state === 'queued').slice(0, 3)).toEqual([]);
  for (const { state, reason } of rows) {
    const key = reason && state !== 'sent' ? `${state} ${reason}` : state;
    states[key] = (states[key] ?? 0) + 1;
  }
  return states;
}

/** What a campaign's row says by a notice is on the phone once where it was sent, never where it was not. */
function asOnPhones(outbox: readonly OutboxRecord[], audience: readonly AudienceRecord[], phones: Phones): void {
  const audienceState = new Map(audience.map(({ _id, state }) => [_id, state]));
  const wrong = outbox.flatMap((row) => {
    const said = row.variants['subscription-notice'];
    if (said?.type !== 'notice') return [];
    const got = phones.get(row.to.user)?.filter(({ text }) => text === said.data['thing1']).length ?? 0;
    const carried = row.route === 'subscription-notice' && (row.state === 'sent' || row.state === 'submitted');
    const isWrong = row.state === 'unknown' ? got > 1 : got !== (carried ? 1 : 0);
    const isOther = row.broadcastId !== undefined && audienceState.get(row._id) !== row.state;
    return isWrong || isOther ? [{ id: row._id, state: row.state, of: audienceState.get(row._id), got }] : [];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
}

/** The platform leaves out in silence whoever had their four: that all arrived shows that none was. */
async function massesArrived({ app }: ReachStage, audience: readonly AudienceRecord[], phones: Phones): Promise<void> {
  const batches = await app.domain.models.flow.massBatches.find().lean();
  const texts = new Map(batches.map(({ _id, content }) => [_id, content.type === 'text' ? content.text : '']));
  const wrong = audience.flatMap(({ state, batchId, user }) => {
    if (!batchId || !user) return [];
    const copies = phones.get(user)?.filter(({ text, route }) => route === 'mass' && text === texts.get(batchId));
    const got = copies?.length ?? 0;
    const isRight = state === 'unknown' ? got <= 1 : got === (state === 'submitted' ? 1 : 0);
    return isRight ? [] : [{ user, state, got }];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
}

/** Promotion of all kinds together, at any moment looking back. Gives the most that anybody got in each window. */
function capsKept(outbox: readonly OutboxRecord[], phones: Phones): Record<string, number> {
  const promotions = new Map<string, number[]>();
  const add = (user: string, at: number): void => void promotions.set(user, [...(promotions.get(user) ?? []), at]);
  for (const [user, received] of phones)
    for (const { text, at } of received) if (/^(mass|news|day) \d+$/.test(text)) add(user, at);
  for (const { route, state, purpose, to, createdAt } of outbox)
    if (purpose === 'promotion' && route === 'member-inbox' && state === 'sent') add(to.user, createdAt.getTime());
  return Object.fromEntries(
    CAPS.map(({ days, most }) => {
      const inWindow = [...promotions.values()].map((times) =>
        Math.max(...times.map((at) => times.filter((one) => one <= at && one > at - days * DAY_MS).length)),
      );
      const top = inWindow.reduce((highest, one) => Math.max(highest, one), 0);
      expect([days, top <= most]).toEqual([days, true]);
      return [`in ${days} days`, top];
    }),
  );
}

/** Nobody knows only where a call was made to fail so, or where a kill caught the row. */
async function unknownsExplained({ read }: ReachStage, told: Told, outbox: readonly OutboxRecord[]) {
  const { items } = await read<{ items: Array<{ errcode?: number }> }>('faults');
  const faults = told.ambiguousFaults - items.filter(({ errcode }) => errcode === undefined).length;
  const unknown = outbox.filter(({ state }) => state === 'unknown');
  const byKill = unknown.filter(({ reason }) => reason === 'lease.expired');
  expect(byKill.filter(({ _id }) => !told.caught.has(_id)).map(({ _id }) => _id)).toEqual([]);
  expect(unknown.length - byKill.length).toBeLessThanOrEqual(faults);
  return { unknown: unknown.length, byKill: byKill.length, faults, caught: told.caught.size };
}
