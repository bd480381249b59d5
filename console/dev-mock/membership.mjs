/** Made-up memberships, orders and rules for the mock, read-only: writes answer with what is there. */
const id = (n) => n.toString(16).padStart(24, '0');
const days = (n) => new Date(Date.now() + n * 86_400_000).toISOString();
const ok = (body, status = 200) => ({ status, body });
const page = (items) => ok({ items, nextCursor: null });
const title = (zh, en) => ({ 'zh-CN': zh, en });

const points = { available: 1809, pending: 900, debt: 0, spendable: 1809, frozenUntil: null };
const proposal = {
  id: id(900),
  customers: [
    { id: id(200), name: '周岚', phone: '138****8000', orders: 3 },
    { id: id(201), name: '周女士', phone: '138****8000', orders: 1 },
  ],
  kind: 'phone',
  evidence: '两边是同一手机号（2026-03-01 / 未验证），尾号 8000，但没有在两边都验证过',
  at: days(-1),
};
const consent = { purpose: 'promotion', channel: 'wechat', given: true, textVersion: '2026-11', at: days(-40) };
const person = {
  personId: id(200),
  customerIds: [id(200)],
  profile: {
    ...{ name: '周岚', phone: '138****8000', phoneVerifiedAt: days(-40), gender: 'female', birthday: '1990-05-20' },
    ...{ province: '浙江省', city: '杭州市', address: '西湖区****', minor: false, joinedAt: days(-40) },
  },
  figures: {
    ...{ orders: 3, spent: 235_700, items: 9 },
    ...{ firstOrderAt: days(-60), lastOrderAt: days(-3), lastBehaviourAt: null },
  },
  level: {
    ...{ code: 'gold', title: title('金卡会员', 'Gold'), vip: true, growth: 2357 },
    ...{ since: days(-30), validUntil: days(335) },
    next: { title: title('白金会员', 'Platinum'), missing: 2643 },
  },
  points,
  consents: [consent],
  links: [],
  proposals: [proposal],
  limits: { points: 500, voucherFen: 2000 },
};
const lots = [
  { remaining: 819, pending: false, earnedAt: days(-60), expiresAt: days(340), orderNo: 'E20260301001' },
  { remaining: 900, pending: true, earnedAt: days(-3), expiresAt: days(400), orderNo: 'E20260301003' },
].map((lot, n) => ({ ...lot, id: id(700 + n), customerId: id(200), availableAt: days(12) }));
const entry = {
  ...{ id: id(710), customerId: id(200), at: days(-2), kind: 'adjust', available: 200, pending: 0, debt: 0 },
  ...{ orderNo: null, reason: '发货延迟补偿', by: '王主管', after: { available: 1809, pending: 900, debt: 0 } },
};
const voucher = {
  ...{ id: id(720), customerId: id(200), code: '…6YA8', couponId: id(730), title: '满 199 减 20', amountOff: 2000 },
  ...{ threshold: 19_900, state: 'granted', grantedAt: days(-2), expiresAt: days(28), usedAt: null, orderNo: null },
};
const order = {
  ...{ id: id(740), customerId: id(200), customerName: '周岚', source: 'youzan', orderNo: 'E20260301003' },
  ...{ status: 'dispatched', placedAt: days(-3), paidAt: days(-3), dispatchedAt: days(-2), receivedAt: null },
  ...{ completedAt: null, closedAt: null, amount: 89_900, paid: 82_900, freight: 1000, discount: 7000, refunded: 0 },
  items: [{ sku: 'SC-01', name: '羊毛围巾 驼色', category: '配饰', quantity: 2, price: 29_900 }],
  shipments: [{ carrier: '顺丰速运', trackingNo: 'SF1234567890', status: 'in-transit', at: days(-1) }],
  refunds: [],
};
const rules = {
  points: {
    ...{ perYuan: 1, returnWindowDays: 15, receivedAfterDays: 15, validMonths: 12 },
    ...{ checkin: 5, join: 20, birthdayChangeDays: 365 },
  },
  growth: { perYuan: 1, join: 0, windowDays: 365, validDays: 365 },
  levels: [
    { code: 'member', title: title('普通会员', 'Member'), growth: 0, pointsPercent: 100, vip: false, benefits: [] },
    { code: 'gold', title: title('金卡会员', 'Gold'), growth: 2000, pointsPercent: 120, vip: true, benefits: [] },
  ],
};
const coupon = {
  ...{ id: id(730), granted: 34, used: 12, createdAt: days(-20) },
  rules: {
    ...{ title: '满 199 减 20', amountOff: 2000, threshold: 19_900, validDays: 30, budget: 100, perPerson: 1 },
    ...{ levels: [], claimable: true, enabled: true },
  },
};
const file = {
  ...{ id: id(750), kind: 'orders', fileName: '淘宝订单.csv', bytes: 34_000, state: 'done', progress: 100 },
  ...{ mode: 'history', dryRun: false, counts: { rows: 400, ok: 385, unchanged: 0, bad: 15 } },
  reasons: [{ code: 'status.unknown', count: 15, title: title('不认识的订单状态', 'an unknown word for a state') }],
  ...{ hasReport: false, failure: null, createdAt: days(-1), finishedAt: days(-1), by: '王主管' },
};
const mapping = { kind: 'orders', source: 'taobao', format: { type: 'csv' }, columns: { orderNo: '订单编号' } };
const detail = {
  ...file,
  header: ['订单编号', '订单状态'],
  sample: [{ line: 2, cells: ['T1000', '交易成功'] }],
  mapping,
  suggested: { mapping, missing: [], from: 'kept' },
};
const key = {
  ...{ id: '6b034f7df3a653c84d523ca8', name: '有赞商城', verifiesPhones: true, sources: ['youzan'] },
  ...{ createdAt: days(-30), createdBy: '管理员', lastUsedAt: days(0), revokedAt: null },
};

const ofCustomer = {
  person: () => ok(person),
  profile: () => ok(person),
  consents: () => page([{ ...consent, page: 'pages/join/index', by: 'member', customerId: id(200) }]),
  points: () => ok({ lots, asOf: points }),
  statement: () => page([entry]),
  vouchers: () => page([voucher]),
  orders: () => page([order]),
  links: () => ok(person),
};
const rooms = {
  orders: (rest) => (rest[0] ? ok(order) : page([order])),
  'link-proposals': (rest) => (rest[0] ? { status: 204 } : page([proposal])),
  programme: () => ok({ version: 2, from: days(-20), rules }),
  coupons: () => page([coupon]),
  senders: () => page([{ scene: 'order-dispatched', sender: 'huike', changedAt: days(-9) }]),
  imports: (rest) => (rest[0] ? ok(detail) : page([file])),
  keys: (rest, method) => (method === 'POST' ? ok({ ...key, secret: 'huike_sec_demo' }, 201) : page([key])),
};

/** Undefined: not a question about memberships. */
export function membership(method, [room, ...rest]) {
  if (room === 'customers' && rest[1]) return ofCustomer[rest[2] ?? rest[1]]?.();
  return Object.hasOwn(rooms, room) ? rooms[room](rest, method) : undefined;
}
