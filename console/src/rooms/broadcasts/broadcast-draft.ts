/** What the steps of a broadcast edit, and the way from the stored one to it and back. Pure. */
import type { BroadcastView, Message, Metric, PutBroadcast, SegmentRule } from '../../api/types.js';
import { fromDateField, toDateField } from '../../format/date-fields.js';
import { fenOf, yuanOf } from '../../format/money.js';
import { hasLooseBrace, wordsIn } from '../../format/words.js';

/** The ways a broadcast can take. The first three are offered for promotion; a conversation is for care alone. */
export const ways = ['member-inbox', 'subscription-notice', 'mass-send', 'customer-message'] as const;
export type Way = (typeof ways)[number];

export interface NoticeFields {
  account: string;
  templateId: string;
  fields: Array<{ name: string; wording: string }>;
}
export interface BroadcastForm {
  name: string;
  metric: Metric;
  aim: string;
  audience: SegmentRule;
  audienceNote: string;
  holdoutPercent: number;
  purpose: 'care' | 'promotion';
  /** Which ways are used. */
  on: Record<Way, boolean>;
  title: string;
  text: string;
  /** Page of the mini-program that opens; empty: none. */
  page: string;
  massText: string;
  chatText: string;
  notice: NoticeFields;
  couponId: string;
  /** Undefined: no limit. */
  budgetPeople: number | undefined;
  budgetYuan: number | undefined;
  designNote: string;
  startAt: string;
  endsAt: string;
  /** Contents this form has no fields for (a picture, an article): kept as they are. */
  kept: Message['variants'];
}
export type FormProblem =
  | 'name'
  | 'noWay'
  | 'text'
  | 'page'
  | 'massText'
  | 'massWords'
  | 'chatText'
  | 'noticeTemplate'
  | 'noticeFields'
  | 'words'
  | 'braces'
  | 'window';

/** All of none: everybody. */
export const everybody: SegmentRule = { all: [] };

export function emptyForm(text: string): BroadcastForm {
  return {
    ...{ name: '', metric: 'conversion-rate', aim: '', audience: everybody, audienceNote: '', holdoutPercent: 10 },
    ...{ purpose: 'promotion', title: '', text, page: 'pages/home/index', massText: '', chatText: '', couponId: '' },
    on: { 'member-inbox': true, 'subscription-notice': false, 'mass-send': false, 'customer-message': false },
    notice: { account: '', templateId: '', fields: [{ name: 'thing1', wording: '' }] },
    ...{ budgetPeople: undefined, budgetYuan: undefined, designNote: '', startAt: '', endsAt: '', kept: {} },
  };
}

export function toForm(view: BroadcastView): BroadcastForm {
  const { variants, variantAccounts, purpose } = view.message;
  const { name, metric, aim, audienceNote, holdoutPercent, designNote, budget } = view;
  const inbox = variants['member-inbox'];
  const notice = variants['subscription-notice'];
  const mass = variants['mass-send'];
  const chat = variants['customer-message'];
  const empty = emptyForm('');
  return {
    ...empty,
    ...{ name, metric, aim, audienceNote, holdoutPercent, designNote },
    audience: view.audience as SegmentRule,
    purpose: purpose === 'care' ? 'care' : 'promotion',
    on: {
      'member-inbox': inbox?.type === 'notice',
      'subscription-notice': notice?.type === 'notice',
      'mass-send': mass?.type === 'text',
      'customer-message': chat?.type === 'text',
    },
    title: inbox?.type === 'notice' ? (inbox.data['title'] ?? '') : '',
    text: inbox?.type === 'notice' ? (inbox.data['text'] ?? '') : '',
    page: pageOf(inbox) || pageOf(notice),
    massText: mass?.type === 'text' ? mass.text : '',
    chatText: chat?.type === 'text' ? chat.text : '',
    notice:
      notice?.type === 'notice'
        ? {
            account: variantAccounts?.['subscription-notice'] ?? '',
            templateId: notice.templateId,
            fields: Object.entries(notice.data).map(([field, wording]) => ({ name: field, wording })),
          }
        : empty.notice,
    couponId: view.couponId ?? '',
    budgetPeople: budget.people,
    budgetYuan: budget.fen === undefined ? undefined : yuanOf(budget.fen),
    startAt: toDateField(view.startAt),
    endsAt: toDateField(view.endsAt),
    kept: {
      ...(mass && mass.type !== 'text' ? { 'mass-send': mass } : {}),
      ...(chat && chat.type !== 'text' ? { 'customer-message': chat } : {}),
    },
  };
}

const pageOf = (content: Message['variants'][Way]): string => (content?.type === 'notice' ? (content.page ?? '') : '');

export function toBroadcast(form: BroadcastForm): PutBroadcast {
  const startAt = fromDateField(form.startAt);
  const endsAt = fromDateField(form.endsAt);
  return {
    ...{ name: form.name.trim(), metric: form.metric, aim: form.aim.trim() },
    ...{ audience: form.audience, audienceNote: form.audienceNote.trim(), holdoutPercent: form.holdoutPercent },
    message: toMessage(form),
    ...(form.couponId ? { couponId: form.couponId } : {}),
    budget: {
      ...(form.budgetPeople === undefined ? {} : { people: form.budgetPeople }),
      ...(form.budgetYuan === undefined ? {} : { fen: fenOf(form.budgetYuan) }),
    },
    designNote: form.designNote.trim(),
    ...(startAt ? { startAt } : {}),
    ...(endsAt ? { endsAt } : {}),
  };
}

export function toMessage(form: BroadcastForm): Message {
  const opens = pagePart(form.page);
  const { on, notice } = form;
  const title = form.title.trim();
  return {
    purpose: form.purpose,
    variants: {
      ...form.kept,
      ...(on['member-inbox']
        ? {
            'member-inbox': {
              type: 'notice',
              templateId: '',
              ...opens,
              data: { ...(title ? { title } : {}), text: form.text.trim() },
            },
          }
        : {}),
      ...(on['subscription-notice']
        ? {
            'subscription-notice': {
              type: 'notice',
              templateId: notice.templateId.trim(),
              ...opens,
              data: Object.fromEntries(notice.fields.map((field) => [field.name.trim(), field.wording.trim()])),
            },
          }
        : {}),
      ...(on['mass-send'] ? { 'mass-send': { type: 'text', text: form.massText.trim() } } : {}),
      ...(usesChat(form) ? { 'customer-message': { type: 'text', text: form.chatText.trim() } } : {}),
    },
    ...(on['subscription-notice'] ? { variantAccounts: { 'subscription-notice': notice.account } } : {}),
  };
}

const trimmedPage = (page: string): string => page.trim().replace(/^\//, '');
const pagePart = (page: string): { page?: string } => (trimmedPage(page) ? { page: trimmedPage(page) } : {});
/** Promotion as a customer message is misuse of it: what stood there is left out. */
export const usesChat = ({ on, purpose }: BroadcastForm): boolean => on['customer-message'] && purpose === 'care';

export const aimProblem = (form: BroadcastForm): FormProblem | undefined => (form.name.trim() ? undefined : 'name');

/** `allowed`: the words that can be filled in. */
export function contentProblem(form: BroadcastForm, allowed: readonly string[]): FormProblem | undefined {
  const { on } = form;
  const used = on['member-inbox'] || on['subscription-notice'] || on['mass-send'] || usesChat(form);
  if (!used && Object.keys(form.kept).length === 0) return 'noWay';
  const page = trimmedPage(form.page);
  if (page && !/^[a-z0-9/_-]{1,100}(\?[\w=&{}|.-]*)?$/i.test(page)) return 'page';
  if (on['member-inbox'] && !form.text.trim()) return 'text';
  if (on['mass-send'] && !form.massText.trim()) return 'massText';
  if (on['mass-send'] && /[{}]/.test(form.massText)) return 'massWords';
  if (usesChat(form) && !form.chatText.trim()) return 'chatText';
  if (on['subscription-notice']) {
    const problem = noticeProblem(form.notice);
    if (problem) return problem;
  }
  const texts = filledTexts(form);
  if (texts.some(hasLooseBrace)) return 'braces';
  if (texts.flatMap(wordsIn).some((word) => !allowed.includes(word))) return 'words';
  return form.startAt && form.endsAt && form.endsAt <= form.startAt ? 'window' : undefined;
}

function noticeProblem({ account, templateId, fields }: NoticeFields): FormProblem | undefined {
  if (!account || !templateId.trim()) return 'noticeTemplate';
  const names = fields.map((field) => field.name.trim());
  const whole = fields.every(({ name, wording }) => /^[A-Za-z_0-9]{1,32}$/.test(name.trim()) && wording.trim());
  return fields.length > 0 && whole && new Set(names).size === names.length ? undefined : 'noticeFields';
}

/** Texts in which words are filled in for each person. */
const filledTexts = (form: BroadcastForm): string[] => [
  ...(form.on['member-inbox'] ? [form.title, form.text] : []),
  ...(form.on['subscription-notice'] ? form.notice.fields.map(({ wording }) => wording) : []),
  ...(usesChat(form) ? [form.chatText] : []),
];

/** Whether what stands in the form differs from what is stored. */
export const isChanged = (form: BroadcastForm, view: BroadcastView): boolean =>
  JSON.stringify(toBroadcast(form)) !== JSON.stringify(toBroadcast(toForm(view)));
