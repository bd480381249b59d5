/** Samples of the console's routes of segments, lists, marks, scores and the dashboard; part of samples.ts. */
import { ID } from './fakes.js';
import type { Sample } from './samples.js';

const base = '/console/v1';
const customer = `${base}/customers/${ID}`;
const body = (json: unknown) => () => ({ json });
const get = (path: string): Sample => ({ path: `${base}/${path}`, status: 200 });
const ofId = (path: (id: string) => string, status = 200): Sample => ({
  path: `${base}/${path(ID)}`,
  status,
  wrong: { path: `${base}/${path('zz')}`, fields: ['id'] },
});
const pages = (path: string): Sample => ({
  path: `${base}/${path}?limit=5`,
  status: 200,
  wrong: { path: `${base}/${path}?limit=0&wat=1`, fields: ['limit', 'wat'] },
});

const rule = { all: [{ field: 'city', op: 'is', value: '上海' }] };
const tooDeep = Array.from({ length: 7 }).reduce<unknown>((inner) => ({ not: inner }), rule);
const title = { 'zh-CN': '身高', en: 'Height' };

export const peopleSamples: Record<string, Sample> = {
  'GET /console/v1/segments/fields': get('segments/fields'),
  'POST /console/v1/segments/count': {
    path: `${base}/segments/count`,
    status: 200,
    more: body({ rule }),
    wrong: { more: body({ rule: tooDeep, extra: 1 }), fields: ['rule', 'extra'] },
  },
  'GET /console/v1/segments/counts/:id': ofId((id) => `segments/counts/${id}`),
  'POST /console/v1/segments/sample': {
    path: `${base}/segments/sample`,
    status: 200,
    more: body({ rule, limit: 8 }),
    wrong: { more: body({ rule, limit: 21 }), fields: ['limit'] },
  },
  'POST /console/v1/segments/people': {
    path: `${base}/segments/people?limit=5`,
    status: 200,
    more: body({ rule }),
    wrong: {
      path: `${base}/segments/people?limit=101&wat=1`,
      more: body({ rule: { field: '$where', op: 'is' } }),
      fields: ['limit', 'wat', 'rule.field'],
    },
  },
  'POST /console/v1/segments/why': {
    path: `${base}/segments/why`,
    status: 200,
    more: body({ rule, customerId: ID }),
    wrong: { more: body({ rule, customerId: { $ne: '' } }), fields: ['customerId'] },
  },
  'GET /console/v1/segments': pages('segments'),
  'POST /console/v1/segments': {
    path: `${base}/segments`,
    status: 201,
    more: body({ name: '上海', rule }),
    wrong: { more: body({ name: ' ', rule: { any: 1 } }), fields: ['name', 'rule'] },
  },
  'GET /console/v1/segments/:id': ofId((id) => `segments/${id}`),
  'PUT /console/v1/segments/:id': {
    path: `${base}/segments/${ID}`,
    status: 200,
    more: body({ name: '上海', note: '线下活动', rule }),
    wrong: {
      path: `${base}/segments/zz`,
      more: body({ name: 'x'.repeat(61), rule, version: 2 }),
      fields: ['id', 'name', 'version'],
    },
  },
  'DELETE /console/v1/segments/:id': ofId((id) => `segments/${id}`, 204),
  'GET /console/v1/segments/:id/versions': ofId((id) => `segments/${id}/versions`),
  'GET /console/v1/lists': pages('lists'),
  'POST /console/v1/lists': {
    path: `${base}/lists`,
    status: 201,
    more: body({ name: '内测' }),
    wrong: { more: body({ note: 1, people: [] }), fields: ['name', 'note', 'people'] },
  },
  'PUT /console/v1/lists/:id': {
    path: `${base}/lists/${ID}`,
    status: 200,
    more: body({ name: '内测', note: '' }),
    wrong: { path: `${base}/lists/zz`, more: body({ name: '' }), fields: ['id', 'name'] },
  },
  'GET /console/v1/lists/:id/people': {
    path: `${base}/lists/${ID}/people?limit=5`,
    status: 200,
    wrong: { path: `${base}/lists/zz/people?limit=0&wat=1`, fields: ['id', 'limit', 'wat'] },
  },
  'POST /console/v1/lists/:id/people': {
    path: `${base}/lists/${ID}/people`,
    status: 200,
    more: body({ add: [ID], remove: ['b'.repeat(24)] }),
    wrong: { more: body({ add: ['zz'], all: true }), fields: ['add.0', 'all'] },
  },
  'GET /console/v1/customers/:id/marks': ofId((id) => `customers/${id}/marks`),
  'PUT /console/v1/customers/:id/tags': {
    path: `${customer}/tags`,
    status: 200,
    more: body({ add: ['爱运动'], remove: ['新客'] }),
    wrong: { path: `${base}/customers/zz/tags`, more: body({ add: [' '], set: [] }), fields: ['id', 'add.0', 'set'] },
  },
  'GET /console/v1/tags': get('tags'),
  'GET /console/v1/custom-fields': get('custom-fields'),
  'PUT /console/v1/custom-fields/:key': {
    path: `${base}/custom-fields/height`,
    status: 200,
    more: body({ title, type: 'number' }),
    wrong: { path: `${base}/custom-fields/Height`, more: body({ title, type: 'int' }), fields: ['key', 'type'] },
  },
  'PUT /console/v1/customers/:id/fields': {
    path: `${customer}/fields`,
    status: 200,
    more: body({ fields: { height: 160, note: null } }),
    wrong: { more: body({ fields: { height: { $gt: 1 } }, tags: [] }), fields: ['fields.height', 'tags'] },
  },
  'GET /console/v1/insight/scores': get('insight/scores'),
  'POST /console/v1/insight/scores': {
    path: `${base}/insight/scores`,
    status: 202,
    more: body({}),
    wrong: { more: body({ rules: {} }), fields: ['rules'] },
  },
  'GET /console/v1/dashboard/today': get('dashboard/today'),
  'GET /console/v1/dashboard/today/rows/:code': {
    path: `${base}/dashboard/today/rows/orders?limit=5`,
    status: 200,
    wrong: { path: `${base}/dashboard/today/rows/a.b?limit=0&wat=1`, fields: ['code', 'limit', 'wat'] },
  },
};
