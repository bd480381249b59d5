/** Samples of the console's routes of broadcasts, plans, the contact policy and the screens of strategies; part of samples.ts. */
import { broadcastDraft } from './fakes-campaigns.js';
import { ID } from './fakes.js';
import type { Sample } from './samples.js';

const base = '/console/v1';
const body = (json: unknown) => () => ({ json });
const get = (path: string): Sample => ({ path: `${base}/${path}`, status: 200 });
const ofId = (path: (id: string) => string, status = 200): Sample => ({
  path: `${base}/${path(ID)}`,
  status,
  wrong: { path: `${base}/${path('zz')}`, fields: ['id'] },
});
/** A body on one thing of an id; `wrong` a body whose every field is named in `fields`. */
const withBody = (
  path: (id: string) => string,
  { good, wrong, fields, status = 200 }: { good: unknown; wrong: unknown; fields: string[]; status?: number },
): Sample => ({
  path: `${base}/${path(ID)}`,
  status,
  more: body(good),
  wrong: { path: `${base}/${path('zz')}`, more: body(wrong), fields: ['id', ...fields] },
});
const one = (verb: string) => (id: string) => `broadcasts/${id}/${verb}`;
const reason = { good: { reason: '先停一下' }, wrong: { reason: ' ', why: 1 }, fields: ['reason', 'why'] };
const draft = {
  good: broadcastDraft,
  wrong: {
    ...{ name: '', metric: 'clicks', audience: { all: [], any: [] }, holdoutPercent: 51, couponId: 'x' },
    ...{ message: { purpose: 'promotion', variants: { sms: {} } }, startAt: 'soon', phone: '1' },
  },
  fields: ['name', 'metric', 'audience', 'holdoutPercent', 'couponId', 'message.variants.sms', 'startAt', 'phone'],
};
const plan = {
  good: { name: '双十二', from: '2026-12-01', to: '2026-12-12' },
  wrong: { name: '', from: 'x', to: '2026-02-30', broadcasts: ['x'], colour: 1 },
  fields: ['name', 'from', 'to', 'broadcasts.0', 'colour'],
};
const strategy = {
  ...{ enabled: false, title: { 'zh-CN': '欢迎', en: 'Welcome' }, priority: 10 },
  ...{ trigger: { code: 'follow', args: {} }, actions: [{ code: 'reply', args: {} }] },
};
const collection = (
  path: string,
  { good, wrong, fields }: { good: unknown; wrong: unknown; fields: string[] },
): Sample => ({
  path: `${base}/${path}`,
  status: 201,
  more: body(good),
  wrong: { more: body(wrong), fields },
});

export const campaignSamples: Record<string, Sample> = {
  'GET /console/v1/broadcasts': {
    path: `${base}/broadcasts?limit=5&state=draft`,
    status: 200,
    wrong: { path: `${base}/broadcasts?limit=0&state=lost&wat=1`, fields: ['limit', 'state', 'wat'] },
  },
  'POST /console/v1/broadcasts': collection('broadcasts', draft),
  'GET /console/v1/broadcasts/:id': ofId((id) => `broadcasts/${id}`),
  'PUT /console/v1/broadcasts/:id': withBody((id) => `broadcasts/${id}`, draft),
  'POST /console/v1/broadcasts/:id/copy': withBody(one('copy'), {
    ...{ good: { name: '再来一次' }, wrong: { name: ' ', of: 1 }, fields: ['name', 'of'], status: 201 },
  }),
  'POST /console/v1/broadcasts/:id/forecast': ofId(one('forecast'), 202),
  'GET /console/v1/broadcasts/:id/forecast': ofId(one('forecast')),
  'POST /console/v1/broadcasts/:id/preview': withBody(one('preview'), {
    ...{ good: { customerId: ID }, wrong: { customerId: 'x', phone: '1' }, fields: ['customerId', 'phone'] },
  }),
  'POST /console/v1/broadcasts/:id/test': withBody(one('test'), {
    good: { to: { channel: 'official-account', account: 'main', user: 'o1' } },
    wrong: { to: { channel: 'fax', account: 'main', user: 'o1' }, phone: '1' },
    fields: ['to.channel', 'phone'],
  }),
  'POST /console/v1/broadcasts/:id/submit': ofId(one('submit')),
  'POST /console/v1/broadcasts/:id/approve': withBody(one('approve'), {
    ...{ good: { revision: 1 }, wrong: { revision: 0, force: true }, fields: ['revision', 'force'] },
  }),
  'POST /console/v1/broadcasts/:id/reject': withBody(one('reject'), reason),
  'POST /console/v1/broadcasts/:id/start': ofId(one('start')),
  'POST /console/v1/broadcasts/:id/pause': withBody(one('pause'), reason),
  'POST /console/v1/broadcasts/:id/resume': ofId(one('resume')),
  'POST /console/v1/broadcasts/:id/cancel': withBody(one('cancel'), reason),
  'POST /console/v1/broadcasts/:id/summary': withBody(one('summary'), {
    ...{
      good: { result: '好', learned: '早点发' },
      wrong: { result: 1, who: 1 },
      fields: ['result', 'learned', 'who'],
    },
  }),
  'GET /console/v1/broadcasts/:id/results': ofId(one('results')),
  'GET /console/v1/broadcasts/:id/audience': {
    path: `${base}/broadcasts/${ID}/audience?limit=5&state=skipped&reason=person.minor&wentBy=any`,
    status: 200,
    wrong: {
      path: `${base}/broadcasts/zz/audience?limit=0&state=lost&wentBy=pigeon&wat=1`,
      fields: ['id', 'limit', 'state', 'wat', 'wentBy'],
    },
  },
  'GET /console/v1/plans': {
    path: `${base}/plans?limit=5`,
    status: 200,
    wrong: { path: `${base}/plans?limit=101&wat=1`, fields: ['limit', 'wat'] },
  },
  'POST /console/v1/plans': collection('plans', plan),
  'PUT /console/v1/plans/:id': withBody((id) => `plans/${id}`, plan),
  'GET /console/v1/calendar': {
    path: `${base}/calendar?from=2026-12-01&to=2026-12-31`,
    status: 200,
    wrong: { path: `${base}/calendar?from=x&wat=1`, fields: ['from', 'to', 'wat'] },
  },
  'GET /console/v1/strategies/library': get('strategies/library'),
  'GET /console/v1/strategies/rules': get('strategies/rules'),
  'GET /console/v1/strategies/:code/outcomes': {
    path: `${base}/strategies/welcome/outcomes`,
    status: 200,
    wrong: { path: `${base}/strategies/No%20Code/outcomes`, fields: ['code'] },
  },
  'POST /console/v1/strategies/rehearse': {
    path: `${base}/strategies/rehearse`,
    status: 202,
    more: body({ code: 'welcome', strategy, days: 7 }),
    wrong: {
      more: body({ code: 1, strategy: { ...strategy, enabled: 'yes' }, days: 31, send: true }),
      fields: ['code', 'strategy.enabled', 'days', 'send'],
    },
  },
  'GET /console/v1/strategies/rehearsals/:id': ofId((id) => `strategies/rehearsals/${id}`),
  'GET /console/v1/contact': get('contact'),
  'POST /console/v1/contact/stop': {
    ...{ path: `${base}/contact/stop`, status: 200, more: body(reason.good) },
    wrong: { more: body(reason.wrong), fields: reason.fields },
  },
  'POST /console/v1/contact/resume': {
    ...{ path: `${base}/contact/resume`, status: 200, more: body(reason.good) },
    wrong: { more: body(reason.wrong), fields: reason.fields },
  },
  'GET /console/v1/customers/:id/reach': ofId((id) => `customers/${id}/reach`),
  'POST /console/v1/customers/:id/holds': withBody((id) => `customers/${id}/holds`, {
    good: { kind: 'complaint', until: '2026-12-01T00:00:00Z', note: '等回访' },
    wrong: { kind: 'refund', until: 'later', by: 1 },
    fields: ['kind', 'until', 'by'],
  }),
  'DELETE /console/v1/customers/:id/holds/:kind/:key': {
    path: `${base}/customers/${ID}/holds/staff/console`,
    status: 200,
    wrong: { path: `${base}/customers/zz/holds/enquiry/console`, fields: ['id', 'kind'] },
  },
};
