/** Fields about what the person bought. */
import { date, fieldOf, money, number, set, type Plain } from './fields.js';
import type { SegmentField } from './question.js';
import { askPurchases, askRepurchase } from './windows.js';

const purchase = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'purchase' });

const orders = number(
  purchase({ code: 'orders', zh: '订单数', en: 'Orders', unit: 'orders', indexed: true, always: true }),
);
const spent = money(purchase({ code: 'spent', zh: '消费金额', en: 'Spent', indexed: true, always: true }));
const items = number(purchase({ code: 'items', zh: '购买件数', en: 'Pieces bought', unit: 'pieces', always: true }));
const average = money(purchase({ code: 'average', zh: '客单价', en: 'Average order' }));
const firstOrderAt = date(purchase({ code: 'firstOrderAt', zh: '首次下单', en: 'First order', indexed: true }));
const lastOrderAt = date(purchase({ code: 'lastOrderAt', zh: '最近下单', en: 'Last order', indexed: true }));
const lastReceivedAt = date(
  purchase({ code: 'lastReceivedAt', zh: '最近收货', en: 'Last order received', indexed: true }),
);
const purchases = fieldOf(
  purchase({ code: 'purchases', zh: '一段时间内的购买', en: 'Purchases in the last days', indexed: true }),
  'window:purchase',
  ['inside'],
  askPurchases,
);
const category = set(
  purchase({ code: 'category', zh: '买过的品类', en: 'Bought the category', path: 'categories.c', indexed: true }),
);
const repurchase = fieldOf(
  purchase({ code: 'repurchase', zh: '回购周期', en: 'Repurchase due', indexed: true }),
  'window:repurchase',
  ['inside'],
  askRepurchase,
);

export const purchaseFields: readonly SegmentField[] = [
  ...[orders, spent, items, average, firstOrderAt, lastOrderAt, lastReceivedAt, purchases, category, repurchase],
];
