/** Records as the member sees them in the mini-program. Pure. */
import type * as c from '../../../contracts/index.js';
import type { OrderRecord } from '../../../domain/commerce/index.js';
import type { Entry, OrderPoints, PersonLevel, VoucherRecord } from '../../../domain/membership/index.js';
import type { OutboxRecord } from '../../../flow/models.js';

const iso = (at: Date | undefined | null): string | null => at?.toISOString() ?? null;

export function presentLevel({ level, growth, since, validUntil, next }: PersonLevel): c.MemberMe['level'] {
  return {
    ...{ code: level.code, title: level.title['zh-CN'], vip: level.vip, growth },
    since: iso(since),
    validUntil: iso(validUntil),
    next: next
      ? {
          code: next.level.code,
          title: next.level.title['zh-CN'],
          growth: next.level.growth,
          missing: next.missing,
        }
      : null,
    benefits: level.benefits.map((benefit) => benefit['zh-CN']),
  };
}

const entryTitles: Readonly<Record<Entry['kind'], string>> = {
  earn: '消费积分',
  release: '积分到账',
  spend: '积分使用',
  return: '退回已用积分',
  expire: '积分过期',
  claw: '退款扣回',
  offset: '抵扣欠分',
  adjust: '积分调整',
  join: '入会礼',
  checkin: '每日签到',
  date: '有效期更新',
};

/**
 * What was earned but is not usable yet is told apart; of other movements the usable points count. The reason of a spending was given by
 * the shop system for the customer to read; that of an adjustment is the staff's own note and no member's business.
 */
export function presentEntry(entry: Entry): c.MemberEntry {
  const pending = entry.available === 0 && entry.pending !== 0;
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    kind: entry.kind,
    amount: pending ? entry.pending : entry.available,
    pending,
    title: (entry.kind === 'spend' ? entry.reason : undefined) ?? entryTitles[entry.kind],
    orderNo: entry.order?.orderNo ?? null,
    expiresAt: iso(entry.expiresAt),
  };
}

export function presentVoucher(voucher: VoucherRecord): c.MemberVoucher {
  const { code, title, amountOff, threshold, state } = voucher;
  return {
    ...{ code, title, amountOff, threshold, state },
    grantedAt: voucher.grantedAt.toISOString(),
    expiresAt: voucher.expiresAt.toISOString(),
    usedAt: iso(voucher.usedAt),
  };
}

export function presentOrder(order: OrderRecord, points: OrderPoints | undefined): c.MemberOrder {
  const { source, orderNo, status, paid, items, shipments, refunds } = order;
  return {
    id: String(order._id),
    ...{ source, orderNo, status, paid },
    placedAt: order.placedAt.toISOString(),
    refunded: refunds.reduce((sum, refund) => sum + (refund.status === 'succeeded' ? refund.amount : 0), 0),
    items: items.map(({ name, quantity, price }) => ({ name, quantity, price })),
    shipments: shipments.map(({ at, ...parcel }) => ({ ...parcel, at: at.toISOString() })),
    points: points ? { ...points, availableAt: iso(points.availableAt) } : null,
  };
}

const inboxTitles = { contract: '服务通知', care: '会员关怀', promotion: '会员优惠', reply: '服务通知' } as const;

export interface NoticeFacts {
  /** Of strategies by code. */
  titles: ReadonlyMap<string, string>;
  /** Up to when the member has read; undefined: never. */
  readUntil: Date | undefined;
}

/** A title of its own goes before that of the strategy behind it. What brought a voucher and names no page opens the vouchers. */
export function presentNotice(row: OutboxRecord, { titles, readUntil }: NoticeFacts): c.MemberMessage {
  const kept = row.variants['member-inbox'];
  const said = row.variants['customer-message'];
  const notice = kept?.type === 'notice' ? kept : undefined;
  const at = row.settledAt ?? row.createdAt;
  return {
    id: row._id,
    at: at.toISOString(),
    title: notice?.data['title'] || (titles.get(row.strategy?.code ?? '') ?? inboxTitles[row.purpose]),
    text: notice ? (notice.data['text'] ?? '') : said?.type === 'text' ? said.text : '',
    page: notice?.page ?? (row.voucherId === undefined ? null : 'pages/vouchers/index'),
    ...(row.purpose === 'reply' ? {} : { purpose: row.purpose }),
    unread: readUntil === undefined || at > readUntil,
  };
}
