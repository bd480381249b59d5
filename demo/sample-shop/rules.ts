/** The sample shop's strategies, as a marketer would put them. */
import type { z } from 'zod';
import type { PutStrategy } from '../../src/contracts/index.js';
import { storeScenes } from './scenes.js';

type Body = z.infer<typeof PutStrategy>;

interface Rule {
  zh: string;
  en: string;
  priority: number;
  trigger: Body['trigger'];
  text: string;
}

const rule = ({ zh, en, priority, trigger, text }: Rule): Body => ({
  enabled: true,
  title: { 'zh-CN': zh, en },
  priority,
  trigger,
  actions: [{ code: 'reply', args: { content: { type: 'text', text } } }],
});
const keywords = (...words: string[]): Body['trigger'] => ({
  code: 'keyword',
  args: { keywords: words, match: 'contains' },
});

export const rules: Readonly<Record<string, Body>> = {
  welcome: rule({
    zh: '关注欢迎语',
    en: 'Welcome',
    priority: 100,
    trigger: { code: 'follow', args: { scenes: [] } },
    text: '欢迎来到栖木生活 🌿 想看新品回复“新品”，查发货回复“发货”，或者直接说您想找什么，我们的客服会来陪您挑。',
  }),
  'welcome-store': rule({
    zh: '门店扫码欢迎语',
    en: 'Welcome in the store',
    priority: 200,
    trigger: { code: 'follow', args: { scenes: [...storeScenes] } },
    text: '欢迎来到栖木生活门店 ☕ 出示这条消息，可在吧台领一杯桂花乌龙。看中哪件告诉我们，也可以帮您寄回家。',
  }),
  'answer-postage': rule({
    zh: '包邮',
    en: 'Postage',
    priority: 300,
    trigger: keywords('包邮', '邮费', '运费'),
    text: '满 99 元全国包邮（新疆、西藏满 199 元）；不满的话江浙沪 6 元、其他地区 10 元。',
  }),
  'answer-dispatch': rule({
    zh: '发货',
    en: 'Dispatch',
    priority: 290,
    trigger: keywords('发货', '几天到'),
    text: '每天 16:00 前付款的订单当天发出，之后的第二天发；一般两到三天到。需要查单号，把下单手机号后四位发给我们就行。',
  }),
  'answer-return': rule({
    zh: '退货',
    en: 'Returns',
    priority: 280,
    trigger: keywords('退货', '退款', '换货'),
    text: '七天内无理由退换：在订单里点“申请退货”，快递上门取件，质量问题运费我们出。客服稍后会来跟进。',
  }),
  'closed-hours': rule({
    zh: '非营业时间',
    en: 'Outside opening hours',
    priority: 100,
    trigger: {
      code: 'outside-hours',
      args: { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '22:00' }], repeatAfterHours: 8 },
    },
    text: '客服已经下班啦（每天 9:00–22:00）。您先留言，明早一上班我们就回复您 🌙',
  }),
};
