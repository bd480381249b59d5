/** What a small shop's server knows of one person, and how it answers /member/v1. Bodies are checked with the server's own schemas. */
import { randomUUID } from 'node:crypto';
import QRCode from 'qrcode';
import type { z } from 'zod';
import {
  ClaimBody,
  JoinBody,
  MessagesReadBody,
  MemberLogin,
  MemberMe,
  NoticesBody,
  PhoneBody,
  PrivacyBody,
  ChangeMe,
} from '../../src/contracts/http/member.js';
import type {
  MemberEntry,
  MemberMessage,
  MemberOffer,
  MemberOrder,
  MemberTexts,
  MemberVoucher,
} from '../../src/contracts/http/member.js';

type Voucher = z.input<typeof MemberVoucher>;
export interface Answer {
  status: number;
  body: unknown;
}
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  token: string | undefined;
}

const daysFrom = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
/** What the code reads, as the server draws it. */
const cardCode = '286014953708264471';
const picture = await QRCode.toDataURL(cardCode, { margin: 1, width: 460 });

export const shopTexts: z.input<typeof MemberTexts> = {
  privacy: {
    version: '2026-11',
    text: '我们收集你的会员编号、订单与积分，用来计算等级和发放权益。\n手机号加密保存，仅用于识别你本人。\n你可以随时查询、更正、删除，或退出会员。',
  },
  consents: [
    { purpose: 'care', channel: 'wechat', version: 'care-1', text: '在生日和到期前，通过微信收到祝福与提醒' },
    { purpose: 'promotion', channel: 'wechat', version: 'promo-1', text: '通过微信收到新品与活动消息' },
    { purpose: 'personalisation', channel: 'all', version: 'pers-1', text: '根据我的浏览和购买为我挑选内容' },
  ],
  notices: [
    { scene: 'order-dispatched', templateId: 'tpl-dispatch' },
    { scene: 'level-reached', templateId: 'tpl-level' },
    { scene: 'voucher-expiring', templateId: 'tpl-voucher' },
  ],
};

const levels = [
  { code: 'v1', title: '普通会员', growth: 0, benefits: ['消费积分'] },
  { code: 'v2', title: '银卡会员', growth: 500, benefits: ['积分 1.1 倍', '生日礼券'] },
  { code: 'v3', title: '金卡会员', growth: 2000, benefits: ['积分 1.2 倍', '生日礼券', '专属客服优先接待'] },
  { code: 'v4', title: '黑金会员', growth: 8000, benefits: ['积分 1.5 倍', '新品先试', '免运费'] },
];

export class FakeMember {
  readonly asked: Asked[] = [];
  readonly reported: Array<z.output<typeof NoticesBody>> = [];
  readonly codes = new Set<string>();
  /** Answers to give instead, by path, once each. */
  readonly refuseNext = new Map<string, Answer>();
  cardLivesMs = 300_000;
  private tokens = new Set<string>();
  private claims = new Map<string, Voucher>();
  me: z.input<typeof MemberMe> = {
    ...{ joined: false, name: null, phone: null, gender: null, birthday: null, province: null, city: null },
    level: {
      ...{ code: 'v2', title: '银卡会员', vip: false, growth: 1280, since: daysFrom(-60), validUntil: daysFrom(305) },
      next: { code: 'v3', title: '金卡会员', growth: 2000, missing: 720 },
      benefits: ['积分 1.1 倍', '生日礼券'],
    },
    points: {
      ...{ available: 1860, pending: 299, debt: 0, spendable: 1860, frozenUntil: null },
      expiring: [
        { amount: 320, at: daysFrom(12) },
        { amount: 1540, at: daysFrom(200) },
      ],
    },
    vouchers: 1,
    card: null,
    checkin: { today: false, points: 5, days: 3 },
    privacy: { personalisation: false, promotion: false, care: false, minor: false },
  };
  vouchers: Voucher[] = [
    { ...voucher('HK7QM2ZD84KT', '新客礼券', 2000, 9900), expiresAt: daysFrom(3) },
    { ...voucher('HK1XW9PL20VB', '周年庆满减券', 5000, 30000), state: 'used', usedAt: daysFrom(-3) },
    { ...voucher('HK5TR8NC61MD', '春季上新券', 1500, 0), state: 'expired', expiresAt: daysFrom(-20) },
  ];
  offers: Array<z.input<typeof MemberOffer>> = [
    { couponId: 'a'.repeat(24), title: '冬季满减券', amountOff: 3000, threshold: 19900, validDays: 14, refusal: null },
    {
      couponId: 'b'.repeat(24),
      title: '会员日免单券',
      amountOff: 1000,
      threshold: 0,
      validDays: 7,
      refusal: 'coupon.exhausted',
    },
  ];
  orders: Array<z.input<typeof MemberOrder>> = shopOrders();
  messages: Array<z.input<typeof MemberMessage>> = [
    {
      id: 'm1',
      at: daysFrom(-1),
      title: '升级为银卡会员',
      text: '恭喜！你的积分从现在起按 1.1 倍计算。',
      page: 'pages/levels/index',
      purpose: 'contract',
      unread: true,
    },
    {
      id: 'm2',
      at: daysFrom(-2),
      title: '冬季上新，会员先试',
      text: '护手霜满 199 减 30，券已放进你的卡券。',
      page: 'pages/vouchers/index',
      purpose: 'promotion',
      unread: false,
    },
    {
      id: 'm3',
      at: daysFrom(-3),
      title: '生日快乐',
      text: '小满，祝你生日快乐！',
      page: null,
      purpose: 'care',
      unread: false,
    },
    ...Array.from({ length: 17 }, (_, i) => ({
      ...{ id: `m${String(i + 4)}`, at: daysFrom(-4 - i), title: '积分到账', text: '签到得 5 积分', page: null },
      ...{ purpose: 'contract' as const, unread: false },
    })),
  ];

  endSessions(): void {
    this.tokens.clear();
  }

  answer(asked: Asked): Answer {
    this.asked.push(asked);
    const refusal = this.refuseNext.get(asked.path);
    if (refusal) {
      this.refuseNext.delete(asked.path);
      return refusal;
    }
    if (asked.path === '/texts') return ok(shopTexts);
    if (asked.path === '/login') return this.login(asked.body);
    if (asked.token === undefined || !this.tokens.has(asked.token)) return problem(401, 'member.signInNeeded');
    return asked.method === 'GET' ? this.read(asked) : this.write(asked);
  }

  private login(body: unknown): Answer {
    const { code } = MemberLogin.parse(body);
    if (!this.codes.delete(code)) return problem(401, 'code.invalid');
    const token = randomUUID().replaceAll('-', '');
    this.tokens.add(token);
    return ok({ token, expiresAt: daysFrom(7), joined: this.me.joined });
  }

  private read({ path, query }: Asked): Answer {
    switch (path) {
      case '/me':
        return ok(MemberMe.parse(this.withCard()));
      case '/levels':
        return ok({ items: levels });
      case '/offers':
        return ok({ items: this.offers, nextCursor: null });
      case '/vouchers':
        return ok({ items: this.vouchers, nextCursor: null });
      case '/orders':
        return ok({ items: this.orders, nextCursor: null });
      case '/messages':
        return ok(inbox(this.messages, query));
      case '/points':
        return ok(statement(query));
      default:
        return problem(404, 'request.notFound');
    }
  }

  private write({ method, path, body }: Asked): Answer {
    switch (`${method} ${path}`) {
      case 'POST /join':
        return this.join(body);
      case 'POST /checkin':
        return this.checkIn();
      case 'POST /offers/claim':
        return this.claim(body);
      case 'POST /privacy': {
        const { purpose, given } = PrivacyBody.parse(body);
        this.me.privacy[purpose] = given;
        return ok(this.withCard());
      }
      case 'PUT /messages/read': {
        const until = new Date(MessagesReadBody.parse(body).until);
        for (const message of this.messages) if (new Date(message.at) <= until) message.unread = false;
        return { status: 204, body: undefined };
      }
      case 'POST /phone':
        PhoneBody.parse(body);
        this.me.phone = '138****8000';
        return ok(this.withCard());
      case 'PUT /me':
        Object.assign(this.me, ChangeMe.parse(body));
        return ok(this.withCard());
      case 'POST /notices':
        this.reported.push(NoticesBody.parse(body));
        return ok({ granted: 1, repeated: false });
      default:
        return problem(404, 'request.notFound');
    }
  }

  private join(body: unknown): Answer {
    const { age, guardianConsent, consents, phoneCode } = JoinBody.parse(body);
    if (age === 'under14' && !guardianConsent) return problem(403, 'guardian.missing');
    this.me.joined = true;
    this.me.name = '林小满';
    if (phoneCode) this.me.phone = '138****8000';
    for (const { purpose } of consents) this.me.privacy[purpose] = true;
    return ok(this.withCard());
  }

  private checkIn(): Answer {
    const { checkin, points } = this.me;
    if (checkin.today) return ok({ points: 0, days: checkin.days, repeated: true });
    this.me.checkin = { ...checkin, today: true, days: checkin.days + 1 };
    points.available += checkin.points;
    return ok({ points: checkin.points, days: checkin.days + 1, repeated: false });
  }

  private claim(body: unknown): Answer {
    const { couponId, requestKey } = ClaimBody.parse(body);
    const offer = this.offers.find((each) => each.couponId === couponId);
    if (!offer) return problem(404, 'coupon.notFound');
    const made =
      this.claims.get(requestKey) ??
      voucher(`HK8FD3SA77Q${String(this.claims.size)}`, offer.title, offer.amountOff, offer.threshold);
    if (!this.claims.has(requestKey)) this.vouchers.unshift(made);
    this.claims.set(requestKey, made);
    offer.refusal = 'coupon.perPersonReached';
    this.me.vouchers++;
    return ok(made);
  }

  private withCard(): z.input<typeof MemberMe> {
    const expiresAt = new Date(Date.now() + this.cardLivesMs).toISOString();
    return { ...this.me, card: this.me.joined ? { code: cardCode, picture, expiresAt } : null };
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body });
export const problem = (status: number, code: string): Answer => ({
  status,
  body: { type: 'about:blank', title: 'Refused', status, code, requestId: 'r-1' },
});

function voucher(code: string, title: string, amountOff: number, threshold: number): Voucher {
  return {
    ...{ code, title, amountOff, threshold, state: 'granted' },
    ...{ grantedAt: daysFrom(-1), expiresAt: daysFrom(14), usedAt: null },
  };
}

function inbox(all: Array<z.input<typeof MemberMessage>>, query: URLSearchParams) {
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Math.min(Number(query.get('limit')), pageSize);
  return {
    items: all.slice(from, to).map((message) => ({ ...message })),
    nextCursor: to < all.length ? String(to) : null,
  };
}

const pageSize = 15;
const total = 40;
/** Forty movements; `cursor` is the number of the next. */
function statement(query: URLSearchParams): { items: Array<z.input<typeof MemberEntry>>; nextCursor: string | null } {
  const from = Number(query.get('cursor') ?? 0);
  const items = Array.from({ length: Math.min(pageSize, total - from) }, (_, i) => entry(from + i));
  return { items, nextCursor: from + pageSize < total ? String(from + pageSize) : null };
}
function entry(i: number): z.input<typeof MemberEntry> {
  const at = daysFrom(-i);
  if (i === 0)
    return {
      ...{ id: 'e0', at, kind: 'order', amount: 299, pending: true, title: '订单积分' },
      orderNo: 'D20261120001',
      expiresAt: null,
    };
  if (i % 5 === 3)
    return {
      ...{ id: `e${String(i)}`, at, kind: 'spend', amount: -200, pending: false, title: '下单抵扣' },
      orderNo: 'D20261102007',
      expiresAt: null,
    };
  return {
    ...{ id: `e${String(i)}`, at, kind: 'checkin', amount: 5, pending: false, title: '每日签到' },
    orderNo: null,
    expiresAt: daysFrom(365 - i),
  };
}

function shopOrders(): Array<z.input<typeof MemberOrder>> {
  const base = { source: 'shop', refunded: 0, shipments: [], points: null };
  return [
    {
      ...{ ...base, id: 'o1', orderNo: 'D20261120001', status: 'dispatched', placedAt: daysFrom(-2), paid: 29900 },
      items: [
        { name: '山茶花润手霜 50ml', quantity: 2, price: 9900 },
        { name: '棉麻礼袋', quantity: 1, price: 10100 },
      ],
      shipments: [{ carrier: '顺丰速运', trackingNo: 'SF1468022735510', status: 'in-transit', at: daysFrom(-1) }],
      points: { amount: 299, pending: true, availableAt: daysFrom(9) },
    },
    {
      ...{ ...base, id: 'o2', orderNo: 'D20261121004', status: 'paid', placedAt: daysFrom(-1), paid: 6800 },
      items: [{ name: '茉莉香薰蜡烛', quantity: 1, price: 6800 }],
      points: { amount: 68, pending: true, availableAt: null },
    },
    {
      ...{
        ...base,
        id: 'o3',
        orderNo: 'D20261003011',
        status: 'completed',
        placedAt: daysFrom(-50),
        paid: 45800,
        refunded: 9900,
      },
      items: [{ name: '羊毛围巾 雾蓝', quantity: 1, price: 45800 }],
      points: { amount: 359, pending: false, availableAt: daysFrom(-30) },
    },
  ];
}
