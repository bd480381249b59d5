/** The names that scores give: eleven by recency and the rest, the eight by high and low, five groups by frequency and value of orders. */
import { option } from './fields.js';

export const rfmSegments = [
  option('champions', '冠军客户', 'Champions'),
  option('loyal', '忠诚客户', 'Loyal'),
  option('potential-loyalist', '潜在忠诚客户', 'Potential loyalists'),
  option('new', '新近客户', 'New'),
  option('promising', '有望客户', 'Promising'),
  option('need-attention', '需要关注', 'Need attention'),
  option('about-to-sleep', '即将沉睡', 'About to sleep'),
  option('at-risk', '流失风险', 'At risk'),
  option('cannot-lose', '不能失去', 'Cannot lose'),
  option('hibernating', '沉睡客户', 'Hibernating'),
  option('lost', '已流失', 'Lost'),
];

export const rfmEights = [
  option('key-value', '重要价值客户', 'Key, valuable'),
  option('key-develop', '重要发展客户', 'Key, to develop'),
  option('key-keep', '重要保持客户', 'Key, to keep'),
  option('key-retain', '重要挽留客户', 'Key, to win back'),
  option('general-value', '一般价值客户', 'General, valuable'),
  option('general-develop', '一般发展客户', 'General, to develop'),
  option('general-keep', '一般保持客户', 'General, to keep'),
  option('general-retain', '一般挽留客户', 'General, to win back'),
];

export const valueGroups = [
  option('A', 'A 潜在客户', 'A: no order yet'),
  option('B', 'B 少单低价', 'B: few orders of low value'),
  option('C', 'C 少单高价', 'C: few orders of high value'),
  option('D', 'D 多单低价', 'D: many orders of low value'),
  option('E', 'E 多单高价', 'E: many orders of high value'),
];
