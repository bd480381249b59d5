/** What the strategy form edits, and the way from a stored version to it and back. Pure. */
import type { PutStrategy, StrategyView, TriggerCode } from '../../api/types.js';

export interface OpenHours {
  days: number[];
  from: string;
  to: string;
}
export interface MenuEntry {
  id: string;
  text: string;
}
/** The triggers this form knows; those of service scenes have a form of their own. */
export const answerKinds = ['follow', 'keyword', 'outside-hours'] as const satisfies readonly TriggerCode[];
export type AnswerKind = (typeof answerKinds)[number];
export const isAnswer = (one: StrategyView): boolean => answerKinds.some((kind) => kind === one.trigger.code);

export interface StrategyDraft {
  code: string;
  isNew: boolean;
  enabled: boolean;
  titleZh: string;
  titleEn: string;
  priority: number;
  kind: AnswerKind;
  scenes: string[];
  keywords: string[];
  match: 'contains' | 'equals';
  hours: OpenHours[];
  repeatAfterHours: number;
  replyType: 'text' | 'menu';
  text: string;
  head: string;
  entries: MenuEntry[];
  tail: string;
  /** What other rooms set beside this form's own fields. */
  kept: Partial<Pick<PutStrategy, 'audience' | 'holdoutPercent' | 'budget'>>;
}
/** The part of the form that is not right yet; each has its sentence under strategies.invalid. */
export type DraftProblem = 'title' | 'code' | 'keywords' | 'hours' | 'text' | 'menu';

/** A strategy made of parts this form does not know is shown, but edited nowhere here. */
export const isEditable = (one: StrategyView): boolean =>
  isAnswer(one) && one.actions.length === 1 && one.actions[0]?.code === 'reply';

export function emptyDraft(): StrategyDraft {
  return {
    code: '',
    isNew: true,
    enabled: true,
    titleZh: '',
    titleEn: '',
    priority: 100,
    kind: 'keyword',
    scenes: [],
    keywords: [],
    match: 'contains',
    hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' }],
    repeatAfterHours: 4,
    replyType: 'text',
    text: '',
    head: '',
    entries: [{ id: '1', text: '' }],
    tail: '',
    kept: {},
  };
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function hoursOf(value: unknown): OpenHours[] {
  if (!Array.isArray(value)) return [];
  return value.map((one: unknown) => {
    const { days, from, to } = record(one);
    const numbers = Array.isArray(days) ? days.filter((day) => typeof day === 'number') : [];
    return { days: numbers, from: String(from ?? '09:00'), to: String(to ?? '18:00') };
  });
}

export function toDraft(one: StrategyView): StrategyDraft {
  const args = one.trigger.args;
  const content = record(record(one.actions[0]?.args)['content']);
  const entries = Array.isArray(content['entries']) ? content['entries'].map(record) : [];
  const base = emptyDraft();
  return {
    ...base,
    code: one.code,
    isNew: false,
    enabled: one.enabled,
    titleZh: one.title['zh-CN'],
    titleEn: one.title.en,
    priority: one.priority,
    kind: answerKinds.find((kind) => kind === one.trigger.code) ?? base.kind,
    scenes: strings(args['scenes']),
    keywords: strings(args['keywords']),
    match: args['match'] === 'equals' ? 'equals' : 'contains',
    hours: hoursOf(args['hours']),
    repeatAfterHours: typeof args['repeatAfterHours'] === 'number' ? args['repeatAfterHours'] : base.repeatAfterHours,
    replyType: content['type'] === 'menu' ? 'menu' : 'text',
    text: String(content['text'] ?? ''),
    head: String(content['head'] ?? ''),
    entries: entries.map((entry) => ({ id: String(entry['id']), text: String(entry['text']) })),
    tail: String(content['tail'] ?? ''),
    kept: {
      ...(one.audience ? { audience: one.audience } : {}),
      ...(one.holdoutPercent ? { holdoutPercent: one.holdoutPercent } : {}),
      ...(one.budget ? { budget: one.budget } : {}),
    },
  };
}

function triggerArgs(draft: StrategyDraft): Record<string, unknown> {
  switch (draft.kind) {
    case 'follow':
      return { scenes: draft.scenes };
    case 'keyword':
      return { keywords: draft.keywords, match: draft.match };
    case 'outside-hours':
      return {
        hours: draft.hours.map(({ days, from, to }) => ({ days: [...days].sort(), from, to })),
        repeatAfterHours: draft.repeatAfterHours,
      };
  }
}

function content(draft: StrategyDraft): Record<string, unknown> {
  if (draft.replyType === 'text') return { type: 'text', text: draft.text.trim() };
  const entries = draft.entries
    .filter((entry) => entry.text.trim())
    .map((entry) => ({ id: entry.id, text: entry.text.trim() }));
  const tail = draft.tail.trim();
  return { type: 'menu', head: draft.head.trim(), entries, ...(tail ? { tail } : {}) };
}

export function toBody(draft: StrategyDraft): PutStrategy {
  return {
    enabled: draft.enabled,
    title: { 'zh-CN': draft.titleZh.trim(), en: draft.titleEn.trim() },
    priority: draft.priority,
    trigger: { code: draft.kind, args: triggerArgs(draft) },
    actions: [{ code: 'reply', args: { content: content(draft) } }],
    ...draft.kept,
  };
}

export function problemOf(draft: StrategyDraft): DraftProblem | undefined {
  if (!draft.titleZh.trim() || !draft.titleEn.trim()) return 'title';
  if (!/^[a-z0-9][a-z0-9-]{1,39}$/.test(draft.code)) return 'code';
  if (draft.kind === 'keyword' && draft.keywords.length === 0) return 'keywords';
  const badHours =
    draft.hours.length === 0 ||
    draft.hours.some((row) => row.days.length === 0 || !row.from || !row.to || row.from === row.to);
  if (draft.kind === 'outside-hours' && badHours) return 'hours';
  if (draft.replyType === 'text' && !draft.text.trim()) return 'text';
  if (draft.replyType === 'menu' && (!draft.head.trim() || !draft.entries.some((entry) => entry.text.trim())))
    return 'menu';
  return undefined;
}
