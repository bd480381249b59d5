/**
 * Ready strategies: proven practice of member marketing as values, in the order of a customer's life. They are switched off; whoever takes
 * one chooses what it asks for. Periods are the trade's usual ones and meant to be changed.
 */
import type { LibraryEntry } from '../../contracts/index.js';
import { TENTH, both, care, coupon, entry, notice, on, promotion, reply } from './library-parts.js';
import type { Body } from './library-parts.js';

/** What a marketer chose for an entry's `asks`. */
export interface Choices {
  coupon?: { id: string; title: string };
  category?: string;
}

/** The entry's strategy with what it asks for filled in, as it can be put. */
export function bodyOf({ body, asks }: LibraryEntry, choices: Choices = {}): Body {
  const category = asks.includes('category') ? choices.category : undefined;
  const voucher = asks.includes('coupon') ? choices.coupon : undefined;
  const { trigger } = body;
  return {
    ...body,
    trigger: category === undefined ? trigger : { ...trigger, args: { ...trigger.args, category } },
    actions: body.actions.map((action) =>
      voucher && action.args['purpose'] === 'promotion'
        ? { ...action, args: { ...action.args, couponId: voucher.id, voucher: voucher.title } }
        : action,
    ),
  };
}

const arriving: LibraryEntry[] = [
  entry({
    code: 'welcome',
    title: both('关注欢迎语', 'Welcome'),
    why: both(
      '刚关注的一分钟里最愿意开口：先打招呼、说清能帮什么，第一句话就容易来。',
      'People are most willing to write in the first minute: say hello and what you can help with.',
    ),
    trigger: on('follow'),
    action: reply('欢迎您来！想找什么、查订单或查积分，直接发消息就好，我们马上回复。不想收到推荐，随时回复“退订”。'),
    metric: 'first-message-rate',
  }),
  entry({
    code: 'new-member-voucher',
    title: both('新会员见面礼', 'New member’s voucher'),
    why: both(
      '入会是意愿明确的时刻，一张短效的见面礼能把首单提前。',
      'Joining shows intent; a voucher that soon ends brings the first order forward.',
    ),
    trigger: on('joined'),
    action: promotion('{name|朋友}，欢迎成为会员！送您{voucher|一张优惠券}，请在有效期内使用。', 'vouchers'),
    metric: 'first-order-rate',
    holdoutPercent: TENTH,
    coupon: coupon('新会员 20 元券', 20_00, 129_00, 7),
  }),
  entry({
    code: 'second-order-tips',
    title: both('首单签收第 3 天：使用小贴士', 'First order, day 3: tips'),
    why: both(
      '先把东西用好，再谈下一单：用得满意的人才会回来。',
      'A second order begins with being content with the first: help first, sell later.',
    ),
    trigger: on('second-order', { afterDays: 3, untilDays: 14 }),
    action: care('{name|朋友}，收到的商品用着还顺手吗？小贴士和常见问题都在这里，有问题直接问我们。', 'messages'),
    metric: 'second-order-rate',
    holdoutPercent: TENTH,
  }),
  entry({
    code: 'second-order-complement',
    title: both('首单签收第 15 天：搭配推荐', 'First order, day 15: what goes with it'),
    why: both(
      '用过两周后最清楚还缺什么，此时推荐搭配比打折更有效。',
      'After two weeks people know what is missing: what goes with it persuades more than a discount.',
    ),
    trigger: on('second-order', { afterDays: 15, untilDays: 24 }),
    action: promotion('{name|朋友}，和您买的那件很搭的几样东西，我们挑好了，来看看？', 'home'),
    metric: 'second-order-rate',
    holdoutPercent: TENTH,
  }),
  entry({
    code: 'second-order-voucher',
    title: both('首单签收第 25 天：二单礼券', 'First order, day 25: voucher'),
    why: both(
      '一个月内没有第二单的人大多不会再来，这是给券最值的一次。',
      'Who has not come back within a month seldom does: here a voucher is worth most.',
    ),
    trigger: on('second-order', { afterDays: 25, untilDays: 45 }),
    action: promotion('{name|朋友}，谢谢您上次的光临，送您{voucher|一张优惠券}，7 天内有效。', 'vouchers'),
    metric: 'second-order-rate',
    holdoutPercent: TENTH,
    coupon: coupon('回头客 30 元券', 30_00, 199_00, 7),
  }),
];

const buying: LibraryEntry[] = [
  entry({
    code: 'active-voucher',
    title: both('30 天活跃未下单：送 100 元券', 'Active for 30 days without an order: 100 yuan off'),
    why: both(
      '常来看却没有下单，差的往往只是一个理由。',
      'Who keeps looking and does not order often lacks only a reason.',
    ),
    trigger: on('active-no-order', { activeDays: 30, noOrderDays: 30 }),
    action: promotion('{name|朋友}，看了这么久，送您{voucher|一张优惠券}，喜欢就带回家吧。', 'vouchers'),
    metric: 'conversion-rate',
    holdoutPercent: TENTH,
    coupon: coupon('满 500 减 100 元券', 100_00, 500_00, 7),
  }),
  ...(
    [
      ['soon', '快用完了', 'soon used up', 0.8, 1, '您常用的那款差不多该补了，提前备上更安心。'],
      ['now', '该补货了', 'used up by now', 1, 1.2, '您常用的那款按往常该用完了，需要的话一键再来一单。'],
    ] as const
  ).map(([step, zh, en, from, to, text]) =>
    entry({
      code: `repurchase-${step}`,
      title: both(`复购提醒：${zh}`, `Buy again: ${en}`),
      why: both(
        '按这类商品的复购周期提醒，正好在需要的时候出现，不打折也有效。',
        'A reminder by the goods’ own cycle comes when it is wanted, and needs no discount.',
      ),
      trigger: on('repurchase-due', { category: '香薰', from, to }),
      action: promotion(`{name|朋友}，${text}`, 'home'),
      metric: 'repurchase-rate',
      holdoutPercent: TENTH,
      asks: ['category'],
    }),
  ),
  entry({
    code: 'repurchase-voucher',
    title: both('复购提醒：过了周期，送券', 'Buy again: overdue, with a voucher'),
    why: both(
      '过了周期还没补货，可能正在看别家，一张小券把人留住。',
      'Past the cycle they may be looking elsewhere; a small voucher keeps them.',
    ),
    trigger: on('repurchase-due', { category: '香薰', from: 1.2, to: 1.6 }),
    action: promotion('{name|朋友}，老朋友专享：{voucher|一张优惠券}，补货正好用得上。', 'vouchers'),
    metric: 'repurchase-rate',
    holdoutPercent: TENTH,
    coupon: coupon('复购 15 元券', 15_00, 99_00, 7),
    asks: ['category'],
  }),
];

const staying: LibraryEntry[] = [
  entry({
    code: 'birthday-month-voucher',
    title: both('生日月礼券', 'Birthday month voucher'),
    why: both(
      '生日是会员最愿意收到问候的时候，月初给足一个月的使用时间。',
      'A birthday is when members like to hear from you; given on the 1st it can be used all month.',
    ),
    trigger: on('birthday-month', { at: '10:00' }),
    action: promotion('{name|朋友}，{birthday|这个月}是您的生日，送您{voucher|一份生日礼券}，本月内使用。', 'vouchers'),
    metric: 'voucher-use-rate',
    holdoutPercent: TENTH,
    coupon: coupon('生日 50 元券', 50_00, 199_00, 30),
  }),
  entry({
    code: 'birthday-greeting',
    title: both('生日祝福', 'Birthday greeting'),
    why: both(
      '当天只祝福、不卖货，记得住的是这份心意。',
      'On the day itself only a greeting: what is remembered is that.',
    ),
    trigger: on('birthday', { at: '10:00' }),
    action: care('{name|朋友}，生日快乐！愿新的一岁平安顺遂。', 'messages'),
    metric: 'conversion-rate',
  }),
  entry({
    code: 'level-in-danger',
    title: both('保级提醒', 'Level in danger'),
    why: both(
      '已经拥有的更怕失去：告诉会员还差多少、到哪天为止。',
      'People keep what they have: say how much is missing, and until when.',
    ),
    trigger: on('level-endangered', { days: [30, 7] }),
    action: notice('您的{level}会员将于 {until} 到期，再获得 {missing} 成长值即可保级。', 'levels'),
    metric: 'level-kept-rate',
  }),
  entry({
    code: 'points-about-to-expire',
    title: both('积分到期提醒', 'Points about to expire'),
    why: both(
      '积分是会员自己的钱，到期前提醒既是告知，也是回来看看的理由。',
      'Points are the member’s own: a reminder before they expire is owed, and a reason to come back.',
    ),
    trigger: on('points-expiring', { days: [60, 30, 7, 1] }),
    action: notice('您有 {expiring} 积分将在 {expiresAt} 过期，记得使用。', 'points'),
    metric: 'points-use-rate',
  }),
  entry({
    code: 'member-day',
    title: both('每月会员日', 'Member day'),
    why: both('固定的日子养成习惯，会员会记得回来。', 'A fixed day becomes a habit: members come back by themselves.'),
    trigger: on('regular', { every: 'month', day: 8 }),
    action: promotion('{name|朋友}，今天是会员日，您有 {points|一些} 积分，来看看能换什么。', 'points'),
    metric: 'points-use-rate',
    holdoutPercent: TENTH,
  }),
];

const leaving: LibraryEntry[] = [
  entry({
    code: 'dormant-content',
    title: both('沉睡唤醒一：1.5 个周期，只送内容', 'Dormant, step 1: content at 1.5 cycles'),
    why: both(
      '刚变得安静的人不缺折扣，先用新鲜内容把人请回来。',
      'Who has just gone quiet does not lack a discount: something new to see comes first.',
    ),
    trigger: on('dormant', { cycleDays: 60, from: 1.5, to: 2 }),
    action: care('{name|朋友}，好久不见，最近的使用心得和新消息都整理在这里了。', 'messages'),
    metric: 'reactivation-rate',
    holdoutPercent: TENTH,
  }),
  entry({
    code: 'dormant-voucher',
    title: both('沉睡唤醒二：2 个周期，送小券', 'Dormant, step 2: a voucher at 2 cycles'),
    why: both(
      '超过两个周期，回来的可能已经减半，值得用 5–10% 的让利换一次。',
      'Past two cycles the chance has halved: 5 to 10 per cent off is worth a try.',
    ),
    trigger: on('dormant', { cycleDays: 60, from: 2, to: 3 }),
    action: promotion('{name|朋友}，有一阵没见您了，送您{voucher|一张优惠券}，欢迎回来。', 'vouchers'),
    metric: 'reactivation-rate',
    holdoutPercent: TENTH,
    coupon: coupon('欢迎回来 20 元券', 20_00, 249_00, 7),
  }),
  entry({
    code: 'dormant-last',
    title: both('沉睡唤醒三：3 个周期，送大券', 'Dormant, step 3: a better voucher at 3 cycles'),
    why: both(
      '再不回来就要流失，给一次更大的让利；之后就不再打扰。',
      'Soon they are lost: one better offer, and silence after it.',
    ),
    trigger: on('dormant', { cycleDays: 60, from: 3, to: 6 }),
    action: promotion('{name|朋友}，想念您的光临，这张{voucher|优惠券}专门留给您。', 'vouchers'),
    metric: 'reactivation-rate',
    holdoutPercent: TENTH,
    coupon: coupon('想念您 45 元券', 45_00, 299_00, 7),
  }),
  entry({
    code: 'opt-out-confirmed',
    title: both('退订确认', 'Opt-out confirmed'),
    why: both(
      '当场确认，让人放心：说停就停，才会留下来。',
      'Say at once that it is done: people stay where a no is taken.',
    ),
    trigger: on('opted-out'),
    action: reply('已为您退订推荐消息，不会再发。订单和售后通知不受影响；想恢复时，可在小程序“我的”里重新打开。'),
    metric: 'delivered-notices',
  }),
];

export const library: readonly LibraryEntry[] = [...arriving, ...buying, ...staying, ...leaving];
