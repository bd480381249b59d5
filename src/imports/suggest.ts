/**
 * A first mapping for a file nobody has described: from the names of its columns as Taobao, JD, Youzan and others write them, and from
 * a few rows. A proposal for a person to look at, never applied by itself. Pure.
 */
import type { z } from 'zod';
import { ImportMapping } from '../contracts/http/imports.js';
import type { CustomerField, ImportFormat, ImportKind, OrderField } from '../contracts/http/imports.js';
import { tidyMoment } from './dates.js';
import { tidyKey, tidyText, toHalfWidth } from './tidy.js';

export interface SuggestRequest {
  kind: ImportKind;
  header: readonly string[];
  sample: ReadonlyArray<{ cells: readonly string[] }>;
  format: ImportFormat;
  source: string;
}

export interface Suggestion {
  mapping: z.input<typeof ImportMapping>;
  /** Fields that are still needed. */
  missing: string[];
}

/** Best name first: a file that has both 实付金额 and 应付金额 gives `paid` the former. */
const orderNames: Partial<Record<OrderField, string>> = {
  orderNo:
    '订单编号 订单号 主订单编号 交易号 订单id 订单流水号 单号 orderno ordernumber orderid order order# transactionid',
  status: '订单状态 交易状态 状态 orderstatus status financialstatus',
  placedAt:
    '订单创建时间 下单时间 订单提交时间 拍下时间 创建时间 下单日期 订单时间 交易时间 日期 placedat createdat orderdate orderedat date',
  paidAt: '订单付款时间 买家付款时间 付款时间 支付时间 付款确认时间 成交时间 paidat paymenttime paymentdate paytime',
  dispatchedAt: '发货时间 卖家发货时间 出库时间 dispatchedat shippedat shipdate',
  receivedAt: '确认收货时间 收货时间 签收时间 receivedat deliveredat',
  completedAt: '交易成功时间 订单完成时间 完成时间 交易完成时间 completedat finishedat',
  closedAt: '关闭时间 订单关闭时间 取消时间 closedat cancelledat',
  updatedAt: '更新时间 修改时间 最后修改时间 updatedat modifiedat',
  amount: '总金额 订单总金额 订单金额 商品总额 应收金额 原价合计 amount total ordertotal subtotal',
  paid: '买家实际支付金额 实际支付金额 订单实付金额 实付金额 实付款 实收金额 支付金额 结算金额 买家应付货款 应付金额 paid paidamount amountpaid payment',
  freight: '买家应付邮费 运费 邮费 运费金额 配送费 快递费 freight shipping shippingfee postage',
  discount: '优惠金额 订单优惠金额 优惠 折扣 满减金额 优惠合计 discount discountamount',
  refunded: '退款金额 已退款金额 订单退款金额 退款总额 refunded refundamount',
  'customer.externalId':
    '买家会员名 买家昵称 下单帐号 下单账号 会员号 会员编号 会员id 会员卡号 客户编号 顾客编号 买家id 用户id 用户编号 customerid memberid memberno userid customer',
  'customer.phone':
    '买家手机号 联系手机 手机号 手机号码 手机 收货人手机号 收货人手机 联系电话 收货人手机号/提货人手机号 电话 phone mobile telephone',
  'customer.unionid': 'unionid 微信unionid',
  'customer.openid': 'openid 微信openid',
  'customer.name': '收货人姓名 客户姓名 收货人 买家姓名 收货人/提货人 姓名 顾客 name customername',
  'item.sku': '商品编码 商家编码 商品id sku 货号 商品规格编码 外部系统编号 sku编码 productid',
  'item.name': '宝贝标题 商品名称 商品标题 全部商品名称 商品 标题 product productname item itemname title',
  'item.category': '商品类目 类目 商品分类 分类 品类 category',
  'item.quantity': '宝贝总数量 商品数量 订购数量 购买数量 数量 件数 商品总件数 quantity qty count',
  'item.price': '商品单价 单价 价格 京东价 销售价 price unitprice',
  'shipment.carrier': '物流公司 快递公司 承运商 carrier',
  'shipment.trackingNo': '物流单号 运单号 快递单号 trackingno trackingnumber',
};

const customerNames: Partial<Record<CustomerField, string>> = {
  externalId:
    '会员号 会员编号 会员id 会员卡号 客户编号 顾客编号 用户id 用户编号 买家会员名 编号 customerid memberid memberno userid id',
  name: '姓名 会员姓名 客户姓名 顾客姓名 昵称 会员名 name fullname',
  phone: '手机号 手机号码 手机 联系手机 会员手机号 联系电话 电话 phone mobile telephone',
  phoneVerifiedAt: '手机验证时间 phoneverifiedat',
  gender: '性别 gender sex',
  birthday: '生日 出生日期 birthday dateofbirth birthdate',
  province: '省份 省 所在省 所在省份 province state',
  city: '城市 市 所在城市 city',
  address: '地址 详细地址 收货地址 address',
  unionid: 'unionid 微信unionid',
  openid: 'openid 微信openid',
  createdAt: '注册时间 入会时间 创建时间 成为会员时间 注册日期 createdat registeredat joinedat',
  updatedAt: '更新时间 修改时间 updatedat',
};

export function suggestMapping({ kind, header, sample, format, source }: SuggestRequest): Suggestion {
  const names: Readonly<Record<string, string>> = kind === 'orders' ? orderNames : customerNames;
  const columns = matched(names, header);
  const dateFormats = datesOf(columns, header, sample);
  const mapping: z.input<typeof ImportMapping> = {
    kind,
    source,
    format,
    columns,
    ...(kind === 'orders' && hasGroups(columns['orderNo'], header, sample) ? { groups: true } : {}),
    ...(dateFormats ? { transforms: { dateFormats } } : {}),
  };
  const checked = ImportMapping.safeParse(mapping);
  const missing = checked.success ? [] : checked.error.issues.map(({ path }) => String(path.at(-1)));
  return { mapping, missing: [...new Set(missing)] };
}

/** Each column is given to one field: to the one for which its name is the best. */
function matched(names: Readonly<Record<string, string>>, header: readonly string[]): Record<string, string> {
  const plain = header.map(plainName);
  const matches = Object.entries(names).flatMap(([field, list]) =>
    list.split(' ').flatMap((name, rank) => {
      const at = plain.indexOf(name);
      return at >= 0 ? [{ field, at, rank }] : [];
    }),
  );
  const columns: Record<string, string> = {};
  const used = new Set<number>();
  for (const { field, at } of matches.sort((a, b) => a.rank - b.rank)) {
    if (field in columns || used.has(at)) continue;
    columns[field] = header[at] ?? '';
    used.add(at);
  }
  return columns;
}

/** Without what stands in brackets, signs and spaces: `实付金额（元）` and `Order No.` become 实付金额 and orderno. */
function plainName(name: string): string {
  return toHalfWidth(name)
    .toLowerCase()
    .replace(/[([【].*?[)\]】]/g, '')
    .replace(/[\s_\-.:*"'=]/g, '');
}

function hasGroups(orderNo: string | undefined, header: readonly string[], sample: SuggestRequest['sample']): boolean {
  const at = orderNo === undefined ? -1 : header.indexOf(orderNo);
  const keys = sample
    .map(({ cells }) => tidyKey(tidyText(cells[at] ?? '')))
    .flatMap((key) => (key.ok ? [key.value] : []));
  return keys.some((key, i) => key !== '' && key === keys[i - 1]);
}

const LATER = new Date('2100-01-01T00:00:00Z');
const others = ['DD/MM/YYYY', 'MM/DD/YYYY'].flatMap((day) => [`${day} HH:mm:ss`, `${day} HH:mm`, day]);

/** Only where the usual ways fail and the sample leaves one reading: 03/04/2026 alone says neither day nor month. */
function datesOf(
  columns: Record<string, string>,
  header: readonly string[],
  sample: SuggestRequest['sample'],
): string[] | undefined {
  const places = Object.entries(columns)
    .filter(([field]) => field.endsWith('At'))
    .map(([, name]) => header.indexOf(name));
  const texts = sample.flatMap(({ cells }) => places.map((at) => tidyText(cells[at] ?? ''))).filter(Boolean);
  const reads = (formats?: readonly string[]): boolean =>
    texts.every((text) => tidyMoment(text, { zone: 'UTC', formats, now: LATER }).ok);
  if (texts.length === 0 || reads()) return undefined;
  const fitting = ['DD', 'MM'].map((first) => others.filter((format) => format.startsWith(first))).filter(reads);
  return fitting.length === 1 ? fitting[0] : undefined;
}
