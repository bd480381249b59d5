/** Invented people: names as staff note them, and the nicknames people give themselves. */
import type { Random } from './random.js';

const surnames = [
  ...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文',
];
const given = [
  ...[
    '伟',
    '芳',
    '娜',
    '敏',
    '静',
    '丽',
    '强',
    '磊',
    '洋',
    '艳',
    '勇',
    '军',
    '杰',
    '涛',
    '明',
    '超',
    '霞',
    '平',
    '刚',
    '燕',
  ],
  ...[
    '子涵',
    '欣怡',
    '雨桐',
    '梓萱',
    '思远',
    '嘉怡',
    '俊杰',
    '晓彤',
    '佳琪',
    '文博',
    '若曦',
    '诗涵',
    '浩然',
    '雅婷',
    '志强',
    '婉清',
  ],
  ...[
    '书瑶',
    '一诺',
    '可欣',
    '奕辰',
    '语嫣',
    '心怡',
    '天佑',
    '梦琪',
    '宇航',
    '晓燕',
    '建国',
    '秀英',
    '桂兰',
    '国强',
    '丽娟',
    '海燕',
  ],
];
const firsts = [
  '爱喝茶的',
  '慢慢',
  '南方的',
  '早起的',
  '山里',
  '阳台上的',
  '胖胖的',
  '不吃香菜的',
  '北纬三十度的',
  '下雨天的',
  '安静的',
  '努力的',
  '半糖',
  '一只',
  '小区门口的',
];
const things = [
  '橘猫',
  '薄荷',
  '小熊',
  '栗子',
  '云朵',
  '咸鱼',
  '豆包',
  '海棠',
  '柠檬',
  '松鼠',
  '米酒',
  '风铃',
  '向日葵',
  '小王子',
  '石榴',
  '青团',
  '麦子',
  '月亮',
];
const phrases = [
  '岁月静好',
  '听雨',
  'Cindy陈',
  '随风',
  '小满',
  'Lily',
  '木木',
  '一叶知秋',
  '阿杰',
  'Momo',
  '平安喜乐',
  '糖糖妈妈',
  '老周',
  '小鹿乱撞',
  'Kevin',
  '清欢',
  '知足常乐',
  '豆豆妈',
  '江南',
  'Sunny🌻',
  '晚风',
  '兔子先生',
  '七七',
  '花开富贵',
];
const kinds = ['老客', '团购群', '门店', '回头客', '宝妈', '企业采购', '同城'];

export function fullName(random: Random): string {
  return random.pick(surnames) + random.pick(given);
}

export function nickname(random: Random): string {
  if (random.chance(0.4)) return random.pick(phrases);
  return random.pick(firsts) + random.pick(things);
}

/** What staff write to find somebody again. */
export function remark(random: Random, name: string): string {
  const called = random.chance(0.3) ? `${name.slice(0, 1)}${random.pick(['姐', '哥', '女士', '先生', '老师'])}` : name;
  return random.chance(0.45) ? `${called} ${random.pick(kinds)}` : called;
}
