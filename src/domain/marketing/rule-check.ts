/**
 * Whether a strategy may be stored: its args by the trigger's and the actions' own schemas, what its actions would say by the table of
 * routes, its audience and coupons by those who know them. Nothing that is stored can then say what the table forbids. Writes nothing.
 */
import type { z } from 'zod';
import type {
  Action,
  DomainEvent,
  Facts,
  FieldProblem,
  Message,
  PutStrategy,
  SegmentRule,
  Strategy,
  Trigger,
} from '../../contracts/index.js';
import { forbiddenRoutes } from '../contact/index.js';

export interface RuleBook {
  triggers: readonly Trigger[];
  actions: readonly Action[];
  /** What is wrong with an audience. */
  checkRule?(rule: SegmentRule): Promise<FieldProblem[]>;
  /** Whether there is such a coupon, and it can still be granted. */
  knowsCoupon?(couponId: string): Promise<boolean>;
}

type Body = z.infer<typeof PutStrategy>;

export interface CheckedRule {
  trigger: Strategy['trigger'];
  actions: Strategy['actions'];
  problems: FieldProblem[];
}

/** The rule with its args as their schemas read them, and everything that is wrong with it. */
export async function checkStrategy(rules: RuleBook, code: string, body: Body): Promise<CheckedRule> {
  const problems: FieldProblem[] = [];
  const parse = (schema: z.ZodType | undefined, args: unknown, path: string): unknown => {
    const result = schema?.safeParse(args);
    if (!result) return void problems.push({ path, code: 'unknown', message: 'no such trigger or action' });
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      problems.push({ path: [path, 'args', ...issue.path].join('.'), code: issue.code, message: issue.message });
    }
    return undefined;
  };
  const known = triggerOf(rules, body);
  const asked =
    body.trigger.code === 'outside-hours' ? { ...body.trigger.args, strategyCode: code } : body.trigger.args;
  const trigger = { code: body.trigger.code, args: parse(known?.args, asked, 'trigger') };
  const actions = body.actions.map((action, index) => {
    const schema = rules.actions.find((candidate) => candidate.code === action.code)?.args;
    return { code: action.code, args: parse(schema, action.args, `actions.${index}`) };
  });
  if (known && problems.length === 0)
    problems.push(...(await meaningProblems(rules, known, { trigger, actions }, body)));
  return { trigger, actions, problems };
}

export const triggerOf = ({ triggers }: RuleBook, { trigger }: Pick<Body, 'trigger'>): Trigger | undefined =>
  triggers.find(({ code }) => code === trigger.code);

/** What no schema of one part can see. */
async function meaningProblems(
  rules: RuleBook,
  trigger: Trigger,
  { actions }: Pick<Strategy, 'trigger' | 'actions'>,
  { audience, holdoutPercent = 0 }: Body,
): Promise<FieldProblem[]> {
  const said = actions.map((action) => messagesOf(rules, trigger, action));
  const problems = said.flatMap((messages, index) =>
    messages.flatMap((message) => messageProblems(trigger, message, `actions.${index}`)),
  );
  const isMeasured = said.flat().some(({ purpose }) => purpose === 'care' || purpose === 'promotion');
  if (holdoutPercent > 0 && !isMeasured) {
    const message = 'what is owed, or an answer, has no hold-out';
    problems.push({ path: 'holdoutPercent', code: 'strategy.holdoutForbidden', message });
  }
  if (audience) problems.push(...((await rules.checkRule?.(audience)) ?? []).map(under('audience')));
  return [...problems, ...(await couponProblems(rules, actions))];
}

/** A strategy speaks to one person: what goes to thousands at once is a broadcast. */
function messageProblems(trigger: Trigger, message: Message, path: string): FieldProblem[] {
  const { purpose } = message;
  const routes = forbiddenRoutes(message).concat('mass-send' in message.variants ? ['mass-send'] : []);
  const forbidden = [...new Set(routes)].map((route) => ({
    ...{ path, code: 'strategy.routeForbidden', message: `${purpose} must not go by ${route}` },
  }));
  if (!trigger.due || purpose === 'care' || purpose === 'promotion') return forbidden;
  const text = 'what the clock starts is care or promotion: nobody asked, and nothing is owed';
  return [...forbidden, { path, code: 'strategy.purposeForbidden', message: text }];
}

async function couponProblems({ knowsCoupon }: RuleBook, actions: Strategy['actions']): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = [];
  for (const [index, { args }] of actions.entries()) {
    const { couponId } = (args ?? {}) as { couponId?: unknown };
    if (typeof couponId !== 'string' || (await knowsCoupon?.(couponId)) !== false) continue;
    const path = `actions.${index}.args.couponId`;
    problems.push({ path, code: 'coupon.notFound', message: 'there is no such coupon to be granted' });
  }
  return problems;
}

/** What an action says at its trigger's example to a person who can be reached at every account that its args name. */
function messagesOf(rules: RuleBook, trigger: Trigger, { code, args }: Strategy['actions'][number]): Message[] {
  const action = rules.actions.find((candidate) => candidate.code === code);
  const example = trigger.example.event;
  const event: DomainEvent = {
    ...example,
    id: '',
    storedAt: example.at,
    cause: { door: 'clock', task: 'check' },
  };
  return (action?.plan(event, factsFor(accountsIn(args)), args) ?? []).map(({ message }) => message);
}

function factsFor(accounts: readonly string[]): Facts {
  return {
    now: new Date(0),
    local: { date: '1970-01-01', time: '00:00', weekday: 4 },
    timeZone: 'UTC',
    person: { points: 0, growth: 0, orders: 0, spent: 0 },
    customer: { id: '' },
    addresses: accounts.map((account) => ({ channel: 'official-account', account, user: '' })),
  };
}

/** Every `account` that stands anywhere in the args. */
function accountsIn(args: unknown): string[] {
  if (typeof args !== 'object' || args === null) return [];
  return Object.entries(args).flatMap(([name, value]) =>
    name === 'account' && typeof value === 'string' ? [value] : accountsIn(value),
  );
}

const under =
  (parent: string) =>
  (problem: FieldProblem): FieldProblem => ({ ...problem, path: [parent, problem.path].filter(Boolean).join('.') });
