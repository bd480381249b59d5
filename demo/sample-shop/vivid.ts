/** The people one plays on the phone: each with a reason to write. Ages of their lines are minutes before the shop was filled. */
import type { Speaker } from './talk.js';

export interface Vivid {
  name: string;
  age: number;
  openid: string;
  remark?: string;
  followedDaysAgo: number;
  scene?: string;
  followUp: 'none' | 'serving' | 'waiting' | 'done';
  followUpNote?: string;
  /** Account of the staff member who serves them now; without one and with lines they wait unassigned. */
  servedBy?: string;
  closed?: boolean;
  lines: ReadonlyArray<[minutesAgo: number, from: Speaker, text: string]>;
}

const id = (tail: string): string => `oQmu6tSamplePhone00000000${tail}`.slice(0, 25) + tail;

export const vivid: readonly Vivid[] = [
  {
    name: '苏晴',
    age: 29,
    openid: id('sq1'),
    followedDaysAgo: 360,
    scene: 'store-wukang',
    followUp: 'serving',
    remark: '苏晴 武康路老客',
    followUpNote: '搬新家，整套餐具',
    lines: [
      [2890, 'customer', '小美在吗？我搬新家了，想配一整套餐具'],
      [2884, 'staff', '恭喜乔迁！几口人用？喜欢素一点还是有花的？'],
      [2880, 'customer', '三口人，素的，最好能进洗碗机'],
      [2872, 'staff', '那推荐粗陶那套，八碗六盘，能进洗碗机。'],
      [26, 'customer', '考虑好了，就要粗陶那套'],
      [24, 'customer', '周六能送到吗？'],
    ],
  },
  {
    name: '老周',
    age: 56,
    openid: id('lz2'),
    followedDaysAgo: 480,
    followUp: 'serving',
    remark: '老周（爱喝茶）',
    servedBy: 'xiaomei',
    lines: [
      [95, 'customer', '姑娘，上次那个桂花乌龙还有吗'],
      [88, 'staff', '周叔好！有的，新一批昨天刚到。'],
      [80, 'customer', '给我来四盒，两盒送亲家'],
      [74, 'staff', '好嘞，送亲家的两盒帮您用礼盒包，不放价格单。'],
      [73, 'note', '四盒，两盒礼盒装；老客，抹零。'],
      [11, 'customer', '地址还是老地方，钱我让儿子付'],
    ],
  },
  {
    name: '林可',
    age: 24,
    openid: id('lk3'),
    followedDaysAgo: 12,
    scene: 'live-room',
    followUp: 'none',
    lines: [
      [38, 'customer', '直播间那个香薰蜡烛拍了两个，怎么只发了一个😢'],
      [36, 'customer', '订单显示是两件的'],
    ],
  },
  {
    name: '王女士',
    age: 41,
    openid: id('wn4'),
    followedDaysAgo: 95,
    scene: 'parcel-card',
    followUp: 'waiting',
    remark: '王女士 破损补发',
    followUpNote: '补发已寄出，等签收',
    servedBy: 'xiaomei',
    lines: [
      [1620, 'customer', '饭碗四只碎了两只，包装太薄了'],
      [1611, 'staff', '太抱歉了！不用寄回，今天就给您补发两只，气泡膜加厚。'],
      [1609, 'note', '补发两只，顺丰；已告诉仓库。'],
      [1602, 'customer', '好吧，希望这次别碎'],
      [1598, 'staff', '单号今晚发您，收到麻烦说一声～'],
    ],
  },
  {
    name: '阿杰 Kevin',
    age: 33,
    openid: id('aj5'),
    followedDaysAgo: 300,
    followUp: 'serving',
    remark: '阿杰 企业采购',
    followUpNote: '年会礼品 60 份，等开票资料',
    servedBy: 'ahao',
    lines: [
      [400, 'customer', '我们年会要 60 份伴手礼，预算每份 120'],
      [391, 'staff', '可以做马克杯加香薰的组合，印公司标志，交期十二天。'],
      [384, 'customer', '要专票，对公转账'],
      [380, 'staff', '没问题，麻烦把开票资料发我。'],
      [379, 'note', '60 份 × 118 元，等开票资料与标志文件。'],
      [15, 'customer', '资料发邮箱了，查收一下'],
    ],
  },
  {
    name: '豆豆妈',
    age: 36,
    openid: id('dd6'),
    followedDaysAgo: 640,
    scene: 'market-2026',
    followUp: 'done',
    closed: true,
    lines: [
      [7300, 'customer', '防滑垫太好用了，孩子洗澡再也没摔过'],
      [7290, 'staff', '太好了！安全最要紧，记得每周晒一晒哦。'],
      [7288, 'customer', '好的，已经推荐给幼儿园妈妈群了🌹'],
    ],
  },
  {
    name: '陈屿舟',
    age: 27,
    openid: id('cy7'),
    followedDaysAgo: 1,
    scene: 'store-wukang',
    followUp: 'none',
    lines: [],
  },
  {
    name: '赵奶奶',
    age: 71,
    openid: id('zn8'),
    followedDaysAgo: 33,
    followUp: 'none',
    remark: '赵奶奶（说慢一点）',
    lines: [
      [52, 'customer', '小同志 我孙女给我装的这个微信'],
      [50, 'customer', '我想买上次那个不烫手的杯子 怎么买呀'],
    ],
  },
];
