/** What the console's services share: a change under the asker's door, one person at a time, and the names of who did something. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Cause, NewDomainEvent } from '../../../contracts/index.js';
import type { Person, Persons } from '../../../domain/customers/index.js';
import type { Act, Acting } from '../../../flow/act.js';
import type { KeyedLock } from '../../../infra/keyed-lock.js';
import { withLocks } from '../../../infra/keyed-lock.js';
import type { Actor } from '../../ports.js';

export const causeOf = ({ staffId, requestId }: Actor): Cause => ({ door: 'http', staffId, requestId });

export type Work<T> = (tx: ClientSession, acting: Acting) => Promise<{ events: readonly NewDomainEvent[]; result: T }>;

/** A change that gives something beside its events. */
export type Change = <T>(by: Actor, work: Work<T>) => Promise<T>;

export function createChange(act: Act): Change {
  return async (by, work) => {
    let done: Awaited<ReturnType<typeof work>> | undefined;
    await act({
      cause: causeOf(by),
      change: async (tx, acting) => {
        done = await work(tx, acting);
        return [...done.events];
      },
    });
    if (!done) throw new Error('a change ended without a result');
    return done.result;
  };
}

/** `person`: as of the transaction. */
export type ChangePerson = <T>(
  by: Actor,
  customerIds: readonly string[],
  work: (tx: ClientSession, acting: Acting, person: Person) => ReturnType<Work<T>>,
) => Promise<T>;

/** Changes of these customers' persons, one after the other: those that wait need not run again. `person` is of the first. 404 customer.notFound. */
export function createChangePerson(parts: { act: Act; lock: KeyedLock; persons: Pick<Persons, 'of'> }): ChangePerson {
  const change = createChange(parts.act);
  return async (by, customerIds, work) => {
    const ids = customerIds.map((id) => new Types.ObjectId(id));
    const [first] = ids;
    if (!first) throw new Error('a change of nobody');
    const found = await Promise.all(ids.map((id) => parts.persons.of(null, id)));
    const keys = found.map(({ id }) => `points ${String(id)}`);
    return withLocks(parts.lock, keys, () =>
      change(by, async (tx, acting) => work(tx, acting, await parts.persons.of(tx, first))),
    );
  };
}

/** The name of a staff member or a shop system's key, by what a record keeps of who wrote it. */
export type NameOf = (by: string) => Promise<string | undefined>;

/** Names of all of these, each asked for once; who is not known stays as written. */
export async function namesOf(nameOf: NameOf, all: ReadonlyArray<string | undefined>): Promise<Map<string, string>> {
  const distinct = [...new Set(all.filter((by) => by !== undefined))];
  return new Map(await Promise.all(distinct.map(async (by) => [by, (await nameOf(by)) ?? by] as const)));
}

export const iso = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;
