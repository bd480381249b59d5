/** The form of a scene's notice, and the way from the stored strategy to it and back. Pure. */
import type { PutStrategy, ServiceScene, StrategyView } from '../../api/types.js';

export interface TemplateDraft {
  route: 'template' | 'subscription-notice';
  account: string;
  templateId: string;
  miniProgram: string;
  fields: Array<{ name: string; wording: string }>;
}
export interface NoticeDraft {
  enabled: boolean;
  text: string;
  page: string;
  /** Of order-unpaid: which of the two reminders. */
  steps: number[];
  templates: TemplateDraft[];
}
export type NoticeProblem = 'text' | 'words' | 'page' | 'steps' | 'template' | 'templateWords';

export const scenes = [
  'order-unpaid',
  'order-paid',
  'order-dispatched',
  'level-reached',
] as const satisfies readonly ServiceScene[];
export const codeOf = (scene: ServiceScene): string => `scene-${scene}`;

/** The words that can stand in braces, by scene: what its event tells. */
export const wordsOf: Readonly<Record<ServiceScene, readonly string[]>> = {
  'order-unpaid': ['orderNo', 'product', 'pieces', 'amount', 'closesAt'],
  'order-paid': ['orderNo', 'product', 'pieces', 'amount', 'paid'],
  'order-dispatched': ['orderNo', 'product', 'pieces', 'carrier', 'trackingNo'],
  'level-reached': ['level', 'growth'],
};
const titles: Readonly<Record<ServiceScene, PutStrategy['title']>> = {
  'order-unpaid': { 'zh-CN': '待付款提醒', en: 'Payment reminder' },
  'order-paid': { 'zh-CN': '付款成功通知', en: 'Payment notice' },
  'order-dispatched': { 'zh-CN': '发货通知', en: 'Dispatch notice' },
  'level-reached': { 'zh-CN': '升级通知', en: 'Level notice' },
};
const firstWords: Readonly<Record<ServiceScene, string>> = {
  'order-unpaid': '您的订单 {orderNo}（{product}）还没有付款，{closesAt} 前付款为您保留。',
  'order-paid': '已收到您的付款 {paid} 元，订单 {orderNo} 正在备货。',
  'order-dispatched': '您的订单 {orderNo} 已发货：{carrier} {trackingNo}。',
  'level-reached': '恭喜升级为{level}！新的权益已经生效，可在会员卡里查看。',
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function emptyNotice(scene: ServiceScene): NoticeDraft {
  return { enabled: true, text: firstWords[scene], page: '', steps: [1, 2], templates: [] };
}

export const emptyTemplate = (): TemplateDraft => ({
  route: 'template',
  account: '',
  templateId: '',
  miniProgram: '',
  fields: [{ name: 'thing1', wording: '' }],
});

/** Undefined: the scene has no notice yet. */
export function toNotice(scene: ServiceScene, strategy: StrategyView | undefined): NoticeDraft {
  const args = record(strategy?.actions.find(({ code }) => code === 'notice')?.args);
  if (!strategy || !args['text']) return emptyNotice(scene);
  const steps = strategy.trigger.args['steps'];
  return {
    enabled: strategy.enabled,
    text: text(args['text']),
    page: text(args['page']),
    steps: Array.isArray(steps) ? steps.filter((step) => typeof step === 'number') : [1, 2],
    templates: (Array.isArray(args['templates']) ? args['templates'] : []).map(templateOf),
  };
}

function templateOf(value: unknown): TemplateDraft {
  const { route, account, templateId, miniProgram, fields } = record(value);
  return {
    route: route === 'subscription-notice' ? route : 'template',
    account: text(account),
    templateId: text(templateId),
    miniProgram: text(miniProgram),
    fields: Object.entries(record(fields)).map(([name, wording]) => ({ name, wording: text(wording) })),
  };
}

/** What is stored beside the form's own fields (title, priority) stays. */
export function toNoticeBody(scene: ServiceScene, draft: NoticeDraft, before: StrategyView | undefined): PutStrategy {
  const page = draft.page.trim().replace(/^\//, '');
  const args = {
    text: draft.text.trim(),
    ...(page ? { page } : {}),
    templates: draft.templates.map(({ route, account, templateId, miniProgram, fields }) => ({
      ...{ route, account: account.trim(), templateId: templateId.trim() },
      fields: Object.fromEntries(fields.map(({ name, wording }) => [name.trim(), wording.trim()])),
      ...(miniProgram.trim() && route === 'template' ? { miniProgram: miniProgram.trim() } : {}),
    })),
  };
  return {
    enabled: draft.enabled,
    title: before?.title ?? titles[scene],
    priority: before?.priority ?? 100,
    trigger: { code: scene, args: scene === 'order-unpaid' ? { steps: [...draft.steps].sort() } : {} },
    actions: [{ code: 'notice', args }],
  };
}

const placeholders = (wording: string): string[] => [...wording.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
const fits = (scene: ServiceScene, wording: string): boolean =>
  placeholders(wording).every((name) => wordsOf[scene].includes(name));

export function noticeProblem(scene: ServiceScene, draft: NoticeDraft): NoticeProblem | undefined {
  if (!draft.text.trim() || draft.text.trim().length > 300) return 'text';
  if (!fits(scene, draft.text)) return 'words';
  const page = draft.page.trim().replace(/^\//, '');
  if (page && !/^[a-z0-9/_-]{1,100}(\?[\w=&{}.-]*)?$/i.test(page)) return 'page';
  if (scene === 'order-unpaid' && draft.steps.length === 0) return 'steps';
  if (draft.templates.some((one) => !isWhole(one))) return 'template';
  const wordings = draft.templates.flatMap(({ fields }) => fields.map(({ wording }) => wording));
  return wordings.every((wording) => fits(scene, wording)) ? undefined : 'templateWords';
}

function isWhole({ account, templateId, fields }: TemplateDraft): boolean {
  const names = fields.map(({ name }) => name.trim());
  return (
    Boolean(account.trim() && templateId.trim()) &&
    fields.length > 0 &&
    new Set(names).size === names.length &&
    fields.every(({ name, wording }) => /^[A-Za-z_0-9]{1,32}$/.test(name.trim()) && wording.trim())
  );
}

/** The sentence as a customer reads it. `examples`: a value for each word. */
export const previewOf = (wording: string, examples: Readonly<Record<string, string>>): string =>
  wording.replace(/\{([^{}]*)\}/g, (whole, name: string) => examples[name] ?? whole);
