/** Two transactions that interleave step by step: the second of them is made to run again; without the guard both commit and the truth is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientSession, Types } from 'mongoose';
import { createIdentification, createPersons, createReferences } from '../../../src/domain/customers/index.js';
import type { CustomerModels } from '../../../src/domain/customers/index.js';
import { at, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

type Step = (tx: ClientSession) => Promise<unknown>;

/** Both read first, then the one works and commits, then the other. True when the other could commit, too. */
async function interleave(first: Step, second: Step): Promise<boolean> {
  const sessions = [
    await people.database.connection.startSession(),
    await people.database.connection.startSession(),
  ] as const;
  try {
    for (const session of sessions) {
      session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
      await people.models.customers.find({}, null, { session }).lean();
    }
    await first(sessions[0]);
    await sessions[0].commitTransaction();
    return await second(sessions[1]).then(
      () => sessions[1].commitTransaction().then(() => true),
      (error: { errorLabels?: string[]; hasErrorLabel?: (label: string) => boolean }) => {
        expect(error.hasErrorLabel?.('TransientTransactionError')).toBe(true);
        return false;
      },
    );
  } finally {
    for (const session of sessions) await session.endSession();
  }
}

/** The models with one method of one collection made something else. */
function planted(change: (models: CustomerModels) => Partial<CustomerModels>): CustomerModels {
  return { ...people.models, ...change(people.models) };
}
function withMethod<T extends object>(real: T, name: string, method: unknown): T {
  return new Proxy(real, {
    get: (target, property): unknown => {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

describe('two links through one customer', () => {
  /** Writes only customers whose person changes, and leaves the rest alone. */
  const sparing = () =>
    planted(({ customers }) => ({
      customers: withMethod(
        customers,
        'updateMany',
        (filter: object, change: { $set: { personId: Types.ObjectId } }, options: object) =>
          customers.updateMany(
            { ...filter, personId: { $ne: change.$set.personId } },
            { $set: change.$set, $inc: { linkChanges: 1 } },
            options,
          ),
      ),
    }));

  it.each([
    ['conflict', true],
    ['both commit and leave a broken person, when a link writes no more than it changes', false],
  ])('%s', async (_name, guarded) => {
    const persons = guarded ? people.persons : createPersons(sparing(), { keys: people.keys });
    const [a, b, c] = [await people.addCustomer(1), await people.addCustomer(2), await people.addCustomer(3)];
    const link = (x: Types.ObjectId, y: Types.ObjectId) => (tx: ClientSession) =>
      persons.link(tx, x, y, { kind: 'staff', staffId: 's', reason: 'r' }, at);
    expect(await interleave(link(b, c), link(a, b))).toBe(!guarded);
    const problems = await people.persons.check();
    expect(problems.length > 0).toBe(!guarded);
  });
});

describe('one unionid told by a shop and by the platform', () => {
  it.each([
    ['conflict', true],
    ['leave two persons, when nothing is claimed', false],
  ])('%s', async (_name, guarded) => {
    const unclaimed = planted(({ claims }) => ({
      claims: withMethod(claims, 'collection', { bulkWrite: () => Promise.resolve() }),
    }));
    const parts = { persons: people.persons, keys: people.keys };
    const models = guarded ? people.models : unclaimed;
    const met = await people.tx((tx) =>
      people.customers.meet(tx, { channel: 'mini-program', account: 'mp', user: 'o1' }, at),
    );
    const attach: Step = (tx) => createIdentification(models, parts).attachUnionid(tx, met.identity, 'u1', at);
    const report: Step = (tx) => createReferences(models, parts).resolve(tx, 'shop', { unionid: 'u1' }, at);
    expect(await interleave(attach, report)).toBe(!guarded);
    expect(await people.models.customers.countDocuments()).toBe(guarded ? 1 : 2);
    expect(await people.models.links.countDocuments()).toBe(0);
  });
});

describe('two first reports of one person', () => {
  it('conflict on the key', async () => {
    const report: Step = (tx) => people.references.resolve(tx, 'shop', { externalId: 'm1' }, at);
    await people.addCustomer();
    expect(await interleave(report, report)).toBe(false);
    expect(await people.models.customers.countDocuments()).toBe(2);
  });
});
