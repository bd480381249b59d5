/**
 * What the demo's shop tells its customers of their orders and levels: the templates as the platform's page would list them, registered at
 * the simulated WeChat, and the strategies that fill them. Writes nothing itself.
 */
import type { z } from 'zod';
import type { PutStrategy, ServiceScene } from '../src/contracts/index.js';
import type { DemoAccounts } from './account.js';

type Body = z.infer<typeof PutStrategy>;

/** As the simulator's control API takes it. */
export interface RegisteredTemplate {
  templateId: string;
  kind: 'template' | 'one-time';
  title: string;
  fields: Readonly<Record<string, string>>;
}

interface Scene {
  scene: ServiceScene;
  zh: string;
  en: string;
  text: string;
  page: string;
  /** By the field's name: what the platform calls it, and the words that fill it. */
  fields: Readonly<Record<string, readonly [called: string, wording: string]>>;
}

const scenes: readonly Scene[] = [
  {
    scene: 'order-unpaid',
    zh: '订单待付款提醒',
    en: 'Order is unpaid',
    text: '您的订单 {orderNo}（{product}）还没有付款，{closesAt} 前付款有效。',
    page: 'pages/orders/index',
    fields: {
      character_string1: ['订单编号', '{orderNo}'],
      thing2: ['商品名称', '{product}'],
      amount3: ['待付金额', '{amount}元'],
      time4: ['付款截止时间', '{closesAt}'],
    },
  },
  {
    scene: 'order-paid',
    zh: '付款成功通知',
    en: 'Order is paid',
    text: '已收到订单 {orderNo} 的付款 {paid} 元，我们会尽快发货。',
    page: 'pages/orders/index',
    fields: {
      character_string1: ['订单编号', '{orderNo}'],
      thing2: ['商品名称', '{product}'],
      amount3: ['付款金额', '{paid}元'],
    },
  },
  {
    scene: 'order-dispatched',
    zh: '订单发货通知',
    en: 'Order is dispatched',
    text: '您的订单 {orderNo} 已发货：{carrier} {trackingNo}。',
    page: 'pages/orders/index',
    fields: {
      character_string1: ['订单编号', '{orderNo}'],
      thing2: ['商品名称', '{product}'],
      thing3: ['快递公司', '{carrier}'],
      character_string4: ['快递单号', '{trackingNo}'],
    },
  },
  {
    scene: 'level-reached',
    zh: '会员升级通知',
    en: 'Member reaches a level',
    text: '恭喜您成为{level}，新的权益已经生效。',
    page: 'pages/levels/index',
    fields: { thing1: ['会员等级', '{level}'], number2: ['成长值', '{growth}'] },
  },
];

export const noticeScenes: readonly ServiceScene[] = scenes.map(({ scene }) => scene);

export const templateId = (kind: RegisteredTemplate['kind'], scene: ServiceScene): string =>
  `${kind === 'template' ? 'QmTpl' : 'QmSub'}-${scene}-7kq2VfW0`;

/** A one-time notice that people tap for: what is new in the shop. */
export const saleTemplate = {
  templateId: 'QmSub-sale-7kq2VfW0',
  kind: 'one-time',
  title: '活动开始提醒',
  fields: { thing1: '活动名称', thing2: '温馨提示' },
} as const satisfies RegisteredTemplate;

/** Of one account: template messages for the official account, one-time notices for the mini-program. */
export const templatesOf = (kind: RegisteredTemplate['kind']): RegisteredTemplate[] => [
  ...scenes.map(({ scene, zh, fields }) => ({
    templateId: templateId(kind, scene),
    kind,
    title: zh,
    fields: Object.fromEntries(Object.entries(fields).map(([name, [called]]) => [name, called])),
  })),
  ...(kind === 'one-time' ? [saleTemplate] : []),
];

/** The strategies by their codes, which are those under which the console shows a scene's notice. */
export function noticeRules({ official, mini }: DemoAccounts): Readonly<Record<string, Body>> {
  return Object.fromEntries(
    scenes.map(({ scene, zh, en, text, page, fields }) => {
      const filled = Object.fromEntries(Object.entries(fields).map(([name, [, wording]]) => [name, wording]));
      const templates = [
        {
          route: 'template',
          account: official.id,
          templateId: templateId('template', scene),
          fields: filled,
          miniProgram: mini.appId,
        },
        {
          route: 'subscription-notice',
          account: mini.id,
          templateId: templateId('one-time', scene),
          fields: filled,
        },
      ];
      const body: Body = {
        enabled: true,
        title: { 'zh-CN': zh, en },
        priority: 500,
        trigger: { code: scene, args: {} },
        actions: [{ code: 'notice', args: { text, page, templates } }],
      };
      return [`scene-${scene}`, body];
    }),
  );
}
