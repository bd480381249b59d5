// The compiled server with one guard replaced by composition, as src/main.ts starts it otherwise. For tests that must see its absence noticed.
// Its argument names the guard, or several joined by `+`; `none` replaces nothing.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { serve } = await import(join(root, 'dist/src/serve.js'));
const { createJudge } = await import(join(root, 'dist/src/domain/contact/index.js'));
const { decide } = await import(join(root, 'dist/src/flow/decide.js'));

/** The rule as if nobody had said "not". */
const withoutNot = (rule) => {
  if ('not' in rule) return { all: [] };
  if ('all' in rule) return { all: rule.all.map(withoutNot) };
  return 'any' in rule ? { any: rule.any.map(withoutNot) } : rule;
};

const missing = {
  none: {},
  // Every delivery of an event is a new event.
  dedupe: { inboxKey: () => randomUUID() },
  // Nothing that happens is decided on.
  decide: { decide: () => [] },
  // Whoever asks may send.
  quota: {
    ledger: (real) => ({
      ...real,
      take: async (_tx, _address, _origin, now) => ({ ok: true, kind: 'message', at: now }),
      refund: async () => undefined,
      correct: async () => undefined,
      window: async () => ({ open: true, left: 5, endsAt: null }),
    }),
  },
  // What orders bring is booked nowhere.
  ledger: {
    membership: (real) => ({ ...real, settleOrder: async () => ({ events: [], due: [], cancel: [] }) }),
  },
  // A unionid is told, and links nobody.
  link: { identification: (real) => ({ ...real, attachUnionid: async () => [] }) },
  // Nothing takes a reminder back, and nobody looks again when its time has come.
  chase: {
    chase: (real) => ({
      owedFor: (order) => ({ ...real.owedFor(order), cancel: [] }),
      remind: async (tx, row) => {
        const owed = await real.remind(tx, row);
        if (owed.events.length > 0) return owed;
        const { orderId, step } = row.data;
        const data = { orderId, step, orderNo: orderId, item: '?', amount: 100 };
        const closesAt = new Date(row.dueAt.getTime() + 3_600_000).toISOString();
        const at = row.dueAt;
        return {
          ...owed,
          events: [{ kind: 'order.paymentDue', customerId: row.customerId, at, data: { ...data, closesAt } }],
        };
      },
    }),
  },
  // Rows lie where they are.
  deliver: { deliver: () => async () => undefined },
  // A query that does not know "not".
  segments: { segments: (real) => ({ ...real, count: (rule, ...rest) => real.count(withoutNot(rule), ...rest) }) },
  // Nobody is left alone.
  holdout: {
    audience: (real) => ({
      ...real,
      freezeBatch: (tx, broadcast, ...rest) => real.freezeBatch(tx, { ...broadcast, holdoutPercent: 0 }, ...rest),
    }),
  },
  // Gates of the contact policy left open, one at a time.
  minor: { judge: createJudge(['minor']) },
  refused: { judge: createJudge(['refused']) },
  cap: { judge: createJudge(['cap']) },
  // The switch can be thrown, and stops nothing.
  'promotion-switch': { promotionSwitch: (real) => ({ ...real, isStopped: async () => false }) },
  // 退订 is a message like any other.
  'opt-out': { optOut: () => async () => [] },
  // A fifth mass send, a sixth …
  'mass-sends': {
    massSends: (real) => ({
      ...real,
      take: async (_tx, addresses) => [...addresses],
      left: async (_tx, addresses) =>
        new Map(addresses.map(({ channel, account, user }) => [`${channel}/${account}/${user}`, 1])),
    }),
  },
  // Whatever a draft would say by whichever way.
  'route-table': { draftProblems: () => [] },
  // Nobody signs in to personal accounts: the process has every role but that of bots.
  bot: {},
  // What the clock starts is decided on by nobody.
  clock: { decide: (event, ...rest) => (event.kind === 'strategy.due' ? [] : decide(event, ...rest)) },
};

const [guard = 'none'] = process.argv.slice(2);
const replace = {};
for (const name of guard.split('+')) {
  if (!missing[name]) throw new Error(`no guard is called ${name}`);
  const taken = Object.keys(missing[name]).filter((part) => part in replace);
  if (taken.length > 0) throw new Error(`${guard} replaces ${taken.join(', ')} twice`);
  Object.assign(replace, missing[name]);
}
await serve({
  argv: guard.split('+').includes('bot') ? ['--roles', 'web,worker'] : [],
  env: process.env,
  cwd: process.cwd(),
  consoleDir: join(root, 'console/dist'),
  replace,
  onReady: ({ port }) => process.send?.({ ready: true, port }),
});
process.exit(0);
