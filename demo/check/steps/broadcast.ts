/** A broadcast from the draft to its outcomes, with a server killed in the middle: everybody once, each with a reason, nobody against their will. */
import type { Reach } from '../../../src/contracts/index.js';
import type { BroadcastView } from '../../../src/contracts/index.js';
import {
  MASS,
  NOTICE,
  REACHED,
  addressOf,
  among,
  audience,
  broadcast as viewOf,
  countsTo,
  daytime,
  draft,
  forecast,
  inState,
  noticed,
  promotion,
  results,
  timesTold,
} from '../campaign.js';
import type { AudiencePerson } from '../campaign.js';
import { crowd, inTurns } from '../crowd.js';
import type { Someone, Wish } from '../crowd.js';
import { expect, until } from '../judge.js';
import type { Lab } from '../lab.js';
import type { Step } from './index.js';

const NAME = '春日茶器节';
/** Repeated after a crash, a mass send is known again by its id. */
const TAKEN_BEFORE = 45065;

/** Why somebody must not be reached, by the end of their name. */
const mustNot: Readonly<Record<string, string>> = {
  未成年: 'person.minor',
  已退订: 'consent.withdrawn',
  没点过: 'notice.notGranted',
  取关了: 'person.unfollowed',
};

export const broadcast: Step = {
  name: 'broadcast',
  title: { 'zh-CN': '群发：预测、双人审批、中途宕机、逐人有果', en: 'a broadcast, and a crash in the middle of it' },
  async run(lab) {
    await daytime(lab);
    const [tester, ...people] = await crowd(lab, [{ name: '自己人', reach: 'phone' }, ...wanted()]);
    if (!tester) throw new Error('nobody');
    const these = await among(lab, NAME, people);
    const rule = {
      all: [
        these,
        { field: 'behaviour', op: 'inside' as const, value: { days: 30 } },
        { not: { field: 'orders', op: 'atLeast' as const, value: 1 } },
      ],
    };
    const meant = people.filter((one) => isActive(one) && !one.bought);
    await countsTo(lab, rule, meant.length, 'the people of the broadcast');
    const made = await draft(
      lab,
      promotion(NAME, rule, { holdoutPercent: 20, couponId: lab.shop.coupons.hundred, budget: { people: 1000 } }),
    );
    const expected = await forecast(lab, made.id);
    lab.saw(`forecast: ${told(expected)}`);
    await approve(lab, made, tester);
    const calls = (await lab.sim.calls()).length;
    await startAndCrash(lab, made.id);
    await inState(lab, made.id, 'finished', 30_000);
    const rows = await audience(lab, made.id);
    await judgeRows(lab, { id: made.id, rows, meant, expected });
    await judgePhones(lab, rows, people);
    await judgeCalls(lab, calls);
    await again(lab, rows, rule);
  },
};

const seen = { did: [{ type: 'view', daysAgo: 3 }] };
const many = (count: number, name: string, wish: Omit<Wish, 'name'>): Wish[] =>
  Array.from({ length: count }, (_, index) => ({ ...seen, ...wish, name: `第${String(index + 1)}位${name}` }));

/** More people with a one-time notice than leave before the crash, and at least one for every reason. */
const wanted = (): Wish[] => [
  ...many(14, '点过通知', { reach: 'phone', granted: true }),
  ...many(8, '收件箱', { reach: 'phone', promotion: 'given' }),
  ...many(8, '粉丝', { reach: 'follower' }),
  ...many(4, '未成年', { reach: 'phone', granted: true, promotion: 'given', minor: true }),
  ...many(4, '已退订', { reach: 'phone', granted: true, promotion: 'withdrawn' }),
  ...many(4, '没点过', { reach: 'phone' }),
  ...many(3, '取关了', { reach: 'follower', leaves: true }),
  ...many(3, '下过单', {
    reach: 'phone',
    granted: true,
    bought: [{ daysAgo: 5, price: 9_900, state: 'completed' }],
  }),
  ...many(3, '好久没来', { reach: 'phone', granted: true, did: [{ type: 'view', daysAgo: 30 }] }),
  ...many(2, '不要个性化', { reach: 'phone', granted: true, impersonal: true }),
];

const isActive = ({ did = [], impersonal }: Wish): boolean => !impersonal && did.some(({ daysAgo }) => daysAgo < 30);

/** Its author cannot, and a second person only after a test that arrived. */
async function approve(lab: Lab, { id, revision }: BroadcastView, tester: Someone): Promise<void> {
  const [marketer, admin] = [await lab.as('marketer'), await lab.as('admin')];
  const early = await marketer.send('POST', `/broadcasts/${id}/start`);
  expect(early.code === 'broadcast.needsApproval', `start answers broadcast.needsApproval, not ${early.about}`);
  await marketer.taken('POST', `/broadcasts/${id}/submit`);
  const own = await marketer.send('POST', `/broadcasts/${id}/approve`, { revision });
  expect(own.code === 'broadcast.secondPerson', `its author's approval: broadcast.secondPerson, not ${own.about}`);
  const untested = await admin.send('POST', `/broadcasts/${id}/approve`, { revision });
  expect(untested.code === 'broadcast.testMissing', `without a test: broadcast.testMissing, not ${untested.about}`);
  await marketer.taken('POST', `/broadcasts/${id}/test`, { to: addressOf(tester) });
  await until('the test to arrive', async () =>
    (await viewOf(lab, id)).tests.some(({ outcome }) => outcome === 'sent'),
  );
  await admin.taken('POST', `/broadcasts/${id}/approve`, { revision });
  lab.saw(`refused: ${early.about}, ${own.about}, ${untested.about}; tested, then approved by a second person`);
}

async function startAndCrash(lab: Lab, id: string): Promise<void> {
  await (await lab.as('marketer')).taken('POST', `/broadcasts/${id}/start`);
  await until('the first notices', async () => (await noticed(lab, NAME)).length >= 4);
  await lab.stage.crash();
  const before = (await noticed(lab, NAME)).length;
  const { state } = await viewOf(lab, id);
  expect(state === 'running', `after the crash it is still running, not ${state}`);
  lab.saw(`kill -9 after ${String(before)} notices, started again on the same data`);
}

interface Judged {
  id: string;
  rows: readonly AudiencePerson[];
  meant: readonly Someone[];
  expected: Reach;
}

async function judgeRows(lab: Lab, { id, rows, meant, expected }: Judged): Promise<void> {
  const { actual, counts, massSends } = await results(lab, id);
  const sum = counts.reduce((total, { people }) => total + people, 0);
  expect(
    rows.length === meant.length && sum === meant.length && actual.people === meant.length,
    `the outcomes add up to ${String(meant.length)} people: ${String(rows.length)} rows, ${String(sum)} counted`,
  );
  const open = rows.filter((row) => !REACHED.includes(row.state) && row.state !== 'heldOut' && !row.reason);
  expect(open.length === 0, `everybody who was not reached has a reason, not ${JSON.stringify(open)}`);
  for (const row of rows) {
    const why = Object.entries(mustNot).find(([end]) => row.name.endsWith(end))?.[1];
    const ended = row.state === 'heldOut' || (why === undefined ? REACHED.includes(row.state) : row.reason === why);
    expect(ended, `${row.name} ends ${why ?? 'reached'}, not ${row.state} ${String(row.reason)}`);
  }
  expect(actual.heldOut > 0, 'some are held out');
  expect(told(actual) === told(expected), `forecast and actual agree: ${told(expected)} and ${told(actual)}`);
  const unknown = rows.filter(({ state }) => state === 'unknown').length;
  expect(unknown <= 4, `at most the four that were under way end unknown, not ${String(unknown)}`);
  expect(massSends.length === 1 && massSends[0]?.state === 'submitted', 'one mass send, submitted');
  lab.saw(`${String(sum)} outcomes as forecast; ${String(unknown)} unknown from the crash`);
}

/** Everything but the order of its lines; what was under way in a crash was on its way by that route. */
function told({ people, heldOut, byRoute, byReason, costFen }: Reach): string {
  const routes = byRoute.map(({ route, people: count }) => `${route} ${String(count)}`).toSorted();
  const reasons = byReason
    .filter(({ state }) => state === 'skipped' || state === 'held')
    .map(({ state, reason, people: count }) => `${state} ${String(reason)} ${String(count)}`)
    .toSorted();
  return [
    `${String(people)} people`,
    `${String(heldOut)} held out`,
    ...routes,
    ...reasons,
    `${String(costFen)} fen`,
  ].join(', ');
}

async function judgePhones(lab: Lab, rows: readonly AudiencePerson[], people: readonly Someone[]): Promise<void> {
  const stateOf = new Map(rows.map(({ name, state }) => [name, state]));
  await inTurns(people, async (one) => {
    const state = stateOf.get(one.name) ?? 'none';
    const times = await timesTold(lab, NAME, one);
    const { vouchers } = await lab.open.account({ openid: one.card ? one.who.mini : one.who.openid });
    const right = state === 'unknown' ? times <= 1 : times === (REACHED.includes(state) ? 1 : 0);
    expect(
      right,
      `${one.name} (${state}) has it ${REACHED.includes(state) ? 'once' : 'not at all'}, not ${String(times)} times`,
    );
    const due = REACHED.includes(state) ? 1 : 0;
    expect(
      vouchers.length === due,
      `${one.name} (${state}) has ${String(due)} vouchers, not ${String(vouchers.length)}`,
    );
  });
  lab.saw('on the phones: nobody twice, hold-out and minors nothing, a voucher for each who was reached');
}

async function judgeCalls(lab: Lab, before: number): Promise<void> {
  const calls = (await lab.sim.calls()).slice(before).filter(({ path }) => path === NOTICE || path === MASS);
  const refused = calls.filter(({ answer }) => {
    const code = (answer as { errcode?: number } | null)?.errcode ?? 0;
    return code !== 0 && code !== TAKEN_BEFORE;
  });
  expect(
    refused.length === 0,
    `the platform refuses nothing, not ${JSON.stringify(refused.map(({ answer }) => answer))}`,
  );
  lab.saw(`${String(calls.length)} calls, none refused for a quota`);
}

/** One promotion a day: the same people are not there for the next one. */
async function again(lab: Lab, rows: readonly AudiencePerson[], rule: Parameters<typeof promotion>[1]): Promise<void> {
  const next = await draft(lab, promotion(`${NAME}返场`, rule));
  const { byReason } = await forecast(lab, next.id);
  const capped = byReason.find(({ reason }) => reason === 'contact.capped')?.people ?? 0;
  // Who has used up their one-time notice is out for that reason already.
  const ways = rows.filter(({ state, route }) => REACHED.includes(state) && route !== 'subscription-notice').length;
  expect(capped === ways, `another one on this day is capped for ${String(ways)} of them, not for ${String(capped)}`);
  lab.saw(`another one on the same day: ${String(capped)} capped, the others have no notice left`);
}
