/** Segments and broadcasts as a marketer uses them: over the console's API alone. */
import type { z } from 'zod';
import type {
  AudiencePerson as AudiencePersonSchema,
  BroadcastDraft,
  BroadcastResults,
  BroadcastView,
  Reach,
  SegmentRule,
} from '../../src/contracts/index.js';
import { MINI_CHANNEL, MINI_ID } from '../account.js';
import { saleTemplate } from '../notices.js';
import { expect, until } from './judge.js';
import type { Lab, Page } from './lab.js';
import type { Someone } from './crowd.js';
import { inTurns } from './crowd.js';

export type AudiencePerson = z.infer<typeof AudiencePersonSchema>;
export type Draft = z.input<typeof BroadcastDraft>;

/** The platform's calls that a broadcast is made of. */
export const NOTICE = '/cgi-bin/message/subscribe/send';
export const MASS = '/cgi-bin/message/mass/send';

/** States of somebody who was told, or may have been. */
export const REACHED: readonly string[] = ['sent', 'submitted', 'unknown'];

const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;
const HOUR_MS = 3_600_000;

/** Nobody is wooed at night: moves to ten in the morning where it is late. */
export async function daytime(lab: Lab): Promise<void> {
  const local = new Date((await lab.sim.clock()).now).getTime() + SHANGHAI_MS;
  const hour = (local % DAY_MS) / HOUR_MS;
  if (hour >= 9.5 && hour < 19) return;
  const midnight = local - (local % DAY_MS) + (hour >= 19 ? DAY_MS : 0);
  await lab.sim.setClock(new Date(midnight + 10 * HOUR_MS - SHANGHAI_MS));
}

/** A list of these people alone, as a condition: so other steps' people are out of it. */
export async function among(lab: Lab, name: string, people: readonly Someone[]): Promise<SegmentRule> {
  const marketer = await lab.as('marketer');
  const list = await marketer.taken<{ id: string }>('POST', '/lists', { name });
  const add = people.map(({ customerId }) => customerId);
  // Who is new is known to segments a moment later.
  await until(`${name}: everybody on the list`, async () => {
    const { status } = await marketer.send('POST', `/lists/${list.id}/people`, { add });
    return status < 300;
  });
  return { field: 'list', op: 'in', value: list.id };
}

/** How many the rule holds for, by the query. */
export async function counted(lab: Lab, rule: SegmentRule): Promise<number | null> {
  const answer = await (await lab.as('marketer')).taken<{ people: number | null }>('POST', '/segments/count', { rule });
  return answer.people;
}

/** Until the query counts so many. */
export async function countsTo(lab: Lab, rule: SegmentRule, people: number, what: string): Promise<void> {
  let last: number | null = null;
  const found = await until(what, async () => (last = await counted(lab, rule)) === people).catch(() => false);
  expect(found, `${what}: ${String(people)} by the generator, ${String(last)} by the query`);
}

/** Whether the rule holds for each, by the twin in memory. */
export function why(lab: Lab, rule: SegmentRule, people: readonly Someone[]): Promise<boolean[]> {
  return inTurns(people, async ({ customerId }) => {
    const marketer = await lab.as('marketer');
    return (await marketer.taken<{ holds: boolean }>('POST', '/segments/why', { rule, customerId })).holds;
  });
}

/** One promotion by each way that is lawful for it. */
export function promotion(name: string, audience: SegmentRule, more: Partial<Draft> = {}): Draft {
  const text = textOf(name);
  return {
    ...{ name, metric: 'conversion-rate', audience },
    message: {
      purpose: 'promotion',
      variants: {
        'subscription-notice': {
          type: 'notice',
          templateId: saleTemplate.templateId,
          page: 'pages/vouchers/index',
          data: { thing1: name, thing2: '{name|朋友}，来看看' },
        },
        'member-inbox': { type: 'notice', templateId: '', page: 'pages/vouchers/index', data: { text } },
        'mass-send': { type: 'text', text },
      },
      variantAccounts: { 'subscription-notice': MINI_ID },
    },
    ...more,
  };
}

/** What the inbox and the mass send say. */
export const textOf = (name: string): string => `${name}：新茶器到店，欢迎来看看。`;

export async function draft(lab: Lab, body: Draft): Promise<BroadcastView> {
  return (await lab.as('marketer')).taken('POST', '/broadcasts', body);
}

export const broadcast = async (lab: Lab, id: string): Promise<BroadcastView> =>
  (await lab.as('marketer')).get(`/broadcasts/${id}`);

export async function forecast(lab: Lab, id: string): Promise<Reach> {
  const marketer = await lab.as('marketer');
  await marketer.taken('POST', `/broadcasts/${id}/forecast`);
  const done = await until('the forecast', async () => {
    const { state } = await marketer.get<{ state: string }>(`/broadcasts/${id}/forecast`);
    return state !== 'counting' && state;
  });
  const { forecast: reach } = await broadcast(lab, id);
  expect(done === 'done' && reach !== null, `the forecast comes to an end, not ${done}`);
  return reach;
}

/** From the draft to the first message, where nobody has to approve it. */
export async function begin(lab: Lab, body: Draft): Promise<BroadcastView> {
  const made = await draft(lab, body);
  await forecast(lab, made.id);
  return (await lab.as('marketer')).taken('POST', `/broadcasts/${made.id}/start`);
}

export const inState = (lab: Lab, id: string, state: string, withinMs = 15_000): Promise<BroadcastView> =>
  until(
    `the broadcast ${state}`,
    async () => {
      const now = await broadcast(lab, id);
      return now.state === state && now;
    },
    withinMs,
  );

export const results = async (lab: Lab, id: string): Promise<z.infer<typeof BroadcastResults>> =>
  (await lab.as('marketer')).get(`/broadcasts/${id}/results`);

/** Everybody of it, over all pages. */
export async function audience(lab: Lab, id: string, filter = ''): Promise<AudiencePerson[]> {
  const marketer = await lab.as('marketer');
  const all: AudiencePerson[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = `limit=20${filter}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page: Page<AudiencePerson> = await marketer.get(`/broadcasts/${id}/audience?${query}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

/** The address of somebody in the mini-program. */
export const addressOf = ({ who }: Someone) => ({ channel: MINI_CHANNEL, account: MINI_ID, user: who.mini });

/** Who was sent this broadcast's one-time notice, by the platform's own list of calls: openids, as often as they were called. */
export async function noticed(lab: Lab, name: string): Promise<string[]> {
  const calls = await lab.sim.calls(NOTICE);
  return calls
    .filter(({ body }) => JSON.stringify(body).includes(name))
    .map(({ body }) => (body as { touser: string }).touser);
}

/** How often this person was told: on the phone's screen, or in the mini-program, where a notice on the screen stands once more. */
export async function timesTold(lab: Lab, name: string, { who, card }: Someone): Promise<number> {
  const received = await lab.sim.received(who.openid);
  const kept = card ? (await card.get<Page<{ text: string }>>('/messages')).items : [];
  const onScreen = received.filter(({ content }) => JSON.stringify(content).includes(name)).length;
  return Math.max(onScreen, kept.filter(({ text }) => text === textOf(name)).length);
}
