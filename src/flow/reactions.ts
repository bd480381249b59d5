/**
 * What one module must do when another's event happens, in the same transaction and by whichever door it came; and what each kind of due
 * row does when its time has come. Two tables, so that what is owed of itself can be read in one place.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { DomainEventKind, DueKind, DueRow, NewDomainEvent, Owed } from '../contracts/index.js';
import type { Holds } from '../domain/contact/index.js';
import type { Person, Persons } from '../domain/customers/index.js';
import type { Membership } from '../domain/membership/index.js';
import type { Clock } from '../infra/clock.js';
import type { Reaction } from './act.js';
import type { Chase } from './chase.js';
import type { DueHandler } from './due.js';

interface Parts {
  membership: Membership;
  persons: Pick<Persons, 'of'>;
  holds: Pick<Holds, 'holdReaction'>;
  clock: Clock;
}

/** Growth belongs to the person: when records become one person, or two again, their levels are worked out anew. */
export function reactionsOf({ membership, persons, holds, clock }: Parts): Partial<Record<DomainEventKind, Reaction>> {
  const relevel = async (tx: ClientSession, event: NewDomainEvent): Promise<Owed> => {
    const done = new Set<string>();
    const all: Owed = { events: [], due: [], cancel: [] };
    for (const customerId of customersOf(event)) {
      const person = await persons.of(tx, new Types.ObjectId(customerId));
      if (done.has(String(person.id))) continue;
      done.add(String(person.id));
      const owed = await membership.regroup(tx, person, clock.now());
      all.events.push(...owed.events);
      all.due.push(...owed.due);
      all.cancel.push(...owed.cancel);
    }
    return all;
  };
  return {
    'person.linked': relevel,
    'person.unlinked': relevel,
    'order.refundChanged': holds.holdReaction,
  };
}

function customersOf({ customerId, data }: NewDomainEvent): string[] {
  const named = Array.isArray(data['customerIds']) ? data['customerIds'].map(String) : [];
  return [...new Set([...(customerId ? [customerId] : []), ...named])];
}

export function dueHandlers({
  membership,
  persons,
  clock,
  chase,
}: Omit<Parts, 'holds'> & { chase: Chase }): Record<DueKind, DueHandler> {
  type OfPerson = (tx: ClientSession, person: Person, row: DueRow, now: Date) => Promise<Owed>;
  const ofPerson =
    (handle: OfPerson): DueHandler =>
    async (tx, row) =>
      handle(tx, await persons.of(tx, new Types.ObjectId(row.customerId)), row, clock.now());
  return {
    'order.chase': chase.remind,
    'points.release': ofPerson(membership.releaseDue),
    'points.expire': ofPerson(membership.expireDue),
    'points.warn': ofPerson(membership.warnPointsDue),
    'level.expire': ofPerson(membership.levelDue),
    'level.warn': ofPerson(membership.warnLevelDue),
    'voucher.expire': ofPerson(membership.voucherDue),
  };
}
