/** Links and undoing them, in any order and at once, against a reference; what the rules refuse; proposals. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Types } from 'mongoose';
import type { LinkEvidence } from '../../../src/domain/customers/index.js';
import { at, daysBefore, kindsOf, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const staff: LinkEvidence = { kind: 'staff', staffId: 's1', reason: 'called' };
const by = { staffId: 's1', reason: 'two people' };
const phones = (a: Date | null, b: Date | null): LinkEvidence => ({ kind: 'phone', verifiedAt: [a, b] });
const link = (a: Types.ObjectId, b: Types.ObjectId, evidence: LinkEvidence = staff) =>
  people.tx((tx) => people.persons.link(tx, a, b, evidence, at));
const groupOf = async (id: Types.ObjectId): Promise<string[]> =>
  (await people.persons.of(null, id)).customerIds.map(String);

async function some(count: number): Promise<Types.ObjectId[]> {
  const ids = [];
  for (let i = 0; i < count; i++) ids.push(await people.addCustomer(i));
  return ids;
}

/** The reference: a forest of parents, nothing else. */
function unionFind(count: number, edges: ReadonlyArray<readonly [number, number]>): number[] {
  const parent = Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i] ?? i));
  for (const [a, b] of edges) {
    const [x, y] = [root(a), root(b)];
    parent[Math.max(x, y)] = Math.min(x, y);
  }
  return parent.map((_, i) => root(i));
}

describe('links', () => {
  it('make one person of two, named by the oldest, and undoing makes two again', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    const first = await link(c, b);
    expect(first).toMatchObject({ linked: true, events: [{ kind: 'person.linked', data: { personId: String(b) } }] });
    await link(c, a);
    expect(await people.persons.of(null, c)).toEqual({ id: a, customerIds: [a, b, c] });
    const [edge] = await people.persons.linksOf([b]);
    const events = await people.tx((tx) => people.persons.unlink(tx, edge!._id, by, at));
    expect(events.map(({ kind, customerId }) => [kind, customerId])).toEqual([
      ['person.unlinked', String(c)],
      ['person.unlinked', String(b)],
    ]);
    expect(await groupOf(b)).toEqual([String(b)]);
    expect(await groupOf(c)).toEqual([String(a), String(c)]);
    expect(await people.persons.linksOf([b])).toMatchObject([{ active: false, undone: by }]);
    expect(await people.persons.check()).toEqual([]);
  });

  it('in any order of linking and undoing are what a union-find over the active edges says', async () => {
    const step = fc.record({
      a: fc.nat(7),
      b: fc.nat(7),
      kind: fc.constantFrom<LinkEvidence[]>(
        staff,
        { kind: 'unionid', unionid: 'u1' },
        { kind: 'shop-member', source: 'shop' },
        phones(daysBefore(1), daysBefore(2)),
      ),
      undo: fc.option(fc.nat(20), { freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        await people.clear();
        const ids = await some(8);
        const place = new Map(ids.map((id, i) => [String(id), i]));
        let active: Array<{ id: Types.ObjectId; edge: [number, number] }> = [];
        for (const { a, b, kind, undo } of steps) {
          const gone = undo === null ? undefined : active[undo];
          if (gone) {
            await people.tx((tx) => people.persons.unlink(tx, gone.id, by, at));
            active = active.filter((one) => one !== gone);
          } else {
            const { linked } = await link(ids[a]!, ids[b]!, kind);
            const last = (await people.models.links.find().sort({ _id: -1 }).limit(1).lean())[0];
            if (linked && last) active.push({ id: last._id, edge: [a, b] });
          }
          const roots = unionFind(
            8,
            active.map(({ edge }) => edge),
          );
          const records = await people.models.customers.find().lean();
          const seen = ids.map((id) => place.get(String(records.find((one) => one._id.equals(id))?.personId)));
          expect(seen).toEqual(roots);
        }
        expect(await people.persons.check()).toEqual([]);
        const persons = await people.persons.ofMany(null, ids);
        for (const person of persons.values()) expect(person.customerIds[0]).toEqual(person.id);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('that race through one customer both hold: a chain linked at once is one person', async () => {
    for (let round = 0; round < 5; round++) {
      await people.clear();
      const ids = await some(6);
      await Promise.all(ids.slice(1).map((id, i) => link(i % 2 ? id : ids[i]!, i % 2 ? ids[i]! : id)));
      expect(await groupOf(ids[3]!)).toEqual(ids.map(String));
      const edges = await people.persons.linksOf(ids);
      // Undoing one end while the other end gets a new edge.
      const late = await people.addCustomer(99);
      await Promise.all([
        people.tx((tx) =>
          people.persons.unlink(
            tx,
            edges.find(({ customerIds }) => customerIds.some((id) => id.equals(ids[5])))!._id,
            by,
            at,
          ),
        ),
        link(ids[5]!, late),
      ]);
      expect(await groupOf(late)).toEqual([String(ids[5]), String(late)]);
      expect(await people.persons.check()).toEqual([]);
    }
  }, 60_000);

  it('are checked: a customer of another person than the links say is named', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    await link(a, b);
    await link(b, c);
    await people.models.customers.updateOne({ _id: c }, { $set: { personId: b } });
    expect(await people.persons.check()).toEqual([expect.stringContaining(String(c))]);
  });

  it('the same evidence of the same two is kept once; other evidence is an edge of its own', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    await link(a, b);
    expect(await link(b, a)).toEqual({ linked: false, events: [] });
    expect((await link(a, b, { kind: 'unionid', unionid: 'u' })).linked).toBe(true);
    const [first] = await people.persons.linksOf([a]);
    await people.tx((tx) => people.persons.unlink(tx, first!._id, by, at));
    expect(await groupOf(a)).toHaveLength(2);
  });

  it('of one person already are not added on weak evidence, which would outlive the good one', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    await link(a, b);
    expect(await link(a, b, phones(daysBefore(1), null))).toEqual({ linked: false, events: [] });
    const [first] = await people.persons.linksOf([a]);
    await people.tx((tx) => people.persons.unlink(tx, first!._id, by, at));
    expect(await groupOf(a)).toHaveLength(1);
  });

  it('undone by the staff do not come again by the same evidence, also over other records of the two', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    const unionid: LinkEvidence = { kind: 'unionid', unionid: 'u' };
    await link(a, b, unionid);
    const [edge] = await people.persons.linksOf([a]);
    await people.tx((tx) => people.persons.unlink(tx, edge!._id, by, at));
    expect(await link(a, b, unionid)).toEqual({ linked: false, events: [] });
    await link(b, c);
    expect(await link(c, a, unionid)).toEqual({ linked: false, events: [] });
    expect((await link(c, a, { kind: 'unionid', unionid: 'another' })).linked).toBe(true);
  });

  it('undone twice, or unknown, are refused', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    await link(a, b);
    const [edge] = await people.persons.linksOf([a]);
    const undo = () => people.tx((tx) => people.persons.unlink(tx, edge!._id, by, at));
    await undo();
    await expect(undo()).rejects.toMatchObject({ status: 409, code: 'link.undone' });
    await expect(people.tx((tx) => people.persons.unlink(tx, a, by, at))).rejects.toMatchObject({
      code: 'link.notFound',
    });
    await expect(people.persons.of(null, edge!._id)).rejects.toMatchObject({ code: 'customer.notFound' });
  });
});

describe('links by phone', () => {
  it('freeze the person for a day, until undone; other links freeze nobody', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    await link(a, c);
    expect(await people.persons.of(null, a)).not.toHaveProperty('frozenUntil');
    await link(a, b, phones(daysBefore(0), daysBefore(179)));
    const frozenUntil = new Date(at.getTime() + 24 * 3_600_000);
    expect(await people.persons.of(null, c)).toMatchObject({ id: a, frozenUntil });
    const edge = (await people.persons.linksOf([b]))[0];
    await people.tx((tx) => people.persons.unlink(tx, edge!._id, by, at));
    expect(await people.persons.of(null, c)).not.toHaveProperty('frozenUntil');
  });

  const refused: Array<[string, LinkEvidence, string]> = [
    ['one side never verified', phones(daysBefore(1), null), 'unverified'],
    ['one side verified 181 days ago', phones(daysBefore(181), daysBefore(1)), 'old'],
  ];
  it.each(refused)('are proposed only: %s', async (_name, evidence, reason) => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    const { linked, events } = await link(a, b, evidence);
    expect(linked).toBe(false);
    expect(events).toMatchObject([{ kind: 'person.linkProposed', data: { reason, other: String(b) } }]);
    expect(await groupOf(a)).toHaveLength(1);
  });

  it('never come against unionids: proposed with the conflict named', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    await people.addIdentity(a, 'o1', { unionid: 'u1' });
    await people.addIdentity(b, 'o2', { unionid: 'u2' });
    const good = phones(daysBefore(1), daysBefore(1));
    expect((await link(a, b, good)).events).toMatchObject([
      { kind: 'person.linkProposed', data: { reason: 'conflict' } },
    ]);
    expect((await link(a, b, { kind: 'shop-member', source: 's' })).events).toEqual([]);
    expect((await link(a, c, good)).linked).toBe(true);
    // By way of c, too.
    const d = await people.addCustomer(9);
    await people.addIdentity(d, 'o3', { unionid: 'u3' });
    expect((await link(c, d, good)).events).toMatchObject([{ data: { reason: 'conflict' } }]);
    // The same unionid on both is no conflict.
    const e = await people.addCustomer(10);
    await people.addIdentity(e, 'o4', { unionid: 'u1' });
    expect((await link(e, c, good)).linked).toBe(true);
  });

  it('know a unionid by the link it made, after the platform deleted it', async () => {
    const [a, b, c] = (await some(3)) as [Types.ObjectId, Types.ObjectId, Types.ObjectId];
    await link(a, b, { kind: 'unionid', unionid: 'u1' });
    await people.addIdentity(c, 'o3', { unionid: 'u3' });
    expect((await link(b, c, phones(at, at))).events).toMatchObject([{ data: { reason: 'conflict' } }]);
    expect(JSON.stringify(await people.models.links.find().lean())).not.toContain('u1');
  });
});

describe('proposals', () => {
  const weak = phones(null, daysBefore(1));
  const open = () => people.persons.proposals({ limit: 10 });
  const decide = async (accept: boolean) => {
    const [one] = await open();
    return people.tx((tx) => people.persons.decide(tx, one!._id, { accept, staffId: 's1', reason: 'asked' }, at));
  };

  it('come once a pair, and after a rejection not again for the same kind of evidence', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    expect(kindsOf((await link(a, b, weak)).events)).toEqual(['person.linkProposed']);
    expect((await link(b, a, weak)).events).toEqual([]);
    expect(kindsOf(await decide(false))).toEqual(['person.linkRejected']);
    expect(await open()).toEqual([]);
    expect((await link(a, b, weak)).events).toEqual([]);
    await people.addIdentity(a, 'o1', { unionid: 'u1' });
    await people.addIdentity(b, 'o2', { unionid: 'u2' });
    expect(kindsOf((await link(a, b, { kind: 'shop-member', source: 's' })).events)).toEqual(['person.linkProposed']);
    await decide(false);
    expect((await link(a, b, { kind: 'shop-member', source: 's' })).events).toEqual([]);
    expect((await link(a, b, weak)).events).toEqual([]);
  });

  it('accepted are links of the staff; decided ones are not decided again', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    await link(a, b, weak);
    const [one] = await open();
    expect(kindsOf(await decide(true))).toEqual(['person.linked']);
    expect(await groupOf(b)).toEqual([String(a), String(b)]);
    const again = people.tx((tx) =>
      people.persons.decide(tx, one!._id, { accept: false, staffId: 's', reason: '' }, at),
    );
    await expect(again).rejects.toMatchObject({ status: 409, code: 'proposal.decided' });
    const [edge] = await people.persons.linksOf([a]);
    await people.tx((tx) => people.persons.unlink(tx, edge!._id, by, at));
    expect((await link(a, b, weak)).events).toEqual([]);
  });

  it('are settled by a link that comes otherwise', async () => {
    const [a, b] = (await some(2)) as [Types.ObjectId, Types.ObjectId];
    await link(a, b, weak);
    await link(a, b, { kind: 'unionid', unionid: 'u' });
    expect(await open()).toEqual([]);
    expect(await people.persons.proposalsOf([b])).toMatchObject([{ state: 'linked' }]);
  });
});
