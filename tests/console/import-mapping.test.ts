/** The mapping form knows the fields of the contract, sends what the server takes, and reads the report of refused rows. */
import { describe, expect, it } from '@jest/globals';
import type { ImportMapping as MappingInput } from '../../console/src/api/types.js';
import {
  columnChoices,
  fieldsOf,
  mappingProblem,
  missingOf,
  rangesOf,
  toMapping,
  toMappingDraft,
} from '../../console/src/rooms/imports/mapping-draft.js';
import { csvRows, refusedRowsOf } from '../../console/src/rooms/imports/refused-rows.js';
import { customerFields, ImportMapping, orderFields } from '../../src/contracts/http/imports.js';
import { reportLine } from '../../src/imports/report.js';

const orders: MappingInput = {
  kind: 'orders',
  source: 'taobao',
  format: { type: 'csv', delimiter: '\t', quote: null, header: true, encoding: 'gbk' },
  columns: {
    orderNo: '订单编号',
    status: { value: '交易成功' },
    placedAt: 3,
    paid: '实付',
    'customer.phone': '手机号',
    'customer.name': { template: '{姓}{名}' },
  },
  groups: true,
  transforms: {
    ...{ zone: 'Asia/Shanghai', money: 'fen', dateFormats: ['DD/MM/YYYY', 'unix'], statuses: { 已收: 'completed' } },
    ...{ genders: { 男士: 'male' }, defaults: { freight: '0' } },
  },
};
const fixed: MappingInput = {
  kind: 'orders',
  source: 'cdnow-master',
  key: 'line',
  format: {
    type: 'fixed',
    columns: [
      { name: 'customer', from: 1, to: 6 },
      { name: 'date', from: 7, to: 15 },
    ],
  },
  columns: {
    'customer.externalId': 'customer',
    placedAt: 'date',
    paid: { value: '1' },
    status: { value: 'completed' },
  },
};
const xlsx: MappingInput = {
  kind: 'customers',
  source: 'crm',
  format: { type: 'xlsx', sheet: 2 },
  columns: { externalId: '会员号' },
};

it('offers every field there is, each once', () => {
  expect([...fieldsOf('orders')].sort()).toEqual([...orderFields].sort());
  expect([...fieldsOf('customers')].sort()).toEqual([...customerFields].sort());
});

it.each([orders, fixed, xlsx])('sends back %j as the server understands it', (mapping) => {
  const draft = toMappingDraft(mapping);
  expect(mappingProblem(draft)).toBeUndefined();
  expect(ImportMapping.parse(toMapping(draft))).toEqual(ImportMapping.parse(mapping));
});

it.each(['orderNo', 'status', 'placedAt', 'paid', 'customer.phone'])('misses %s, as the server does', (field) => {
  const draft = toMappingDraft(orders);
  draft.columns[field] = { how: 'none', column: '', text: '' };
  expect(missingOf(draft).flat()).toContain(field);
  expect(mappingProblem(draft)).toBe('missing');
  expect(ImportMapping.safeParse(toMapping(draft)).success).toBe(false);
});

it('stops words for states that are empty or twice, and constants without a value', () => {
  const words = toMappingDraft(orders);
  words.statuses.push({ word: '已收', status: 'paid' });
  expect(mappingProblem(words)).toBe('statuses');
  const constant = toMappingDraft(orders);
  constant.columns['status'] = { how: 'value', column: '', text: ' ' };
  expect(mappingProblem(constant)).toBe('constant');
});

describe('columns of fixed width', () => {
  it('are read line by line', () => {
    expect(rangesOf('customer 1-6\n\n order date  7 - 15 ')).toEqual([
      { name: 'customer', from: 1, to: 6 },
      { name: 'order date', from: 7, to: 15 },
    ]);
  });
  it.each(['', 'customer', 'a 5-3', 'a 0-3', 'a 1-2\na 3-4'])('are refused as %j', (text) => {
    expect(rangesOf(text)).toBeUndefined();
  });
});

it('offers names as they were read, and numbers once the format was changed', () => {
  const { format } = toMappingDraft(orders);
  expect(columnChoices(format, ['a', 'b', 'a'], format)).toEqual(['a', 'b']);
  expect(columnChoices({ ...format, header: false }, ['a'], { ...format, header: false })).toEqual([1]);
  expect(columnChoices({ ...format, delimiter: ';' }, ['a'], format).slice(0, 3)).toEqual([1, 2, 3]);
});

describe('the report of refused rows', () => {
  const head = '\ufeff行 line,列 column,值 value,代码 code,原因 reason,reason,怎么办 remedy,remedy\r\n';
  const rows = [
    reportLine({ line: 7, column: '实付', value: '=1+1', reason: 'money.invalid' }),
    reportLine({ line: 9, column: '备注, "其他"', value: 'a\nb', reason: 'field.tooLong' }),
  ];

  it('is read as the server writes it', () => {
    const [first, second] = refusedRowsOf(head + rows.join(''), 50);
    expect(first).toMatchObject({ line: '7', column: '实付', value: '=1+1', code: 'money.invalid' });
    expect(first?.reason).toEqual({ 'zh-CN': '不是金额', en: 'not an amount of money' });
    expect(second).toMatchObject({ column: '备注, "其他"', value: 'a\nb' });
  });

  it('leaves out a line that was cut off, and more than asked for', () => {
    expect(refusedRowsOf(head + rows.join('').slice(0, -2), 50)).toHaveLength(1);
    expect(refusedRowsOf(head + rows.join(''), 1)).toHaveLength(1);
    expect(csvRows('')).toEqual([]);
  });
});
