/** For every console route: a request that works, and one whose every field is wrong, with the fields the answer must name. */
import type { RequestMore } from './app.js';
import { ID, MEDIA_ID, PNG } from './fakes.js';
import { campaignSamples } from './samples-campaigns.js';
import { membershipSamples } from './samples-console.js';
import { peopleSamples } from './samples-people.js';

export interface Sample {
  path: string;
  status: number;
  more?: () => RequestMore;
  /** What makes it wrong. Absent where a request has no input at all. */
  wrong?: { path?: string; more?: () => RequestMore; fields: string[] };
  /** Needs state of its own, so its happy path has a test of its own. */
  ownTest?: true;
}

const base = '/console/v1';
const conversation = `${base}/conversations/${ID}`;
const badId = { path: 'zz', fields: ['id'] };
const body = (json: unknown) => () => ({ json });
const upload = (): RequestMore => {
  const form = new FormData();
  form.append('file', new Blob([PNG], { type: 'image/png' }), 'a.png');
  return { raw: form };
};
const byId = (verb: string): Sample => ({
  path: `${conversation}/${verb}`,
  status: 200,
  wrong: { path: `${base}/conversations/zz/${verb}`, fields: ['id'] },
});
const list = (path: string, extra: Record<string, string> = {}): Sample => ({
  path: `${base}/${path}?limit=5`,
  status: 200,
  wrong: {
    path: `${base}/${path}?${new URLSearchParams({ limit: '0', wat: '1', ...extra }).toString()}`,
    fields: ['limit', 'wat', ...Object.keys(extra)],
  },
});
const putStrategy = {
  enabled: true,
  title: { 'zh-CN': '欢迎', en: 'Welcome' },
  priority: 10,
  trigger: { code: 'follow', args: {} },
  actions: [{ code: 'reply', args: {} }],
};

export const samples: Record<string, Sample> = {
  ...membershipSamples,
  ...peopleSamples,
  ...campaignSamples,
  'POST /console/v1/session': {
    path: `${base}/session`,
    status: 200,
    ownTest: true,
    wrong: {
      more: body({ account: '', captcha: { id: 1 }, extra: 1 }),
      fields: ['account', 'password', 'captcha.id', 'captcha.answer', 'extra'],
    },
  },
  'GET /console/v1/session': { path: `${base}/session`, status: 200 },
  'DELETE /console/v1/session': { path: `${base}/session`, status: 204, ownTest: true },
  'GET /console/v1/captcha': { path: `${base}/captcha`, status: 200 },
  'POST /console/v1/password': {
    path: `${base}/password`,
    status: 204,
    ownTest: true,
    wrong: { more: body({ password: 'short' }), fields: ['current', 'password'] },
  },
  'GET /console/v1/tokens': { path: `${base}/tokens`, status: 200 },
  'POST /console/v1/tokens': {
    path: `${base}/tokens`,
    status: 201,
    more: body({ name: 'script', expiresInDays: 30 }),
    wrong: {
      more: body({ name: '  ', expiresInDays: 0.5, token: 'mine' }),
      fields: ['name', 'expiresInDays', 'token'],
    },
  },
  'DELETE /console/v1/tokens/:id': {
    path: `${base}/tokens/${ID}`,
    status: 204,
    ownTest: true,
    wrong: { ...badId, path: `${base}/tokens/zz` },
  },
  'GET /console/v1/conversations': list('conversations', { box: 'none' }),
  'GET /console/v1/conversations/counts': { path: `${base}/conversations/counts`, status: 200 },
  'GET /console/v1/conversations/:id': {
    path: conversation,
    status: 200,
    wrong: { path: `${base}/conversations/zz`, fields: ['id'] },
  },
  'GET /console/v1/conversations/:id/messages': {
    path: `${conversation}/messages`,
    status: 200,
    wrong: { path: `${base}/conversations/zz/messages?limit=101`, fields: ['id', 'limit'] },
  },
  'POST /console/v1/conversations/:id/claim': byId('claim'),
  'POST /console/v1/conversations/:id/release': byId('release'),
  'POST /console/v1/conversations/:id/close': byId('close'),
  'POST /console/v1/conversations/:id/read': byId('read'),
  'POST /console/v1/conversations/:id/assign': {
    path: `${conversation}/assign`,
    status: 200,
    more: body({ staffId: ID }),
    wrong: { path: `${base}/conversations/zz/assign`, more: body({ staffId: { $ne: '' } }), fields: ['id', 'staffId'] },
  },
  'POST /console/v1/conversations/:id/replies': {
    path: `${conversation}/replies`,
    status: 202,
    more: body({ clientId: '12345678', content: { type: 'text', text: '你好' } }),
    wrong: {
      more: body({ clientId: '1', content: { type: 'image', mediaId: 'x', text: 'y' } }),
      fields: ['clientId', 'content.mediaId', 'content.text'],
    },
  },
  'POST /console/v1/conversations/:id/notes': {
    path: `${conversation}/notes`,
    status: 201,
    more: body({ clientId: '12345678', text: '老客户' }),
    wrong: { more: body({ text: ' ' }), fields: ['clientId', 'text'] },
  },
  'POST /console/v1/conversations/:id/follow-up': {
    path: `${conversation}/follow-up`,
    status: 200,
    more: body({ followUp: 'done' }),
    wrong: { more: body({ followUp: 'maybe', note: 7 }), fields: ['followUp', 'note'] },
  },
  'POST /console/v1/media': { path: `${base}/media`, status: 201, more: upload },
  'POST /console/v1/media/files': { path: `${base}/media/files`, status: 201, more: upload },
  'GET /console/v1/media/:id': {
    path: `${base}/media/${MEDIA_ID}?name=a.pdf`,
    status: 200,
    wrong: { path: `${base}/media/..%2fetc?name=`, fields: ['id', 'name'] },
  },
  'GET /console/v1/customers': list('customers', { search: 'x'.repeat(61) }),
  'GET /console/v1/customers/:id': {
    path: `${base}/customers/${ID}`,
    status: 200,
    wrong: { path: `${base}/customers/zz`, fields: ['id'] },
  },
  'PATCH /console/v1/customers/:id': {
    path: `${base}/customers/${ID}`,
    status: 200,
    more: body({ remark: '王姐' }),
    wrong: { more: body({ remark: 5, name: 'no' }), fields: ['remark', 'name'] },
  },
  'GET /console/v1/customers/:id/timeline': list(`customers/${ID}/timeline`),
  'GET /console/v1/staff': list('staff'),
  'POST /console/v1/staff': {
    path: `${base}/staff`,
    status: 201,
    more: () => ({
      json: {
        account: `new.${Math.random().toString(36).slice(2)}`,
        name: 'New',
        role: 'agent',
        password: 'long enough to pass',
      },
    }),
    wrong: {
      more: body({ account: 'A B', role: 'owner', password: 'short' }),
      fields: ['account', 'name', 'role', 'password'],
    },
  },
  'PATCH /console/v1/staff/:id': {
    path: `${base}/staff/${ID}`,
    status: 200,
    ownTest: true,
    wrong: {
      path: `${base}/staff/zz`,
      more: body({ disabled: 'yes', account: 'x' }),
      fields: ['id', 'disabled', 'account'],
    },
  },
  'POST /console/v1/staff/:id/password': {
    path: `${base}/staff/${ID}/password`,
    status: 204,
    ownTest: true,
    wrong: { more: body({ password: 'short' }), fields: ['password'] },
  },
  'GET /console/v1/audit': list('audit'),
  'GET /console/v1/strategies': { path: `${base}/strategies`, status: 200 },
  'PUT /console/v1/strategies/:code': {
    path: `${base}/strategies/welcome`,
    status: 200,
    more: body(putStrategy),
    wrong: {
      path: `${base}/strategies/No%20Code`,
      more: body({ ...putStrategy, enabled: 1, title: { en: '' }, actions: [], trigger: { code: 'moon', args: {} } }),
      fields: ['code', 'enabled', 'title.zh-CN', 'title.en', 'actions', 'trigger.code'],
    },
  },
  'GET /console/v1/keys': { path: `${base}/keys`, status: 200 },
  'POST /console/v1/keys': {
    path: `${base}/keys`,
    status: 201,
    more: body({ name: 'Mall', sources: ['mall'] }),
    wrong: { more: body({ name: ' ', sources: [''], secret: 'x' }), fields: ['name', 'sources.0', 'secret'] },
  },
  'DELETE /console/v1/keys/:id': {
    path: `${base}/keys/${ID}`,
    status: 204,
    ownTest: true,
    wrong: { ...badId, path: `${base}/keys/zz` },
  },
  'GET /console/v1/scenes': list('scenes'),
  'POST /console/v1/scenes': {
    path: `${base}/scenes`,
    status: 201,
    more: body({ account: 'shop', scene: 'door', name: '门店' }),
    wrong: { more: body({ account: '', scene: 'a b' }), fields: ['account', 'scene', 'name'] },
  },
  'GET /console/v1/scenes/:id/image': {
    path: `${base}/scenes/${ID}/image`,
    status: 200,
    wrong: { path: `${base}/scenes/zz/image`, fields: ['id'] },
  },
  'GET /console/v1/channels': { path: `${base}/channels`, status: 200 },
  'GET /console/v1/stream': { path: `${base}/stream`, status: 200, ownTest: true },
};
