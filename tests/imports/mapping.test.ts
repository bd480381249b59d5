/** Cells become values, rows become records, and every bad row says why: money in exact fen, times in their zone, nothing guessed. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ImportMapping } from '../../src/contracts/http/imports.js';
import { tidyBirthday, tidyMoment } from '../../src/imports/dates.js';
import { masked } from '../../src/imports/mask.js';
import { reasons } from '../../src/imports/reasons.js';
import { findScattered, hashOf, readRecords } from '../../src/imports/records.js';
import type { ReadRecord } from '../../src/imports/records.js';
import { csvCell, reportLine } from '../../src/imports/report.js';
import type { SourceRow } from '../../src/imports/rows.js';
import { suggestMapping } from '../../src/imports/suggest.js';
import { tidyCount, tidyKey, tidyMoney, tidyPhone, tidyStatus, tidyText } from '../../src/imports/tidy.js';

const now = new Date('2026-06-01T00:00:00Z');
const value = (tidied: { ok: boolean; value?: unknown; reason?: string }): unknown =>
  tidied.ok ? tidied.value : tidied.reason;

describe('cells', () => {
  it.each([
    ['29.33', 2933],
    ['¥1,234.50', 123450],
    ['￥１，２３４．５', 123450],
    ['1234.5元', 123450],
    [' 0.07 ', 7],
    ['.5', 50],
    ['8.1200', 812],
    ['1,234,567', 123456700],
    ['1.005', 'money.tooFine'],
    ['-3', 'money.negative'],
    ['-0.00', 0],
    ['1,23', 'money.invalid'],
    ['1.234,50', 'money.invalid'],
    ['1.2E+3', 'number.scientific'],
    ['免费', 'money.invalid'],
    ['', 'money.invalid'],
    ['99999999999', 'money.invalid'],
  ])('money %j', (text, expected) => {
    expect(value(tidyMoney(text, 'yuan'))).toBe(expected);
  });

  it('money is exact for every amount, which floats are not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000_00 }), (fen) => {
        const text = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
        expect(value(tidyMoney(text, 'yuan'))).toBe(fen);
      }),
    );
    expect(Math.floor(Number('8.12') * 100)).not.toBe(812 + 1);
    expect(Math.floor(Number('1.15') * 100)).toBe(114);
    expect(value(tidyMoney('1.15', 'yuan'))).toBe(115);
    expect(value(tidyMoney('115', 'fen'))).toBe(115);
    expect(value(tidyMoney('115.5', 'fen'))).toBe('money.tooFine');
  });

  it.each([
    ['2026-01-31 08:30:00', '2026-01-31T00:30:00.000Z'],
    ['2026/1/31 8:30', '2026-01-31T00:30:00.000Z'],
    ['2026年1月31日 8时30分', '2026-01-31T00:30:00.000Z'],
    ['20260131', '2026-01-30T16:00:00.000Z'],
    ['20260131083000', '2026-01-31T00:30:00.000Z'],
    ['2026-01-31T08:30:00Z', '2026-01-31T08:30:00.000Z'],
    ['2026-01-31T08:30:00.123+05:00', '2026-01-31T03:30:00.000Z'],
    ['46053.354166667', '2026-01-31T00:30:00.000Z'],
    ['2026-02-29', 'date.noSuchDay'],
    ['2026-13-01', 'date.noSuchDay'],
    ['31/01/2026', 'date.invalid'],
    ['2027-01-01', 'date.implausible'],
    ['1970-01-01', 'date.implausible'],
    ['2026-01-31 25:00', 'date.invalid'],
    ['昨天', 'date.invalid'],
  ])('time %j in Shanghai', (text, expected) => {
    const read = value(tidyMoment(text, { zone: 'Asia/Shanghai', now }));
    expect(read instanceof Date ? read.toISOString() : read).toBe(expected);
  });

  it('takes a format that was named, and the clock change of a zone that has one', () => {
    const at = (text: string, zone: string, formats: string[]): unknown => {
      const read = value(tidyMoment(text, { zone, formats, now }));
      return read instanceof Date ? read.toISOString() : read;
    };
    expect(at('31/01/2026 08:30', 'Asia/Shanghai', ['DD/MM/YYYY HH:mm'])).toBe('2026-01-31T00:30:00.000Z');
    expect(at('1/2/2026', 'Asia/Shanghai', ['MM/DD/YYYY'])).toBe('2026-01-01T16:00:00.000Z');
    expect(at('1767196800', 'Asia/Shanghai', ['unix'])).toBe('2025-12-31T16:00:00.000Z');
    expect(at('2026-03-28 12:00', 'Europe/Berlin', ['YYYY-MM-DD HH:mm'])).toBe('2026-03-28T11:00:00.000Z');
    expect(at('2026-03-30 12:00', 'Europe/Berlin', ['YYYY-MM-DD HH:mm'])).toBe('2026-03-30T10:00:00.000Z');
    expect(at('19970101', 'Asia/Shanghai', ['YYYYMMDD'])).toBe('1996-12-31T16:00:00.000Z');
  });

  it('reads words, phones, numbers and what exports wrap around them', () => {
    expect(value(tidyStatus('买家已付款，等待卖家发货', {}))).toBe('paid');
    expect(value(tidyStatus('交易成功', { 交易成功: 'delivered' }))).toBe('delivered');
    expect(value(tidyStatus('奇怪', {}))).toBe('status.unknown');
    expect(value(tidyStatus('constructor', {}))).toBe('status.unknown');
    expect(value(tidyPhone('+86 138-0013-8000'))).toBe('13800138000');
    expect(value(tidyPhone('１３８００１３８０００'))).toBe('13800138000');
    expect(value(tidyPhone('1.38E+10'))).toBe('number.scientific');
    expect(value(tidyPhone('12345'))).toBe('phone.invalid');
    expect(value(tidyKey('2.02601E+17'))).toBe('number.scientific');
    expect(value(tidyKey('2026.0'))).toBe('2026');
    expect(value(tidyCount('3件'))).toBe(3);
    expect(value(tidyCount('2.5'))).toBe('number.notWhole');
    expect([tidyText('="0012"'), tidyText("'0012"), tidyText('\t 0012\u00a0'), tidyText('null')]).toEqual([
      '0012',
      '0012',
      '0012',
      '',
    ]);
    expect([value(tidyBirthday('1990/2/9')), value(tidyBirthday('2月29日')), value(tidyBirthday('2月30日'))]).toEqual([
      '1990-02-09',
      '02-29',
      'date.noSuchDay',
    ]);
  });
});

const header = ['订单号', '状态', '时间', '实付', '会员', '手机', '商品', '数量', '单价'];
const base = {
  kind: 'orders',
  source: 'shop',
  format: { type: 'csv' },
  columns: {
    orderNo: '订单号',
    status: '状态',
    placedAt: '时间',
    paid: '实付',
    'customer.externalId': '会员',
    'customer.phone': '手机',
    'item.name': '商品',
    'item.quantity': '数量',
    'item.price': '单价',
  },
};

async function recordsOf(lines: string[], mapping: object = base, columns = header): Promise<ReadRecord[]> {
  const parsed = ImportMapping.parse(mapping);
  const opened = () => ({ header: columns, rows: rowsOf(lines) });
  const scattered = parsed.groups ? await findScattered(parsed, opened()) : undefined;
  const all: ReadRecord[] = [];
  for await (const record of readRecords(parsed, opened(), { now, scattered })) all.push(record);
  return all;
}
async function* rowsOf(lines: string[]): AsyncGenerator<SourceRow> {
  for (const [i, line] of lines.entries()) yield { line: i + 2, cells: line.split(',') };
}
const badOf = (records: ReadRecord[]): unknown[] =>
  records.flatMap(({ bad = [] }) => bad.map(({ line, column, value: shown, reason }) => [line, column, shown, reason]));

describe('orders', () => {
  it('are what the open API would have been told', async () => {
    const [read] = await recordsOf(['A1,交易成功,2026-01-31 08:30,29.90,m1,13800138000,杯子,2,14.95']);
    expect(read?.record?.input).toEqual({
      source: 'shop',
      orderNo: 'A1',
      customer: { externalId: 'm1', phone: '13800138000' },
      status: 'completed',
      currency: 'CNY',
      ...{ amount: 2990, paid: 2990, freight: 0, discount: 0 },
      items: [{ sku: '杯子', name: '杯子', category: '未分类', quantity: 2, price: 1495 }],
      placedAt: new Date('2026-01-31T00:30:00Z'),
      paidAt: new Date('2026-01-31T00:30:00Z'),
      receivedAt: new Date('2026-01-31T00:30:00Z'),
      completedAt: new Date('2026-01-31T00:30:00Z'),
      updatedAt: new Date('2026-01-31T00:30:00Z'),
    });
  });

  it('name every wrong cell of a row, with private data hidden', async () => {
    const records = await recordsOf([
      'A1,在途,2026-02-30,1.005,m1,138001380,杯子,0,1',
      'A2,交易成功,2026-01-01,1,,,杯子,1,1',
    ]);
    expect(badOf(records)).toEqual([
      [2, '状态', '在途', 'status.unknown'],
      [2, '时间', '2026-02-30', 'date.noSuchDay'],
      [2, '手机', '138***80', 'phone.invalid'],
      [3, '会员', '', 'customer.missing'],
    ]);
    expect(badOf(await recordsOf(['A1,交易成功,2026-01-01,1.005,m1,,杯子,0,x']))).toEqual([
      [2, '实付', '1.005', 'money.tooFine'],
      [2, '单价', 'x', 'money.invalid'],
    ]);
    expect(badOf(await recordsOf(['A1,交易成功,2026-01-01,1,m1,,杯子,0,1']))).toEqual([
      [2, '数量', '0', 'field.invalid'],
    ]);
  });

  it('leave out a phone that the export has hidden, and need a number of their own', async () => {
    const records = await recordsOf([
      'A1,交易成功,2026-01-01,1,m1,138****8000,杯子,1,1',
      ',交易成功,2026-01-01,1,m1,,杯子,1,1',
    ]);
    expect(records[0]?.record?.input).toMatchObject({ customer: { externalId: 'm1' } });
    expect(badOf(records)).toEqual([[3, '订单号', '', 'field.missing']]);
  });

  it('refuse the same number twice, and numbers that a spreadsheet has broken', async () => {
    const row = ',交易成功,2026-01-01,1,m1,,杯子,1,1';
    const records = await recordsOf([`A1${row}`, `A2${row}`, `A1${row}`, `1.23457E+12${row}`]);
    expect(records.map(({ record }) => record !== undefined)).toEqual([true, true, false, false]);
    expect(badOf(records)).toEqual([
      [4, '订单号', 'A1', 'key.repeated'],
      [5, '订单号', '1.23457E+12', 'number.scientific'],
    ]);
  });

  it('of several rows are one order, taken whole or not at all', async () => {
    const grouped = { ...base, groups: true };
    const [order] = await recordsOf(['A1,交易成功,2026-01-01,9,m1,,杯子,1,4', 'A1,,,,,,盘子,1,5'], grouped);
    expect(order?.rows).toBe(2);
    expect(order?.record?.input).toMatchObject({
      items: [
        { name: '杯子', price: 400 },
        { name: '盘子', price: 500 },
      ],
    });
    const broken = await recordsOf(['A1,交易成功,2026-01-01,9,m1,,杯子,1,4', 'A1,,,,,,盘子,x,5'], grouped);
    expect(badOf(broken)).toEqual([
      [2, '订单号', 'A1', 'group.otherRow'],
      [3, '数量', 'x', 'number.invalid'],
    ]);
    const differs = await recordsOf(
      ['A1,交易成功,2026-01-01,9,m1,,杯子,1,4', 'A1,交易成功,2026-01-01,8,m1,,盘子,1,5'],
      grouped,
    );
    expect(badOf(differs)).toContainEqual([3, '实付', '8', 'group.differs']);
  });

  it('whose rows are not together are not taken in parts', async () => {
    const rows = ['A1', 'A2', 'A1'].map((no) => `${no},交易成功,2026-01-01,9,m1,,杯子,1,4`);
    const records = await recordsOf(rows, { ...base, groups: true });
    expect(badOf(records)).toEqual([
      [2, '订单号', 'A1', 'group.scattered'],
      [4, '订单号', 'A1', 'group.scattered'],
    ]);
    expect(records.filter(({ record }) => record)).toHaveLength(1);
  });

  it('work the missing amount out, and refuse amounts that contradict each other', async () => {
    const columns = { ...base.columns, amount: '原价', discount: '优惠', freight: '运费', refunded: '已退' };
    const names = [...header, '原价', '优惠', '运费', '已退'];
    const order = async (money: string, status = '交易成功') =>
      recordsOf(
        [`A1,${status},2026-01-01,${money.split(',')[0]},m1,,杯子,1,1,${money.split(',').slice(1).join(',')}`],
        { ...base, columns },
        names,
      );
    const read = async (money: string, status?: string) => (await order(money, status))[0]?.record?.input;
    expect(await read(',10,3,1,')).toMatchObject({ amount: 1000, paid: 700, discount: 300, freight: 100 });
    expect(await read('7,,3,,')).toMatchObject({ amount: 1000, paid: 700, discount: 300 });
    expect(await read('7,10,,,')).toMatchObject({ amount: 1000, paid: 700, discount: 300 });
    expect(await read(',10,,,', '等待买家付款')).toMatchObject({ amount: 1000, paid: 0, status: 'pending' });
    expect(await read('7,10,,,2')).toMatchObject({
      status: 'completed',
      refunds: [{ amount: 200, status: 'succeeded' }],
    });
    expect(await read('7,10,,,', '已退款')).toMatchObject({ status: 'refunded', refunds: [{ amount: 700 }] });
    expect(badOf(await order('11,10,,,'))).toEqual([[2, '实付', '11', 'money.contradicts']]);
    expect(badOf(await order('7,10,,,8'))).toEqual([[2, '已退', '8', 'money.contradicts']]);
    expect(badOf(await order(',,,,'))).toEqual([[2, '实付', '', 'field.missing']]);
  });

  it('with times before they were placed are refused; a day without an hour is not before it', async () => {
    const columns = { ...base.columns, paidAt: '付款' };
    const read = (paidAt: string) =>
      recordsOf([`A1,交易成功,2026-01-02 08:00,1,m1,,杯子,1,1,${paidAt}`], { ...base, columns }, [...header, '付款']);
    expect((await read('2026-01-02'))[0]?.record?.input).toMatchObject({ paidAt: new Date('2026-01-02T00:00:00Z') });
    expect(badOf(await read('2026-01-01'))).toEqual([[2, '付款', '2026-01-01', 'date.beforePlaced']]);
    expect(badOf(await read('2026-01-02 07:00'))).toEqual([[2, '付款', '2026-01-02 07:00', 'date.beforePlaced']]);
  });

  it('without a number are named by their line', async () => {
    const { orderNo, ...columns } = base.columns;
    const row = 'x,交易成功,2026-01-01,1,m1,,杯子,1,1';
    const records = await recordsOf([row, row], { ...base, columns, key: 'line' });
    expect(records.map(({ record }) => record?.kind === 'orders' && record.input.orderNo)).toEqual([
      'line-2',
      'line-3',
    ]);
    expect(orderNo).toBe('订单号');
  });
});

describe('customers', () => {
  const mapping = {
    kind: 'customers',
    source: 'shop',
    format: { type: 'csv' },
    columns: { externalId: '编号', name: '姓名', phone: '手机', gender: '性别', birthday: '生日', address: '地址' },
  };
  const names = ['编号', '姓名', '手机', '性别', '生日', '地址'];
  it('are tidied and refused with their data hidden', async () => {
    const records = await recordsOf(
      ['7,林可,138 0013 8000,女,1990/1/2,武康路1号', `8,林可,99,x,1/2,${'武康路'.repeat(99)}`],
      mapping,
      names,
    );
    expect(records[0]?.record?.input).toEqual({
      source: 'shop',
      externalId: '7',
      name: '林可',
      phone: '13800138000',
      gender: 'female',
      birthday: '1990-01-02',
      address: '武康路1号',
    });
    expect(badOf(records)).toEqual([
      [3, '手机', '9***', 'phone.invalid'],
      [3, '性别', 'x', 'gender.unknown'],
    ]);
  });
});

describe('mappings', () => {
  it('are refused with fields that are unknown or missing', () => {
    const paths = (mapping: object): unknown[] =>
      ImportMapping.safeParse(mapping).error?.issues.map(({ path }) => path.join('.')) ?? [];
    expect(paths({ ...base, columns: { orderNo: 'a', nonsense: 'b' } })).toEqual(
      ['columns.nonsense', 'columns.placedAt', 'columns.status', 'columns.paid', 'columns.customer.externalId'].map(
        (path) => path,
      ),
    );
    expect(paths({ ...base, transforms: { zone: 'Mars/Olympus' } })).toEqual(['transforms.zone']);
    expect(paths({ ...base, key: 'line', groups: true })).toEqual(['groups']);
  });

  it('that name a column the file lacks end the import at once', async () => {
    await expect(recordsOf(['A1'], base, ['订单号'])).rejects.toMatchObject({ code: 'file.noColumn' });
  });

  it('take constants, numbers and templates', async () => {
    const columns = {
      ...base.columns,
      status: { value: '已完成' },
      'item.name': { template: '{商品} x {数量}' },
      paid: 4,
    };
    const [read] = await recordsOf(['A1,x,2026-01-01,3,m1,,杯子,2,1'], { ...base, columns });
    expect(read?.record?.input).toMatchObject({ status: 'completed', paid: 300, items: [{ name: '杯子 x 2' }] });
  });

  it.each([
    [
      '订单编号,买家会员名,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,收货人姓名,联系手机,订单创建时间,订单付款时间,宝贝标题,宝贝总数量',
    ],
    [
      '订单号,商品ID,商品名称,订购数量,下单时间,京东价,订单金额,结算金额,订单状态,下单帐号,客户姓名,联系电话,付款确认时间',
    ],
    ['订单号,订单状态,订单创建时间,买家付款时间,订单实付金额(元),运费(元),买家手机号,全部商品名称'],
    ['Order No.,Order Status,Order Date,Total,Paid Amount,Customer ID,Phone,Product Name,Qty'],
  ])('are proposed from %s', (names) => {
    const columns = names.split(',');
    const { mapping, missing } = suggestMapping({
      kind: 'orders',
      header: columns,
      sample: [],
      format: { type: 'xlsx', header: true },
      source: 'shop',
    });
    expect(missing).toEqual([]);
    expect(mapping.columns).toMatchSnapshot();
  });

  it('are proposed with groups and day-first dates where the rows show them, and say what is missing', () => {
    const request = {
      kind: 'orders' as const,
      header: ['订单号', '下单时间', '实付金额'],
      format: ImportMapping.parse(base).format,
      source: 'shop',
    };
    const { mapping, missing } = suggestMapping({
      ...request,
      sample: [{ cells: ['A1', '31/01/2026 08:00', '1'] }, { cells: ['A1', '02/02/2026 09:00', '1'] }],
    });
    expect(mapping).toMatchObject({
      groups: true,
      transforms: { dateFormats: ['DD/MM/YYYY HH:mm:ss', 'DD/MM/YYYY HH:mm', 'DD/MM/YYYY'] },
    });
    expect(missing).toEqual(['status', 'customer.externalId']);
    const unclear = suggestMapping({ ...request, sample: [{ cells: ['A1', '02/01/2026', '1'] }] });
    expect(unclear.mapping.transforms).toBeUndefined();
  });
});

describe('reports', () => {
  it('say each reason and its remedy in both languages', () => {
    for (const { title, remedy } of Object.values(reasons)) {
      for (const text of [title, remedy]) expect([text['zh-CN'], text.en].every((one) => one.length > 3)).toBe(true);
    }
    expect(reportLine({ line: 7, column: '手机', value: '138***00', reason: 'phone.invalid' })).toBe(
      '7,手机,138***00,phone.invalid,不是 11 位手机号,not a mobile number of 11 digits,改正号码；没有就留空,"correct the number, or leave the cell empty"\r\n',
    );
  });

  it('cannot become formulas', () => {
    expect(['=1+1', '+1', '-1', '@x', '\tx', 'a=1', 'a"b'].map(csvCell)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      'a=1',
      '"a""b"',
    ]);
  });

  it('hide what is private, also in columns of other fields', () => {
    expect(masked('customer.phone', '13800138000')).toBe('138***00');
    expect(masked('item.name', '寄给 13800138000 谢谢')).toBe('寄给 138***00 谢谢');
    expect(masked('orderNo', '20260131000123456')).toBe('20260131000123456');
    expect(masked('name', '林可')).toBe('林***');
    expect(masked('address', '上海市徐汇区武康路1号')).toBe('上海市***');
  });
});

it('tells a million keys apart', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 1_000_000; i++) seen.add(hashOf(`2026${i}`));
  expect(seen.size).toBe(1_000_000);
});
