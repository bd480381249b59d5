/** Every reason the contact policy gives for not sending, or not yet, with one line for people. The console and the documents read it. */
import type { Titles } from '../../contracts/index.js';

export const contactReasons = {
  'promotion.stopped': { 'zh-CN': '营销总开关已关闭，恢复后再判断', en: 'All promotion is stopped; asked again later' },
  'person.minor': { 'zh-CN': '未成年人，不做自动营销', en: 'Under 18: no automated marketing' },
  'consent.withdrawn': { 'zh-CN': '客户已拒收这类信息', en: 'The person does not want messages of this kind' },
  'person.gone': { 'zh-CN': '客户记录已不存在', en: 'The person is not known any more' },
  'person.merged': {
    'zh-CN': '与名单里另一位是同一个人，只发一次',
    en: 'The same person as another one of the audience: told once',
  },
  'person.noAddress': { 'zh-CN': '没有可联系的地址', en: 'There is no address of this person' },
  'route.noVariant': {
    'zh-CN': '客户可用的渠道上没有对应的内容',
    en: 'No content for a route by which this person can be reached',
  },
  'person.unfollowed': { 'zh-CN': '客户已取消关注', en: 'The person does not follow the account any more' },
  'person.frozen': { 'zh-CN': '平台冻结了该用户', en: 'The platform has frozen this user' },
  'person.blocked': { 'zh-CN': '客户已屏蔽本账号', en: 'The person has blocked the account' },
  'route.forbidden': { 'zh-CN': '这种用途不能走这条渠道', en: 'The route must not carry messages of this purpose' },
  'route.notAsked': {
    'zh-CN': '关怀类客服消息只能发给本时段内主动发言的客户',
    en: 'The person did not write in this window, which care needs',
  },
  'consent.missing': { 'zh-CN': '客户没有同意接收', en: 'The person has not agreed to it' },
  'notice.notGranted': { 'zh-CN': '客户没有订阅这条通知', en: 'The person has not asked for this notice' },
  'massSend.used': { 'zh-CN': '本月群发次数已用完', en: 'The mass sends of this month are used up' },
  'window.closed': { 'zh-CN': '客服消息时限已过，等客户先说话', en: 'The window is closed until the person acts' },
  'window.used': { 'zh-CN': '本次客服消息条数已用完', en: 'The messages of this window are used up' },
  'window.keptForPeople': { 'zh-CN': '剩余条数留给人工', en: 'What is left of the window is kept for the staff' },
  'contact.capped': { 'zh-CN': '近期营销次数已到上限', en: 'The person got as much promotion as they may of late' },
  'contact.outranked': {
    'zh-CN': '另一条更重要的信息正要发给客户',
    en: 'Something more important is on its way to the person',
  },
  'contact.hold.enquiry': { 'zh-CN': '客户刚咨询过，暂缓营销', en: 'The person wrote a short while ago' },
  'contact.hold.refund': { 'zh-CN': '退款处理中或刚结束，暂缓营销', en: 'A refund is open, or was until lately' },
  'contact.hold.complaint': { 'zh-CN': '投诉处理中或刚结束，暂缓营销', en: 'A complaint is open, or was until lately' },
  'contact.hold.staff': { 'zh-CN': '员工要求暂缓营销', en: 'The staff asked to wait' },
  'contact.holiday': { 'zh-CN': '今天不发营销信息', en: 'A day without promotion' },
  'contact.quietHours': { 'zh-CN': '免打扰时段，结束后再判断', en: 'Quiet hours; asked again when they end' },
} as const satisfies Record<string, Titles>;

export type ContactReason = keyof typeof contactReasons;
