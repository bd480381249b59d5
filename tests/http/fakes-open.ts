/** In-memory ports of shop systems and of the mini-program: valid answers with a field too many, which must not leave. */
import type { MemberMe } from '../../src/contracts/index.js';
import type { MemberActor, MemberPort, OpenPort } from '../../src/http/ports.js';
import type { Answer } from './fakes.js';

const ID = 'a'.repeat(24);
const at = '2026-03-01T02:00:00.000Z';
const points = { available: 120, pending: 30, debt: 0, spendable: 120 };
const one = <T>(item: T) => ({ items: [item], nextCursor: null });

export function fakeOpen(answer: Answer, note: (name: keyof OpenPort, given: unknown[]) => Promise<void>): OpenPort {
  const tell = async <T>(name: keyof OpenPort, given: unknown[], value: T): Promise<T> => {
    await note(name, given);
    return answer(`open.${name}`, value);
  };
  const receipt = (id: string) => ({ id, repeated: false, secretNote: 'not for shops' });
  return {
    order: (input, by) => tell('order', [input, by], receipt(`order-${input.orderNo}`)),
    event: (input, by) => tell('event', [input, by], receipt(`event-${input.eventId}`)),
    customer: (input, by) => tell('customer', [input, by], receipt(`customer-${input.externalId}`)),
    product: (input, by) => tell('product', [input, by], receipt(input.sku)),
    lookup: (body, by) =>
      tell('lookup', [body, by], {
        id: ID,
        name: '小林',
        phone: '138****8000',
        member: true,
        points,
        level: { code: 'silver', title: '银卡', growth: 10, validUntil: at },
        vouchers: [],
      }),
    spend: (body, by) => tell('spend', [body, by], { id: ID, amount: body.amount, available: 20, repeated: false }),
    redeem: (code, body, by) => tell('redeem', [code, body, by], receipt(code)),
    release: (code, body, by) => tell('release', [code, body, by], receipt(code)),
  };
}

const me: MemberMe = {
  joined: true,
  name: '小林',
  phone: '138****8000',
  gender: null,
  birthday: null,
  province: null,
  city: null,
  level: { code: 'base', title: '普通', vip: false, growth: 0, since: at, validUntil: null, next: null, benefits: [] },
  points: { ...points, frozenUntil: null, expiring: [] },
  vouchers: 1,
  card: null,
  checkin: { today: false, points: 5, days: 0 },
  privacy: { personalisation: false, promotion: false, care: true, minor: false },
};
const voucher = {
  code: 'HK1234',
  title: '满100减10',
  amountOff: 1000,
  threshold: 10_000,
  state: 'granted' as const,
  grantedAt: at,
  expiresAt: at,
  usedAt: null,
};

export function fakeMember(answer: Answer, tokens: Map<string, Omit<MemberActor, 'requestId'>>): MemberPort {
  const tell = <T>(name: keyof MemberPort, by: MemberActor | undefined, value: T): Promise<T> =>
    answer(`member.${name}${by ? ` ${by.customerId}` : ''}`, value);
  const entry = { id: ID, at, kind: 'points.earned', amount: 5, pending: false, title: '签到', orderNo: null };
  const order = { id: ID, source: 'mall', orderNo: '1', status: 'paid' as const, placedAt: at, paid: 100, refunded: 0 };
  const offer = { couponId: ID, title: '满100减10', amountOff: 1000, threshold: 10_000, validDays: 7, refusal: null };
  return {
    who: async (token) => tokens.get(token),
    login: () => tell('login', undefined, { token: 't'.repeat(43), expiresAt: at, joined: false }),
    texts: () => tell('texts', undefined, { privacy: { version: '1', text: '…' }, consents: [], notices: [] }),
    logout: (by) => tell('logout', by, undefined),
    me: (by) => tell('me', by, { ...me, unionid: 'not for phones' }),
    changeMe: (_body, by) => tell('changeMe', by, me),
    join: (_body, by) => tell('join', by, me),
    phone: (_body, by) => tell('phone', by, me),
    privacy: (_body, by) => tell('privacy', by, me),
    notices: (body, by) => tell('notices', by, { granted: body.answers.length, repeated: false }),
    points: (_page, by) => tell('points', by, one({ ...entry, expiresAt: null })),
    vouchers: (_page, by) => tell('vouchers', by, one(voucher)),
    levels: (by) => tell('levels', by, { items: [] }),
    offers: (by) => tell('offers', by, one(offer)),
    claim: (_body, by) => tell('claim', by, voucher),
    checkin: (by) => tell('checkin', by, { points: 5, days: 1, repeated: false }),
    orders: (_page, by) => tell('orders', by, one({ ...order, items: [], shipments: [], points: null })),
    messagesRead: (_body, by) => tell('messagesRead', by, undefined),
    messages: (_page, by) => tell('messages', by, one({ id: ID, at, title: '发货', text: '…', page: null })),
  };
}
