/**
 * The figures of the dashboard of today: of each, which rows are counted, by which time, and what one row counts. A figure and the list of
 * its rows are read from this one description, so that they cannot part. Pure.
 */
import type { Titles } from '../../contracts/index.js';

/** Moments counted, both ends included. */
export interface Stretch {
  from: Date;
  to: Date;
}

export type Rows = 'events' | 'outbox' | 'audience' | 'conversations' | 'portraits';
export type Filter = Record<string, unknown>;

/** Rows of one collection, found by an index over `by`, newest first. */
export interface Source {
  of: Rows;
  by: string;
  /** Beside the time. `current`: what is so now, whenever it began. */
  where(stretch: Stretch): Filter;
  current?: true;
  /** The number that a row counts, without its sign; 1 when left out. */
  amount?: string;
}

export type FigureUnit = 'people' | 'orders' | 'fen' | 'messages' | 'points' | 'vouchers' | 'conversations' | 'times';

export interface Figure {
  code: string;
  title: Titles;
  unit: FigureUnit;
  sources: readonly Source[];
  /** Nothing is kept of how it was at this hour of yesterday. */
  now?: true;
  hourly?: true;
}

/** Of things that happened, by when they happened. */
const happened = (kind: string, more: Filter = {}, amount?: string): Source => ({
  ...{ of: 'events', by: 'at', where: () => ({ kind, ...more }) },
  ...(amount ? { amount } : {}),
});

const titles = (zh: string, en: string): Titles => ({ 'zh-CN': zh, en });
const within = ({ from, to }: Stretch): Filter => ({ $gte: from, $lte: to });

const SENT: readonly string[] = ['sent', 'submitted'];
/** The message is out of our hands or surely will not go; the rest is still to come. */
const ENDED: readonly string[] = [...SENT, 'skipped', 'refused', 'unknown'];

/** Whoever was heard of by a chat or the mini-program, and then those who only did something in the shop. */
const active: readonly Source[] = [
  { of: 'portraits', by: 'lastSeenAt', where: () => ({}) },
  { of: 'portraits', by: 'lastBehaviourAt', where: (stretch) => ({ lastSeenAt: { $not: within(stretch) } }) },
];

/** Of broadcasts, one a person of the audience; of strategies, what they said of their own accord. */
const campaign: readonly Source[] = [
  { of: 'audience', by: 'at', where: () => ({ state: { $in: SENT } }) },
  {
    ...{ of: 'outbox', by: 'settledAt' },
    where: () => ({
      ...{ state: { $in: SENT }, 'strategy.code': { $exists: true }, broadcastId: { $exists: false } },
      purpose: { $in: ['care', 'promotion'] },
    }),
  },
];

export const figures: readonly Figure[] = [
  {
    ...{ code: 'orders', title: titles('支付订单', 'Orders paid'), unit: 'orders' },
    ...{ sources: [happened('order.paid')], hourly: true },
  },
  {
    ...{ code: 'revenue', title: titles('支付金额', 'Paid'), unit: 'fen' },
    ...{ sources: [happened('order.paid', {}, 'data.paid')], hourly: true },
  },
  {
    ...{ code: 'newCustomers', title: titles('新客户', 'New customers'), unit: 'people' },
    sources: [happened('customer.created')],
  },
  {
    ...{ code: 'newMembers', title: titles('新会员', 'New members'), unit: 'people' },
    sources: [happened('member.joined')],
  },
  { code: 'active', title: titles('活跃客户', 'Active people'), unit: 'people', sources: active, now: true },
  {
    ...{ code: 'messagesIn', title: titles('收到消息', 'Messages in'), unit: 'messages' },
    ...{ sources: [happened('message.received')], hourly: true },
  },
  {
    ...{ code: 'replies', title: titles('回复', 'Replies in chats'), unit: 'messages' },
    sources: [happened('message.sent', { conversationId: { $exists: true } })],
  },
  {
    ...{ code: 'openConversations', title: titles('进行中的会话', 'Open conversations'), unit: 'conversations' },
    ...{ sources: [conversations({})], now: true },
  },
  {
    ...{ code: 'waiting', title: titles('等待回复的会话', 'Conversations waiting'), unit: 'conversations' },
    ...{ sources: [conversations({ waitingSince: { $exists: true } })], now: true },
  },
  {
    ...{ code: 'pointsEarned', title: titles('发放积分', 'Points earned'), unit: 'points' },
    sources: [happened('points.earned', {}, 'data.amount')],
  },
  {
    ...{ code: 'pointsSpent', title: titles('使用积分', 'Points spent'), unit: 'points' },
    sources: [happened('points.spent', {}, 'data.amount')],
  },
  {
    ...{ code: 'vouchersGranted', title: titles('发放优惠券', 'Vouchers granted'), unit: 'vouchers' },
    sources: [happened('voucher.granted')],
  },
  {
    ...{ code: 'vouchersUsed', title: titles('核销优惠券', 'Vouchers used'), unit: 'vouchers' },
    sources: [happened('voucher.redeemed')],
  },
  {
    ...{ code: 'campaignMessages', title: titles('营销消息', 'Campaign messages'), unit: 'messages' },
    sources: campaign,
  },
  {
    ...{ code: 'optOuts', title: titles('退订', 'Opt-outs'), unit: 'times' },
    sources: [happened('consent.withdrawn', { 'data.purpose': 'promotion' })],
  },
  {
    ...{ code: 'unfollows', title: titles('取消关注', 'Unfollows'), unit: 'times' },
    sources: [happened('identity.unfollowed')],
  },
];

/** Those in which somebody wrote, as the boxes of the inbox show them. */
function conversations(more: Filter): Source {
  const where = (): Filter => ({ status: 'open', lastMessageAt: { $exists: true }, ...more });
  return { of: 'conversations', by: 'lastMessageAt', where, current: true };
}

/** What became of messages: of one to one person by its outbox row, of a broadcast's by the person's row in its audience. */
export function outcomeSources({
  state,
  reason,
}: { state?: string | undefined; reason?: string | null } = {}): Source[] {
  const ended = state === undefined ? { $in: ENDED } : state;
  // The outbox leaves the reason out where there is none; an audience row keeps an empty one.
  const [outboxReason, audienceReason] = [
    reason === undefined ? {} : { reason: reason ?? { $exists: false } },
    reason === undefined ? {} : { reason: reason ?? '' },
  ];
  const alone = { broadcastId: { $exists: false }, ...outboxReason };
  const ofOutbox: Source[] = [{ of: 'outbox', by: 'settledAt', where: () => ({ state: ended, ...alone }) }];
  const held: Source[] = [{ of: 'outbox', by: 'dueAt', where: () => ({ state: 'held', ...alone }), current: true }];
  const people = state === undefined ? { $in: [...ENDED, 'held'] } : state;
  return [
    ...(state === 'held' ? [] : ofOutbox),
    ...(state === undefined || state === 'held' ? held : []),
    { of: 'audience', by: 'at', where: () => ({ state: people, ...audienceReason }) },
  ];
}

/** The filter over the collection: the time first, so that its index is the one that fits. */
export function filterOf(source: Source, stretch: Stretch): Filter {
  return { ...source.where(stretch), ...(source.current ? {} : { [source.by]: within(stretch) }) };
}
