/** What the console's routes of points mean: balance with lots, statement, adjusting by hand within the limit of the role. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import type { Person, Persons } from '../../../domain/customers/index.js';
import type { AdjustRequest, Adjusting, Membership } from '../../../domain/membership/index.js';
import { RequestProblem } from '../../../errors.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { KeyedLock } from '../../../infra/keyed-lock.js';
import type { PointsPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { take } from '../open.js';
import { refusedBy } from '../refusals.js';
import { createChangePerson, namesOf } from './acting.js';
import type { NameOf } from './acting.js';
import { presentBalance, presentEntry, presentLot } from './views.js';

/** The most that one adjustment by hand may move, by role: points, and the value of a voucher in fen. */
export type StaffLimits = Readonly<Record<c.StaffRole, { points: number; voucherFen: number }>>;

export interface PointsServiceParts {
  act: Act;
  clock: Clock;
  lock: KeyedLock;
  persons: Persons;
  membership: Membership;
  nameOf: NameOf;
  limits: StaffLimits;
}

export function createPointsService(parts: PointsServiceParts): PointsPort {
  const { clock, persons, membership } = parts;
  const change = createChangePerson(parts);
  const personOf = (id: string): Promise<Person> => persons.of(null, new Types.ObjectId(id));

  /** `lots` are those of now; `asOf` is the balance at the moment asked for. */
  async function get(id: string, { asOf }: z.infer<typeof c.PointsQuery>): Promise<z.infer<typeof c.PointsView>> {
    const person = await personOf(id);
    const now = clock.now();
    const [lots, balance] = await Promise.all([
      membership.points.lots(person.customerIds, now),
      asOf === undefined
        ? membership.points.balance(person, now)
        : membership.points.balanceAsOf(person.customerIds, new Date(asOf)),
    ]);
    return { lots: lots.map(presentLot), asOf: presentBalance(balance) };
  }

  const statement: PointsPort['statement'] = async (id, page) => {
    const { customerIds } = await personOf(id);
    const after = positionOf(page.cursor);
    const found = await membership.points.statement(customerIds, { limit: page.limit + 1, after });
    const names = await namesOf(
      parts.nameOf,
      found.map(({ by }) => by),
    );
    return toPage(
      found,
      page.limit,
      (entry) => presentEntry(entry, names),
      ({ at, id: entryId }) => cursorOf(at, entryId),
    );
  };

  const adjust: PointsPort['adjust'] = async (id, { amount, reason, requestKey }, by) => {
    const { points: limit } = parts.limits[by.role];
    if (Math.abs(amount) > limit) {
      throw new RequestProblem(403, 'limit.points', `Your role may move at most ${limit} points at once.`);
    }
    await change(by, [id], async (tx, acting, person) => {
      const request = { amount, reason, key: requestKey, by: by.staffId };
      const adjusted = await onOneRecord(tx, person, new Types.ObjectId(id), request);
      if (!adjusted.ok) throw refusedBy(adjusted);
      return { events: take(acting, adjusted.owed), result: undefined };
    });
    return get(id, {});
  };

  /**
   * Points belong to records. What is given goes to the record named; what is taken away comes from it or, where it has too little, from
   * another record of the person. A repeated request finds what it did before on whichever record that was.
   */
  async function onOneRecord(
    tx: ClientSession,
    person: Person,
    named: Types.ObjectId,
    request: AdjustRequest,
  ): Promise<Adjusting> {
    const now = clock.now();
    const first = await membership.points.adjust(tx, named, request, now);
    if (first.ok) return first;
    for (const other of person.customerIds.filter((one) => !one.equals(named))) {
      const tried = await membership.points.adjust(tx, other, request, now);
      if (tried.ok && (tried.repeated || first.reason === 'points.insufficient')) return tried;
    }
    return first;
  }

  return { get, statement, adjust };
}
