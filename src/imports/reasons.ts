/** Why a row is refused and what helps, in both languages. Codes are stable: programs and reports rely on them. */

interface Texts {
  'zh-CN': string;
  en: string;
}
export interface ReasonText {
  title: Texts;
  remedy: Texts;
}

const reason = (zh: string, en: string, zhRemedy: string, enRemedy: string): ReasonText => ({
  title: { 'zh-CN': zh, en },
  remedy: { 'zh-CN': zhRemedy, en: enRemedy },
});

export const reasons = {
  'row.unreadable': reason(
    '这一行读不出来，通常是引号没有成对',
    'the row cannot be read, mostly because a quote is not closed',
    '补上引号，或把单元格里的引号写成两个',
    'close the quote; write a quote inside a value twice',
  ),
  'row.tooLong': reason(
    '这一行太长',
    'the row is too long',
    '检查前面是否有没关上的引号',
    'look for an open quote above it',
  ),
  'row.cells': reason(
    '这一行的列数比表头多',
    'the row has more cells than the header',
    '含分隔符的内容要加引号',
    'put values that hold the delimiter in quotes',
  ),
  'row.encoding': reason(
    '有无法识别的字符',
    'it holds characters that cannot be read',
    '换一种编码再导入，或把文件另存为 UTF-8',
    'choose another encoding, or save the file as UTF-8',
  ),
  'field.missing': reason('必填的内容是空的', 'a needed value is empty', '填上这一格', 'fill the cell'),
  'field.invalid': reason(
    '内容不符合这个字段的要求',
    'the value does not fit this field',
    '按字段说明修改',
    'correct it as the field asks',
  ),
  'field.tooLong': reason('内容太长', 'the value is too long', '缩短内容', 'shorten it'),
  'cell.error': reason(
    '公式出错，没有结果',
    'the formula has no result but an error',
    '修好公式，或粘贴为数值',
    'correct the formula, or paste values',
  ),
  'number.scientific': reason(
    '号码被表格软件写成了科学计数法，后面的数字已经丢失',
    'a spreadsheet wrote the number in scientific notation; its last digits are lost',
    '把这一列设为文本格式，从原系统重新导出',
    'make the column text and export again from the system it came from',
  ),
  'number.invalid': reason('不是数字', 'not a number', '只写数字', 'write a number only'),
  'number.notWhole': reason('应当是整数', 'not a whole number', '改为整数', 'write a whole number'),
  'money.invalid': reason('不是金额', 'not an amount of money', '写成 1234.50 这样', 'write it like 1234.50'),
  'money.tooFine': reason(
    '金额小于一分',
    'the amount has parts smaller than one fen',
    '最多写两位小数',
    'write at most two decimals',
  ),
  'money.negative': reason(
    '金额不能是负数',
    'the amount is negative',
    '退款写在“已退金额”一列，用正数',
    'put refunds into the refunded column, as positive amounts',
  ),
  'money.contradicts': reason(
    '金额互相矛盾：实付、优惠、运费都不能大于订单金额，退款不能大于实付',
    'amounts contradict each other: paid, discount and freight are parts of amount, and refunds of paid',
    '检查金额各列对应的字段',
    'look at which columns the amounts come from',
  ),
  'date.beforePlaced': reason(
    '这个时间早于下单时间',
    'this time is before the order was placed',
    '检查时间各列对应的字段',
    'look at which columns the times come from',
  ),
  'date.invalid': reason(
    '看不懂的日期',
    'not a date in any known form',
    '写成 2026-01-31 08:30:00，或在映射里写明格式',
    'write it like 2026-01-31 08:30:00, or name its format in the mapping',
  ),
  'date.noSuchDay': reason('日历上没有这一天', 'the calendar has no such day', '改正日期', 'correct the date'),
  'date.implausible': reason(
    '日期太早或在未来',
    'the date is before 1990 or in the future',
    '改正日期；检查日期格式',
    'correct the date; look at its format',
  ),
  'phone.invalid': reason(
    '不是 11 位手机号',
    'not a mobile number of 11 digits',
    '改正号码；没有就留空',
    'correct the number, or leave the cell empty',
  ),
  'status.unknown': reason(
    '不认识的订单状态',
    'an unknown word for the state of an order',
    '在映射的状态表里加上这个词',
    'add the word to the states in the mapping',
  ),
  'gender.unknown': reason(
    '不认识的性别',
    'an unknown word for gender',
    '在映射里加上这个词，或留空',
    'add the word in the mapping, or leave it empty',
  ),
  'customer.missing': reason(
    '没有任何能认出顾客的内容',
    'nothing names the customer',
    '会员号、手机号、unionid 或 openid 至少填一个',
    'fill at least one of member number, phone, unionid, openid',
  ),
  'key.repeated': reason(
    '这个编号在文件里已经出现过',
    'this number stands in the file already',
    '只留一行；同一订单有多行商品时打开“多行合成一单”',
    'keep one row; where several rows make one order, switch grouping on',
  ),
  'group.scattered': reason(
    '同一订单的几行没有排在一起',
    'the rows of this order are not below each other',
    '按订单号排序后再导入',
    'sort the file by order number and import it again',
  ),
  'group.otherRow': reason(
    '同一订单的另一行有错，整单没有导入',
    'another row of this order is wrong, so the order was not taken',
    '改正那一行',
    'correct that row',
  ),
  'group.tooLarge': reason(
    '一个订单超过 200 行',
    'an order has more than 200 rows',
    '检查订单号这一列',
    'look at the column of order numbers',
  ),
  'group.differs': reason(
    '同一订单的几行写得不一样',
    'the rows of one order contradict each other',
    '让每行的订单信息一致',
    'make what is said of the order the same in each row',
  ),
  'record.refused': reason(
    '系统不接受这条记录',
    'the record was refused by the product',
    '按详情修改',
    'see the value column and correct it',
  ),
} satisfies Record<string, ReasonText>;

export type ReasonCode = keyof typeof reasons;
export const isReason = (code: string): code is ReasonCode => code in reasons;

/** One refused row. `value` is already masked. */
export interface BadRow {
  line: number;
  column: string;
  value: string;
  reason: ReasonCode;
}
