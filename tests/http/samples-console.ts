/** Samples of the console's routes of people, membership and programme; part of samples.ts. */
import { couponRules, programmeRules } from './fakes-console.js';
import { ID } from './fakes.js';
import type { Sample } from './samples.js';

const base = '/console/v1';
const customer = `${base}/customers/${ID}`;
const body = (json: unknown) => () => ({ json });
const key = '12345678';

const get = (path: string): Sample => ({ path: `${base}/${path}`, status: 200 });
const ofId = (path: (id: string) => string): Sample => ({
  path: `${base}/${path(ID)}`,
  status: 200,
  wrong: { path: `${base}/${path('zz')}`, fields: ['id'] },
});
const pageOf = (path: (id: string) => string): Sample => ({
  path: `${base}/${path(ID)}?limit=5`,
  status: 200,
  wrong: { path: `${base}/${path('zz')}?limit=0&wat=1`, fields: ['id', 'limit', 'wat'] },
});
const pages = (path: string, extra: Record<string, string> = {}): Sample => ({
  path: `${base}/${path}?limit=5`,
  status: 200,
  wrong: {
    path: `${base}/${path}?${new URLSearchParams({ limit: '101', wat: '1', ...extra }).toString()}`,
    fields: ['limit', 'wat', ...Object.keys(extra)],
  },
});

const mapping = {
  kind: 'customers',
  source: 'old-shop',
  format: { type: 'csv' },
  columns: { externalId: '会员号', name: '姓名' },
};

/** `name`: as a browser sends it, in UTF-8. */
export function importForm(kind = 'orders', name = '订单.csv', text = '单号\r\nA1\r\n'): FormData {
  const form = new FormData();
  form.append('kind', kind);
  form.append('file', new Blob([text], { type: 'text/csv' }), name);
  return form;
}

export const membershipSamples: Record<string, Sample> = {
  'GET /console/v1/customers/:id/person': ofId((id) => `customers/${id}/person`),
  'PATCH /console/v1/customers/:id/profile': {
    path: `${customer}/profile`,
    status: 200,
    more: body({ name: '林小姐', phone: '+86 138-0013-8000', birthday: '1990-02-28' }),
    wrong: {
      path: `${base}/customers/zz/profile`,
      more: body({ name: ' ', phone: '123', gender: 'x', birthday: '1990-02-31', openid: 'o' }),
      fields: ['id', 'name', 'phone', 'gender', 'birthday', 'openid'],
    },
  },
  'GET /console/v1/customers/:id/consents': ofId((id) => `customers/${id}/consents`),
  'POST /console/v1/customers/:id/links': {
    path: `${customer}/links`,
    status: 200,
    more: body({ with: 'b'.repeat(24), reason: '电话里核对过' }),
    wrong: {
      path: `${base}/customers/zz/links`,
      more: body({ with: { $ne: '' }, reason: ' x ' }),
      fields: ['id', 'with', 'reason'],
    },
  },
  'POST /console/v1/links/:id/undo': {
    path: `${base}/links/${ID}/undo`,
    status: 200,
    more: body({ reason: '认错人了' }),
    wrong: { path: `${base}/links/zz/undo`, more: body({ because: 1 }), fields: ['id', 'reason', 'because'] },
  },
  'GET /console/v1/link-proposals': pages('link-proposals'),
  'POST /console/v1/link-proposals/:id': {
    path: `${base}/link-proposals/${ID}`,
    status: 204,
    more: body({ accept: false, reason: '不是同一个人' }),
    wrong: { path: `${base}/link-proposals/zz`, more: body({ accept: 'yes' }), fields: ['id', 'accept', 'reason'] },
  },
  'GET /console/v1/customers/:id/points': {
    path: `${customer}/points?asOf=2026-03-01T00:00:00%2B08:00`,
    status: 200,
    wrong: { path: `${base}/customers/zz/points?asOf=yesterday`, fields: ['id', 'asOf'] },
  },
  'GET /console/v1/customers/:id/points/statement': pageOf((id) => `customers/${id}/points/statement`),
  'POST /console/v1/customers/:id/points': {
    path: `${customer}/points`,
    status: 200,
    more: body({ amount: -20, reason: '误发收回', requestKey: key }),
    wrong: { more: body({ amount: 0, reason: 'x', requestKey: 'k' }), fields: ['amount', 'reason', 'requestKey'] },
  },
  'GET /console/v1/customers/:id/vouchers': pageOf((id) => `customers/${id}/vouchers`),
  'POST /console/v1/customers/:id/vouchers': {
    path: `${customer}/vouchers`,
    status: 201,
    more: body({ couponId: ID, reason: '生日补发', requestKey: key }),
    wrong: { more: body({ couponId: 'x', amountOff: 1 }), fields: ['couponId', 'reason', 'requestKey', 'amountOff'] },
  },
  'POST /console/v1/vouchers/:id/revoke': {
    path: `${base}/vouchers/${ID}/revoke`,
    status: 200,
    more: body({ reason: '发错了' }),
    wrong: { path: `${base}/vouchers/zz/revoke`, more: body({ reason: '' }), fields: ['id', 'reason'] },
  },
  'GET /console/v1/orders': pages('orders', { search: 'x'.repeat(129), status: 'lost' }),
  'GET /console/v1/orders/:id': ofId((id) => `orders/${id}`),
  'GET /console/v1/customers/:id/orders': pageOf((id) => `customers/${id}/orders`),
  'GET /console/v1/programme': get('programme'),
  'PUT /console/v1/programme': {
    path: `${base}/programme`,
    status: 200,
    more: body(programmeRules),
    wrong: {
      more: body({ ...programmeRules, points: { ...programmeRules.points, validMonths: 0 }, levels: [{}], version: 2 }),
      fields: [
        'points.validMonths',
        ...['code', 'title', 'growth', 'pointsPercent', 'vip', 'benefits'].map((name) => `levels.0.${name}`),
        'version',
      ],
    },
  },
  'GET /console/v1/coupons': pages('coupons'),
  'POST /console/v1/coupons': {
    path: `${base}/coupons`,
    status: 201,
    more: body(couponRules),
    wrong: { more: body({ ...couponRules, amountOff: 0.5, granted: 0 }), fields: ['amountOff', 'granted'] },
  },
  'PUT /console/v1/coupons/:id': {
    path: `${base}/coupons/${ID}`,
    status: 200,
    more: body(couponRules),
    wrong: { path: `${base}/coupons/zz`, more: body({ ...couponRules, threshold: 1 }), fields: ['id', 'threshold'] },
  },
  'GET /console/v1/senders': get('senders'),
  'PUT /console/v1/senders/:scene': {
    path: `${base}/senders/order-paid`,
    status: 200,
    more: body({ sender: 'wechat' }),
    wrong: { path: `${base}/senders/birthday`, more: body({ sender: 'me' }), fields: ['scene', 'sender'] },
  },
  'GET /console/v1/imports': pages('imports'),
  'POST /console/v1/imports': { path: `${base}/imports`, status: 201, more: () => ({ raw: importForm() }) },
  'GET /console/v1/imports/:id': ofId((id) => `imports/${id}`),
  'PUT /console/v1/imports/:id/mapping': {
    path: `${base}/imports/${ID}/mapping`,
    status: 200,
    more: body({ mapping }),
    wrong: {
      path: `${base}/imports/zz/mapping`,
      more: body({ mapping: { ...mapping, kind: 'points', format: { type: 'pdf' } }, keep: true }),
      fields: ['id', 'mapping.kind', 'mapping.format.type', 'keep'],
    },
  },
  'POST /console/v1/imports/:id/start': {
    path: `${base}/imports/${ID}/start`,
    status: 202,
    more: body({ dryRun: true }),
    wrong: { path: `${base}/imports/zz/start`, more: body({ mode: 'fast' }), fields: ['id', 'dryRun', 'mode'] },
  },
  'POST /console/v1/imports/:id/cancel': ofId((id) => `imports/${id}/cancel`),
  'GET /console/v1/imports/:id/errors': ofId((id) => `imports/${id}/errors`),
};
