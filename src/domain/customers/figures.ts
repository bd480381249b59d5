/**
 * Figures kept on the customer so that a segment is an indexed query: written by the modules that own them, in the transaction that
 * changes them. Knows how to write them, not what they mean.
 */
import type { ClientSession, Types } from 'mongoose';
import type { CustomerModels, Figures } from './models.js';

export interface FigureChange {
  customerId: Types.ObjectId;
  set?: Partial<Figures>;
  inc?: Partial<Record<'orders' | 'spent' | 'items', number>>;
  /** Earliest and latest of what is there and this. */
  firstOrderAt?: Date;
  lastOrderAt?: Date;
  /** Latest of what is there and this. */
  lastBehaviourAt?: Date;
  unset?: ReadonlyArray<keyof Figures>;
}

export type WriteFigures = (tx: ClientSession, changes: readonly FigureChange[]) => Promise<void>;

export interface FigureWriter extends WriteFigures {
  /** What `work` changes of figures in this transaction is written when it ends, once a customer; until then nobody can read it. */
  atOnce<T>(tx: ClientSession, work: () => Promise<T>): Promise<T>;
}

export function createFigures({ customers }: Pick<CustomerModels, 'customers'>): FigureWriter {
  const gathering = new WeakMap<ClientSession, FigureChange[]>();

  async function write(tx: ClientSession, changes: readonly FigureChange[]): Promise<void> {
    const later = gathering.get(tx);
    if (later) {
      later.push(...changes);
      return;
    }
    const writes = changes.map(({ customerId, ...change }) => ({
      updateOne: { filter: { _id: customerId }, update: updateOf(change) },
    }));
    const [first, ...others] = writes;
    if (!first) return;
    const { filter, update } = first.updateOne;
    // One alone without the driver's machinery for many, which costs more than the write.
    if (others.length === 0) await customers.collection.updateOne(filter, update, { session: tx });
    else await customers.collection.bulkWrite(writes, { session: tx, ordered: true });
  }

  async function atOnce<T>(tx: ClientSession, work: () => Promise<T>): Promise<T> {
    if (gathering.has(tx)) return work();
    const changes: FigureChange[] = [];
    gathering.set(tx, changes);
    let done: T;
    try {
      done = await work();
    } finally {
      gathering.delete(tx);
    }
    await write(tx, joined(changes));
    return done;
  }

  return Object.assign(write, { atOnce });
}

/** Changes of one customer that touch different figures become one; others stay apart, in their order. */
function joined(changes: readonly FigureChange[]): FigureChange[] {
  const all: FigureChange[] = [];
  const last = new Map<string, number>();
  for (const change of changes) {
    const id = change.customerId.toHexString();
    const at = last.get(id);
    const before = at === undefined ? undefined : all[at];
    if (at !== undefined && before && areApart(before, change)) all[at] = both(before, change);
    else last.set(id, all.push(change) - 1);
  }
  return all;
}

function areApart(a: FigureChange, b: FigureChange): boolean {
  const names = new Set(namesOf(a));
  return namesOf(b).every((name) => !names.has(name));
}

const moments = ['firstOrderAt', 'lastOrderAt', 'lastBehaviourAt'] as const;

const namesOf = (change: FigureChange): string[] => [
  ...Object.keys(change.set ?? {}),
  ...Object.keys(change.inc ?? {}),
  ...(change.unset ?? []),
  ...moments.filter((name) => change[name]),
];

function both(a: FigureChange, b: FigureChange): FigureChange {
  const unset = [...(a.unset ?? []), ...(b.unset ?? [])];
  return {
    ...a,
    ...b,
    ...(a.set || b.set ? { set: { ...a.set, ...b.set } } : {}),
    ...(a.inc || b.inc ? { inc: { ...a.inc, ...b.inc } } : {}),
    ...(unset.length ? { unset } : {}),
  };
}

function updateOf(change: Omit<FigureChange, 'customerId'>): Record<string, unknown> {
  const { set, inc, firstOrderAt, lastOrderAt, lastBehaviourAt, unset } = change;
  const latest = { ...(lastOrderAt ? { lastOrderAt } : {}), ...(lastBehaviourAt ? { lastBehaviourAt } : {}) };
  return {
    ...(set ? { $set: prefixed(set) } : {}),
    ...(inc ? { $inc: prefixed(inc) } : {}),
    ...(firstOrderAt ? { $min: prefixed({ firstOrderAt }) } : {}),
    ...(Object.keys(latest).length ? { $max: prefixed(latest) } : {}),
    ...(unset?.length ? { $unset: prefixed(Object.fromEntries(unset.map((name) => [name, 1]))) } : {}),
  };
}

function prefixed(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`figures.${name}`, value]));
}
