/** The editor of any strategy: the way from a stored one, or a ready one of the library, to its fields and back. Pure. */
import type {
  CouponView,
  LibraryEntry,
  Metric,
  PutStrategy,
  RuleView,
  SegmentRule,
  StrategyView,
} from '../../api/types.js';
import { fenOf, yuanOf } from '../../format/money.js';
import { cleaned, fieldOf, problemsOf, type ArgsProblem } from './schema.js';

type Args = Record<string, unknown>;
export interface RuleDraft {
  code: string;
  isNew: boolean;
  enabled: boolean;
  titleZh: string;
  titleEn: string;
  priority: number;
  metric: Metric | '';
  trigger: { code: string; args: Args };
  actions: Array<{ code: string; args: Args }>;
  /** Undefined: everybody the trigger names. */
  audience: SegmentRule | undefined;
  holdoutPercent: number;
  budgetPeople: number | undefined;
  budgetYuan: number | undefined;
}
export type RuleProblem = 'title' | 'code' | 'trigger' | 'actions' | { part: string; problem: ArgsProblem };

/** What a marketer chose for what an entry asks. */
export interface Choices {
  coupon?: Pick<CouponView, 'id'> & { rules: Pick<CouponView['rules'], 'title'> };
  category?: string;
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export function draftOf(
  body: Omit<PutStrategy, 'metric'> & { metric?: string | undefined },
  code: string,
  isNew: boolean,
): RuleDraft {
  return {
    ...{ code, isNew, enabled: body.enabled, priority: body.priority },
    titleZh: body.title['zh-CN'],
    titleEn: body.title.en,
    metric: (body.metric ?? '') as Metric | '',
    trigger: copy({ code: body.trigger.code, args: body.trigger.args }),
    actions: copy(body.actions.map(({ code: action, args }) => ({ code: action, args }))),
    audience: body.audience && copy(body.audience),
    holdoutPercent: body.holdoutPercent ?? 0,
    budgetPeople: body.budget?.people,
    budgetYuan: body.budget?.fen === undefined ? undefined : yuanOf(body.budget.fen),
  };
}

export const draftOfView = (view: StrategyView): RuleDraft =>
  draftOf({ ...view, trigger: view.trigger, actions: view.actions } as PutStrategy, view.code, false);

/** A ready strategy with what it asks for filled in. */
export function draftOfEntry({ body, code }: LibraryEntry, { coupon, category }: Choices): RuleDraft {
  const draft = draftOf({ ...body, enabled: true }, code, true);
  if (category !== undefined) draft.trigger.args['category'] = category;
  if (coupon)
    for (const { args } of draft.actions)
      if (args['purpose'] === 'promotion') Object.assign(args, { couponId: coupon.id, voucher: coupon.rules.title });
  return draft;
}

export function emptyRule(trigger: RuleView, action: RuleView): RuleDraft {
  return {
    ...{ code: '', isNew: true, enabled: true, titleZh: '', titleEn: '', priority: 100, metric: '' },
    trigger: { code: trigger.code, args: copy(trigger.example) },
    actions: [{ code: action.code, args: copy(action.example) }],
    ...{ audience: undefined, holdoutPercent: 10, budgetPeople: undefined, budgetYuan: undefined },
  };
}

/** Only what is said unasked and is not owed can be left unsaid to some. */
export const mayHoldOut = ({ actions }: Pick<RuleDraft, 'actions'>): boolean =>
  actions.some(({ code }) => code === 'send');

export function toStrategy(draft: RuleDraft, rules: readonly RuleView[] = []): PutStrategy {
  const fen = draft.budgetYuan === undefined ? undefined : fenOf(draft.budgetYuan);
  const budget = {
    ...(draft.budgetPeople === undefined ? {} : { people: draft.budgetPeople }),
    ...(fen === undefined ? {} : { fen }),
  };
  const clean = ({ code, args }: { code: string; args: Args }): { code: string; args: Args } => {
    const schema = rules.find((rule) => rule.code === code)?.args;
    return { code, args: schema ? (cleaned(fieldOf(schema), args) as Args) : args };
  };
  return {
    ...{ enabled: draft.enabled, priority: draft.priority },
    title: { 'zh-CN': draft.titleZh.trim(), en: draft.titleEn.trim() },
    trigger: clean(draft.trigger) as PutStrategy['trigger'],
    actions: draft.actions.map(clean) as PutStrategy['actions'],
    ...(draft.audience ? { audience: draft.audience } : {}),
    ...(mayHoldOut(draft) && draft.holdoutPercent > 0 ? { holdoutPercent: draft.holdoutPercent } : {}),
    ...(Object.keys(budget).length ? { budget } : {}),
    ...(draft.metric ? { metric: draft.metric } : {}),
  };
}

/** The stored strategy as it is put again, switched on or off. */
export const turned = (view: StrategyView, enabled: boolean): PutStrategy =>
  toStrategy({ ...draftOfView(view), enabled, holdoutPercent: view.holdoutPercent ?? 0 });

export function ruleProblem(
  draft: RuleDraft,
  rules: { triggers: RuleView[]; actions: RuleView[] },
): RuleProblem | undefined {
  if (!draft.titleZh.trim() || !draft.titleEn.trim()) return 'title';
  if (!/^[a-z0-9][a-z0-9-]{1,39}$/.test(draft.code)) return 'code';
  const trigger = rules.triggers.find(({ code }) => code === draft.trigger.code);
  if (!trigger) return 'trigger';
  if (draft.actions.length === 0) return 'actions';
  const parts = [
    { part: 'trigger', schema: trigger.args, args: draft.trigger.args },
    ...draft.actions.map(({ code, args }) => ({
      ...{ part: code, args },
      schema: rules.actions.find((action) => action.code === code)?.args ?? {},
    })),
  ];
  for (const { part, schema, args } of parts) {
    const [problem] = problemsOf(fieldOf(schema), args);
    if (problem) return { part, problem };
  }
  return undefined;
}
