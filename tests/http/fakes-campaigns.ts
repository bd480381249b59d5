/** In-memory ports of broadcasts, plans, the contact policy and the screens of strategies: valid answers, some with a field too many. */
import type { HttpPorts, StrategiesPort } from '../../src/http/ports.js';
import type { Answer } from './fakes.js';

const ID = 'a'.repeat(24);
const at = '2026-03-01T02:00:00.000Z';
const one = <T>(item: T) => ({ items: [item], nextCursor: null });
const secret = { secretNote: 'not for browsers' };
const titles = { 'zh-CN': '欢迎', en: 'Welcome' };
const reach = {
  people: 3,
  heldOut: 1,
  byRoute: [{ route: 'mass-send' as const, people: 2 }],
  byReason: [],
  costFen: 0,
};
const step = { by: ID, byName: 'Lin', at, reason: null };

export const broadcastDraft = {
  name: '上新',
  metric: 'conversion-rate' as const,
  audience: { all: [] },
  message: { purpose: 'promotion' as const, variants: { 'mass-send': { type: 'text' as const, text: '上新了' } } },
};
const broadcast = {
  ...{ id: ID, name: '上新', metric: 'conversion-rate' as const, aim: '', audience: { all: [] }, audienceNote: '' },
  ...{ holdoutPercent: 10, message: broadcastDraft.message, couponId: null, budget: {}, designNote: '' },
  ...{
    startAt: null,
    endsAt: null,
    state: 'draft' as const,
    revision: 1,
    author: ID,
    authorName: 'Lin',
    changedAt: at,
  },
  ...{ submitted: step, approved: null, rejected: null, started: null, begunAt: null, paused: null, cancelled: null },
  ...{ finishedAt: null, audienceSize: null, preparing: null, forecast: { ...reach, at, stale: false }, tests: [] },
  ...{ granted: { vouchers: 0, fen: 0 }, summary: null, needsApproval: false, warnings: [], ...secret },
};
const progress = { state: 'counting' as const, people: 10, reason: null };
const did = { people: 2, buyers: 1, orders: 1, spent: 100 };
const results = {
  ...{ actual: reach, counts: [{ state: 'sent' as const, reason: null, people: 2 }], massSends: [] },
  effect: { told: did, heldOut: did, vouchersUsed: 0, until: at, counting: false },
};
const person = { customerId: ID, name: '小林', state: 'sent' as const, reason: null, route: null, at };
const plan = {
  id: ID,
  name: '双十二',
  note: '',
  from: '2026-12-01',
  to: '2026-12-12',
  strategies: [],
  broadcasts: [],
  changedAt: at,
};
const promotion = { stopped: false, by: null, reason: null, at: null };
const personReach = {
  ...{ minor: false, personalised: true, promotions: [at] },
  holds: [{ kind: 'staff', key: 'console', until: null, note: '请勿打扰' }],
  verdicts: [{ purpose: 'care' as const, ok: true, route: 'member-inbox' as const, reason: null, until: null }],
};
const rehearsal = {
  ...{ id: ID, state: 'running' as const, code: 'welcome', from: at, to: at, events: 0, done: 0, total: 1 },
  ...{ outcomes: [], items: [], notes: [] },
};
const rule = { code: 'follow', title: titles, scene: null, byClock: false, args: { type: 'object' }, example: {} };

export function fakeCampaigns(answer: Answer): Pick<HttpPorts, 'broadcasts' | 'plans' | 'contact'> {
  const view = (name: string) => () => answer(`broadcasts.${name}`, broadcast);
  return {
    broadcasts: {
      list: () => answer('broadcasts.list', one({ ...broadcast, begunAt: null })),
      ...{ get: view('get'), add: view('add'), put: view('put'), test: view('test'), submit: view('submit') },
      ...{ approve: view('approve'), reject: view('reject'), start: view('start'), pause: view('pause') },
      ...{ resume: view('resume'), cancel: view('cancel'), copy: view('copy'), summary: view('summary') },
      startForecast: () => answer('broadcasts.startForecast', progress),
      forecast: () => answer('broadcasts.forecast', progress),
      preview: () =>
        answer('broadcasts.preview', {
          message: broadcastDraft.message,
          verdict: { ok: true, route: 'mass-send' as const, reason: null, until: null },
        }),
      results: () => answer('broadcasts.results', results),
      audience: () => answer('broadcasts.audience', one(person)),
    },
    plans: {
      list: () => answer('plans.list', one(plan)),
      add: () => answer('plans.add', plan),
      put: () => answer('plans.put', plan),
      calendar: () => answer('plans.calendar', { days: [{ date: '2026-12-01', entries: [], sent: 1, expected: 0 }] }),
    },
    contact: {
      policy: () =>
        answer('contact.policy', {
          ...{ promotion, caps: [{ days: 7, most: 3 }], quietHours: { from: '21:00', to: '09:00' }, holidays: [] },
          ...{ approval: { people: 5000, costFen: 1_000_000 }, reasons: { 'contact.capped': titles } },
          routes: { reply: { 'customer-message': 'yes' } },
        }),
      promotionStopped: () => answer('contact.promotionStopped', promotion.stopped),
      stop: () => answer('contact.stop', { ...promotion, stopped: true }),
      resume: () => answer('contact.resume', promotion),
      reach: () => answer('contact.reach', personReach),
      placeHold: () => answer('contact.placeHold', personReach),
      liftHold: () => answer('contact.liftHold', personReach),
    },
  };
}

export function fakeStrategyScreens(
  answer: Answer,
): Pick<StrategiesPort, 'library' | 'rules' | 'outcomes' | 'rehearse' | 'rehearsal'> {
  return {
    library: () => answer('strategies.library', { items: [] }),
    rules: () => answer('strategies.rules', { triggers: [rule], actions: [rule], metrics: ['conversion-rate'] }),
    outcomes: () =>
      answer('strategies.outcomes', {
        outcomes: [{ state: 'sent', reason: null, messages: 1 }],
        runs: [{ key: '2026-03', state: 'done', people: 3, startedAt: at, doneAt: at }],
        budgetUsed: { people: 0, fen: 0 },
      }),
    rehearse: () => answer('strategies.rehearse', rehearsal),
    rehearsal: () => answer('strategies.rehearsal', rehearsal),
  };
}
