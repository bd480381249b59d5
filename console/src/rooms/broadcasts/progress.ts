/** Where a broadcast stands: which step of the five, what may be done next, and its figures beside the forecast. Pure. */
import type {
  AudienceState,
  BroadcastState,
  BroadcastView,
  CountByReason,
  Permission,
  Reach,
  Route,
} from '../../api/types.js';

export const steps = ['aim', 'people', 'content', 'review', 'run'] as const;
export type StepName = (typeof steps)[number];
export type Deed =
  'edit' | 'forecast' | 'test' | 'submit' | 'start' | 'approve' | 'reject' | 'pause' | 'resume' | 'cancel' | 'sumUp';

const running: readonly BroadcastState[] = ['running', 'paused', 'finished', 'cancelled'];
export const isMoving = (view: Pick<BroadcastView, 'state'>): boolean =>
  view.state === 'running' || view.state === 'approved' || view.state === 'paused';

/** The step that matters now. A cancelled draft never ran. */
export function stepOf({ state, begunAt }: Pick<BroadcastView, 'state' | 'begunAt'>): StepName {
  if (state === 'draft') return 'content';
  if (running.includes(state) && (begunAt || state === 'paused')) return 'run';
  return 'review';
}

/** Steps that have something to show. */
export function openSteps(view: Pick<BroadcastView, 'state' | 'begunAt'> | null): readonly StepName[] {
  if (!view) return ['aim'];
  return stepOf(view) === 'run' ? steps : steps.slice(0, 4);
}

/** What this person may do with it now. Whether it is theirs to approve only the server knows. */
export function deedsOf(view: BroadcastView, can: (permission: Permission) => boolean): Deed[] {
  const edits = can('broadcasts.edit');
  const approves = can('broadcasts.approve');
  const mine: Deed[] = edits ? editorsDeeds(view) : [];
  const second: Deed[] = approves && view.state === 'submitted' ? ['approve', 'reject'] : [];
  return [...mine, ...second];
}

function editorsDeeds(view: BroadcastView): Deed[] {
  const ready = view.forecast !== null && !view.forecast.stale;
  const go: Deed[] = ready ? [view.needsApproval ? 'submit' : 'start'] : [];
  switch (view.state) {
    case 'draft':
      return ['edit', 'forecast', 'test', ...go, 'cancel'];
    case 'submitted':
      return ['edit', 'test', 'cancel'];
    case 'approved':
      return ['test', ...(view.started || view.startAt ? [] : (['start'] as const)), 'cancel'];
    case 'running':
      return ['pause', 'cancel', 'sumUp'];
    case 'paused':
      return ['resume', 'cancel', ...(view.begunAt ? (['sumUp'] as const) : [])];
    case 'finished':
    case 'cancelled':
      return view.begunAt ? ['sumUp'] : [];
  }
}

export const stateTone = (state: BroadcastState): string =>
  ({
    draft: '',
    submitted: 'chip--warm',
    approved: 'chip--good',
    running: 'chip--good',
    paused: 'chip--warm',
    finished: '',
    cancelled: 'chip--bad',
  })[state];

export interface RouteRow {
  route: Route;
  expected: number | undefined;
  actual: number | undefined;
}
/** By route what was expected and what was, the largest first. */
export function routeRows(expected: Reach | null, actual: Reach | null): RouteRow[] {
  const routes = new Set([...(expected?.byRoute ?? []), ...(actual?.byRoute ?? [])].map(({ route }) => route));
  const of = (reach: Reach | null, route: Route): number | undefined =>
    reach ? (reach.byRoute.find((one) => one.route === route)?.people ?? 0) : undefined;
  return [...routes]
    .map((route) => ({ route, expected: of(expected, route), actual: of(actual, route) }))
    .sort((a, b) => Math.max(b.expected ?? 0, b.actual ?? 0) - Math.max(a.expected ?? 0, a.actual ?? 0));
}

export interface ReasonRow {
  state: AudienceState;
  reason: string | null;
  expected: number | undefined;
  actual: number | undefined;
}
/** By state and reason, the most first. Who was reached and who is left alone on purpose are told elsewhere. */
export function reasonRows(expected: Reach | null, actual: readonly CountByReason[] | null): ReasonRow[] {
  const told: readonly AudienceState[] = ['sent', 'submitted', 'heldOut'];
  const before = (expected?.byReason ?? []).filter(({ state }) => !told.includes(state));
  const after = (actual ?? []).filter(({ state }) => !told.includes(state));
  const keyOf = (one: Pick<CountByReason, 'state' | 'reason'>): string => `${one.state}/${one.reason ?? ''}`;
  const rows = new Map([...before, ...after].map((one) => [keyOf(one), one]));
  const people = (list: readonly CountByReason[], key: string): number =>
    list.filter((one) => keyOf(one) === key).reduce((sum, one) => sum + one.people, 0);
  return [...rows]
    .map(([key, { state, reason }]) => ({
      ...{ state, reason },
      expected: expected ? people(before, key) : undefined,
      actual: actual ? people(after, key) : undefined,
    }))
    .sort((a, b) => Math.max(b.expected ?? 0, b.actual ?? 0) - Math.max(a.expected ?? 0, a.actual ?? 0));
}

/** How many of the audience have an outcome that lasts. */
export function settled(counts: readonly CountByReason[]): { done: number; total: number } {
  const open: readonly AudienceState[] = ['waiting', 'queued', 'held'];
  const total = counts.reduce((sum, { people }) => sum + people, 0);
  const left = counts.filter(({ state }) => open.includes(state)).reduce((sum, { people }) => sum + people, 0);
  return { done: total - left, total };
}

export const reached = (reach: Reach): number => reach.byRoute.reduce((sum, { people }) => sum + people, 0);

/** Share in whole per cent; undefined when there is nobody to share among. */
export const percentOf = (part: number, whole: number): number | undefined =>
  whole > 0 ? Math.round((part / whole) * 1000) / 10 : undefined;
