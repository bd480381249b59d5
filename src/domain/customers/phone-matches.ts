/**
 * One number on several records: when it was learnt anew, who else holds it and what follows (link, proposal or nothing, as persons.ts
 * decides). A number that many hold says nothing about anybody.
 */
import type { ClientSession, Types } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import type { CustomerModels } from './models.js';
import type { Persons } from './persons.js';
import { holdersByIndex } from './phone-holders.js';
import type { Holding } from './phone-holders.js';
import type { KeptPhone, Told } from './profile-model.js';

/** A number on a customer's record. `index` is its blind index; `identifies`: neither virtual nor masked. */
export interface LearntPhone {
  customerId: Types.ObjectId;
  index: string;
  identifies: boolean;
  verifiedAt?: Date | undefined;
}

/** Held by more persons, a number is a shop's own or a filler, not anybody's. */
const MOST_PERSONS = 5;

export type PhoneMatches = ReturnType<typeof createPhoneMatches>;

export function createPhoneMatches(models: CustomerModels, persons: Pick<Persons, 'link'>) {
  async function match(tx: ClientSession, learnt: readonly LearntPhone[], at: Date): Promise<NewDomainEvent[]> {
    const telling = learnt.filter((one) => one.identifies);
    if (telling.length === 0) return [];
    const indexes = [...new Set(telling.map(({ index }) => index))];
    await claim(
      tx,
      indexes.map((index) => `phone:${index}`),
    );
    const holders = await holdersByIndex(models, tx, indexes);
    const events: NewDomainEvent[] = [];
    for (const one of telling) events.push(...(await matchOne(tx, one, holders.get(one.index) ?? [], at)));
    return events;
  }

  async function matchOne(
    tx: ClientSession,
    { customerId, verifiedAt }: LearntPhone,
    holders: readonly Holding[],
    at: Date,
  ): Promise<NewDomainEvent[]> {
    const self = holders.find(({ _id }) => _id.equals(customerId));
    // Not among them: there are too many to tell.
    if (!self) return [];
    const others = holders.filter((one) => !one.personId.equals(self.personId));
    const events: NewDomainEvent[] = [];
    for (const other of bestOfPersons(others)) {
      const theirs = other.profile?.phone?.verifiedAt;
      // Two numbers that nobody verified: not even worth the staff's time.
      if (!verifiedAt && !theirs) continue;
      const evidence = {
        kind: 'phone' as const,
        verifiedAt: [verifiedAt ?? null, theirs ?? null] as [Date | null, Date | null],
      };
      events.push(...(await persons.link(tx, customerId, other._id, evidence, at)).events);
    }
    return events;
  }

  /** Whoever learns the same at the same time conflicts here, and runs again knowing of this one. */
  async function claim(tx: ClientSession, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const update = { $inc: { times: 1 }, $currentDate: { touchedAt: true as const } };
    const writes = [...new Set(ids)].map((id) => ({ updateOne: { filter: { _id: id }, update, upsert: true } }));
    await models.claims.collection.bulkWrite(writes as never, { session: tx, ordered: true });
  }

  return { match, claim };
}

/** Of each person the record with the youngest verification; none when too many persons hold the number. */
function bestOfPersons(holders: readonly Holding[]): Holding[] {
  const best = new Map<string, Holding>();
  const verified = (one: Holding | undefined): number => one?.profile?.phone?.verifiedAt?.getTime() ?? -1;
  for (const holder of holders) {
    const key = String(holder.personId);
    if (!best.has(key) || verified(holder) > verified(best.get(key))) best.set(key, holder);
  }
  return best.size > MOST_PERSONS ? [] : [...best.values()];
}

/**
 * Whether a number told now takes the place of the one kept: a number the person proved gives way only to another proved later (or to the
 * staff's word), others to the newest. `verify`: the same number, proved again.
 */
export function placeOfPhone(
  kept: KeptPhone | undefined,
  told: Told & { index: string; verifiedAt?: Date | undefined },
): 'keep' | 'replace' | 'verify' {
  if (!kept) return 'replace';
  const newer = (a: Date | undefined, b: Date | undefined): boolean => (a?.getTime() ?? 0) > (b?.getTime() ?? 0);
  if (kept.index === told.index) return newer(told.verifiedAt, kept.verifiedAt) ? 'verify' : 'keep';
  if (kept.verifiedAt && told.by.kind !== 'staff') return newer(told.verifiedAt, kept.verifiedAt) ? 'replace' : 'keep';
  return newer(kept.at, told.at) ? 'keep' : 'replace';
}
