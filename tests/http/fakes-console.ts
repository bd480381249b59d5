/** In-memory ports of people, membership and programme: valid answers, some with a field too many, which must not leave. */
import type { MembershipPorts } from '../../src/http/ports.js';
import type { Answer } from './fakes.js';

const ID = 'a'.repeat(24);
const at = '2026-03-01T02:00:00.000Z';
const one = <T>(item: T) => ({ items: [item], nextCursor: null });
const secret = { secretNote: 'not for browsers' };

const proposal = {
  id: ID,
  customers: [{ id: ID, name: '小林', phone: '138****8000', orders: 2 }],
  kind: 'phone',
  evidence: '两边是同一手机号，尾号 8000，但没有在两边都验证过',
  at,
};
const link = {
  id: ID,
  customerIds: [ID, 'b'.repeat(24)],
  kind: 'unionid',
  evidence: '两边的 unionid 一致',
  at,
  by: null,
  undoneAt: null,
  undoneReason: null,
  frozenUntil: null,
};
const balance = { available: 120, pending: 30, debt: 0, spendable: 120, frozenUntil: null };
const title = { 'zh-CN': '银卡', en: 'Silver' };
const consent = { purpose: 'care' as const, channel: 'wechat' as const, given: true, textVersion: '2026-11', at };
const person = {
  personId: ID,
  name: '小林',
  customerIds: [ID],
  profile: {
    name: '小林',
    phone: '138****8000',
    phoneVerifiedAt: at,
    gender: null,
    birthday: null,
    province: null,
    city: null,
    address: null,
    minor: false,
    joinedAt: at,
  },
  figures: { orders: 2, spent: 30_000, items: 3, firstOrderAt: at, lastOrderAt: at, lastBehaviourAt: null },
  level: { code: 'silver', title, vip: false, growth: 300, since: at, validUntil: at, next: { title, missing: 200 } },
  points: balance,
  consents: [consent],
  links: [link],
  proposals: [proposal],
};
const points = {
  lots: [
    {
      ...{ id: ID, customerId: ID, earnedAt: at, availableAt: at, expiresAt: at },
      ...{ remaining: 120, pending: false, orderNo: null },
    },
  ],
  asOf: balance,
};
const entry = {
  ...{ id: ID, customerId: ID, at, kind: 'adjust', available: 20, pending: 0, debt: 0, orderNo: null },
  ...{ reason: '补偿', by: 'Lin', after: { available: 120, pending: 30, debt: 0 } },
};
const voucher = {
  ...{ id: ID, customerId: ID, code: '…AB23', couponId: ID, title: '满100减10', amountOff: 1000, threshold: 10_000 },
  ...{ state: 'granted' as const, grantedAt: at, expiresAt: at, usedAt: null, orderNo: null },
};
const order = {
  ...{ id: ID, customerId: ID, customerName: '小林', source: 'mall', orderNo: 'A1', status: 'paid' as const },
  ...{ placedAt: at, paidAt: at, dispatchedAt: null, receivedAt: null, completedAt: null, closedAt: null },
  ...{ amount: 10_000, paid: 10_000, freight: 0, discount: 0, refunded: 0, items: [], shipments: [], refunds: [] },
};
export const programmeRules = {
  points: {
    ...{ perYuan: 1, returnWindowDays: 7, receivedAfterDays: 10, validMonths: 12 },
    ...{ checkin: 5, join: 100, birthdayChangeDays: 180 },
  },
  growth: { perYuan: 1, join: 0, windowDays: 365, validDays: 365 },
  levels: [{ code: 'base', title, growth: 0, pointsPercent: 100, vip: false, benefits: [] }],
};
export const couponRules = {
  ...{ title: '满100减10', amountOff: 1000, threshold: 10_000, validDays: 30, budget: 100, perPerson: 1 },
  ...{ levels: [], claimable: true, enabled: true },
};
const coupon = { id: ID, rules: couponRules, granted: 3, used: 1, createdAt: at };
const sender = { scene: 'order-paid' as const, sender: 'huike' as const, changedAt: at };

const imported = {
  ...{ id: ID, kind: 'orders' as const, fileName: '订单.csv', bytes: 100, state: 'uploaded' as const, progress: 0 },
  ...{ mode: null, dryRun: false, counts: { rows: 0, ok: 0, unchanged: 0, bad: 0 }, reasons: [], hasReport: false },
  ...{ failure: null, createdAt: at, finishedAt: null, by: 'Lin' },
};
const suggested = { mapping: null, missing: ['orderNo'], from: 'names' as const };
const detail = { ...imported, header: ['单号'], sample: [{ line: 2, cells: ['A1'] }], mapping: null, suggested };

export function fakeMembership(answer: Answer): MembershipPorts {
  const programme = { version: 1, from: at, rules: programmeRules };
  return {
    persons: {
      get: () => answer('persons.get', { ...person, ...secret }),
      changeProfile: () => answer('persons.changeProfile', person),
      consents: () => answer('persons.consents', one({ ...consent, page: null, by: 'member', customerId: ID })),
      link: () => answer('persons.link', person),
      undoLink: () => answer('persons.undoLink', link),
      proposals: () => answer('persons.proposals', one({ ...proposal, ...secret })),
      decide: () => answer('persons.decide', undefined),
    },
    points: {
      get: () => answer('points.get', points),
      statement: () => answer('points.statement', one(entry)),
      adjust: () => answer('points.adjust', points),
    },
    vouchers: {
      list: () => answer('vouchers.list', one({ ...voucher, ...secret })),
      grant: () => answer('vouchers.grant', voucher),
      revoke: () => answer('vouchers.revoke', voucher),
    },
    orders: {
      list: () => answer('orders.list', one({ ...order, ...secret })),
      ofCustomer: () => answer('orders.ofCustomer', one(order)),
      get: () => answer('orders.get', order),
    },
    programme: {
      get: () => answer('programme.get', programme),
      put: () => answer('programme.put', programme),
    },
    coupons: {
      list: () => answer('coupons.list', one({ ...coupon, ...secret })),
      add: () => answer('coupons.add', coupon),
      put: () => answer('coupons.put', coupon),
    },
    senders: {
      list: () => answer('senders.list', one({ ...sender, ...secret })),
      choose: () => answer('senders.choose', sender),
    },
    imports: {
      list: () => answer('imports.list', one({ ...imported, ...secret })),
      upload: (file) => answer('imports.upload', { ...detail, fileName: file.fileName, kind: file.kind }),
      get: () => answer('imports.get', { ...detail, ...secret }),
      putMapping: () => answer('imports.putMapping', detail),
      start: () => answer('imports.start', imported),
      cancel: () => answer('imports.cancel', imported),
      errors: () => answer('imports.errors', { fileName: '订单-refused.csv', content: '行 line\r\n' }),
    },
  };
}
