/**
 * The customers that are one person. A merge is a link between two customers; nothing is rewritten, so undoing removes the link and the
 * groups are worked out again from the links that remain. Decides by the rules of evidence.ts whether evidence links by itself, is left to
 * the staff or is refused. Must not move what customers own.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import { RequestProblem, notFound } from '../../errors.js';
import type { KeyRing } from '../../infra/crypto.js';
import { IN_ONE_ANSWER, insertRecords } from '../../infra/mongo.js';
import { defaultLinkRules, freezeEnd, unionidsConflict, weaknessOfPhones } from './evidence.js';
import type { LinkEvidence, LinkRules, ProposalReason, ProposedEvidence, StoredEvidence } from './evidence.js';
import { componentsOf, pairOf } from './groups.js';
import type { LinkRecord } from './link-models.js';
import type { CustomerModels, CustomerRecord } from './models.js';
import { createProposals } from './proposals.js';
import type { Proposals } from './proposals.js';
import { unionidIndex, unionidsOf } from './unionids.js';

/** `customerIds`: oldest first. `frozenUntil`: nothing may be redeemed before (a link by phone is young). */
export interface Person {
  id: Types.ObjectId;
  customerIds: Types.ObjectId[];
  frozenUntil?: Date;
}

/** `linked`: an edge was written now. Without it the evidence was known, was not enough, or was once undone by the staff. */
export interface Linked {
  linked: boolean;
  events: NewDomainEvent[];
}

export interface ByStaff {
  staffId: string;
  reason: string;
}

export interface Persons extends Pick<Proposals, 'proposals' | 'proposalsOf'> {
  rules: LinkRules;
  /** 404 customer.notFound. */
  of(tx: ClientSession | null, customerId: Types.ObjectId): Promise<Person>;
  /** Persons by customer id; unknown ids are left out. */
  ofMany(tx: ClientSession | null, customerIds: readonly Types.ObjectId[]): Promise<Map<string, Person>>;
  /** Links when the rules allow, else proposes or does nothing. What staff say always links. */
  link(tx: ClientSession, a: Types.ObjectId, b: Types.ObjectId, evidence: LinkEvidence, at: Date): Promise<Linked>;
  /** Leaves it to the staff whether two persons are one; nothing where they are, or where the staff decided or undid this kind of evidence. */
  propose(
    tx: ClientSession,
    a: Types.ObjectId,
    b: Types.ObjectId,
    evidence: Extract<ProposedEvidence, { kind: 'shop-member' }>,
    at: Date,
  ): Promise<NewDomainEvent[]>;
  /** 404 proposal.notFound, 409 proposal.decided. */
  decide(
    tx: ClientSession,
    proposalId: Types.ObjectId,
    decision: ByStaff & { accept: boolean },
    at: Date,
  ): Promise<NewDomainEvent[]>;
  /** 404 link.notFound, 409 link.undone. The same kind of evidence does not link these two persons again. */
  unlink(tx: ClientSession, linkId: Types.ObjectId, by: ByStaff, at: Date): Promise<NewDomainEvent[]>;
  /** Active and undone, oldest first. */
  linksOf(customerIds: readonly Types.ObjectId[]): Promise<LinkRecord[]>;
  /** One sentence for each customer whose person is not what the links say; empty when all is well. */
  check(): Promise<string[]>;
}

type Member = Pick<CustomerRecord, '_id' | 'personId' | 'createdAt'>;
const MEMBER = { _id: 1, personId: 1, createdAt: 1 } as const;

export function createPersons(
  models: CustomerModels,
  { keys, rules = defaultLinkRules }: { keys: KeyRing; rules?: LinkRules },
): Persons {
  const { customers, links } = models;
  const proposals = createProposals(models);

  async function of(tx: ClientSession | null, customerId: Types.ObjectId): Promise<Person> {
    const person = (await ofMany(tx, [customerId])).get(String(customerId));
    if (!person) throw notFound('customer');
    return person;
  }

  async function ofMany(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
  ): Promise<Map<string, Person>> {
    const found = await customers
      .find({ _id: { $in: [...customerIds] } }, { ...MEMBER, linkChanges: 1 }, { session: tx, ...IN_ONE_ANSWER })
      .lean<Array<Member & { linkChanges?: number }>>();
    const persons = new Map<string, Person>();
    // Whoever was never linked is alone: no second question for nearly everybody.
    const [alone, linked] = [found.filter((one) => !one.linkChanges), found.filter((one) => one.linkChanges)];
    for (const { _id } of alone) persons.set(String(_id), { id: _id, customerIds: [_id] });
    if (linked.length === 0) return persons;
    const members = await membersOf(tx, linked);
    const freezes = await links
      .find({ customerIds: { $in: members.map(({ _id }) => _id) } }, null, { session: tx })
      .lean<LinkRecord[]>();
    for (const { _id, personId } of linked) {
      const ids = members.filter((one) => personId.equals(one.personId)).map((one) => one._id);
      persons.set(String(_id), { id: personId, customerIds: ids, ...frozen(freezes, ids) });
    }
    return persons;
  }

  /** All customers of the persons of these, oldest first. */
  async function membersOf(tx: ClientSession | null, some: readonly Member[]): Promise<Member[]> {
    const personIds = [...new Map(some.map(({ personId }) => [String(personId), personId])).values()];
    const found = await customers.find({ personId: { $in: personIds } }, MEMBER, { session: tx }).lean<Member[]>();
    return found.sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (String(a._id) < String(b._id) ? -1 : 1),
    );
  }

  async function pairIn(tx: ClientSession, a: Types.ObjectId, b: Types.ObjectId) {
    const both = await customers.find({ _id: { $in: [a, b] } }, MEMBER, { session: tx }).lean<Member[]>();
    const [first, second] = [both.find(({ _id }) => _id.equals(a)), both.find(({ _id }) => _id.equals(b))];
    if (!first || !second) throw notFound('customer');
    const members = await membersOf(tx, both);
    const sideOf = ({ personId }: Member): Types.ObjectId[] =>
      members.filter((one) => one.personId.equals(personId)).map(({ _id }) => _id);
    return { members, sides: [sideOf(first), sideOf(second)] as const, apart: !first.personId.equals(second.personId) };
  }

  async function link(
    tx: ClientSession,
    a: Types.ObjectId,
    b: Types.ObjectId,
    evidence: LinkEvidence,
    at: Date,
  ): Promise<Linked> {
    if (a.equals(b)) return { linked: false, events: [] };
    const { members, sides, apart } = await pairIn(tx, a, b);
    const stored = storedOf(keys, evidence);
    const pair = pairOf(String(a), String(b));
    const known = await links.find({ customerIds: { $in: sides[0] } }, null, { session: tx }).lean<LinkRecord[]>();
    if (known.some((one) => one.active && one.pair === pair && one.kind === stored.kind)) return nothing();
    if (stored.kind !== 'staff' && known.some((one) => wasUndone(one, stored, pair, apart ? sides[1] : undefined)))
      return nothing();
    const weakness = await weaknessOf(tx, stored, sides, apart, at);
    if (weakness && !apart) return nothing();
    if (weakness) {
      const proposed = proposedOf(stored, weakness);
      return { linked: false, events: await proposals.propose(tx, a, b, proposed, at, sides) };
    }
    const record: LinkRecord = {
      _id: new Types.ObjectId(),
      pair,
      customerIds: [a, b],
      kind: stored.kind,
      evidence: stored,
      at,
      active: true,
      ...(stored.kind === 'phone' && apart ? { freezesUntil: freezeEnd(at, rules) } : {}),
    };
    await insertRecords(links, [record], tx);
    const oldest = members[0]?._id ?? a;
    await group(tx, members, [members.map(({ _id }) => _id)]);
    await proposals.settle(tx, sides);
    return { linked: true, events: [linkEvent('person.linked', record, a, at, { personId: String(oldest) })] };
  }

  const propose: Persons['propose'] = async (tx, a, b, evidence, at) => {
    if (a.equals(b)) return [];
    const { sides, apart } = await pairIn(tx, a, b);
    if (!apart) return [];
    const known = await links.find({ customerIds: { $in: sides[0] } }, null, { session: tx }).lean<LinkRecord[]>();
    if (known.some((one) => wasUndone(one, evidence, pairOf(String(a), String(b)), sides[1]))) return [];
    return proposals.propose(tx, a, b, evidence, at, sides);
  };

  /** Why evidence is not enough, if it is not. Unionids conflict only between two persons. */
  async function weaknessOf(
    tx: ClientSession,
    evidence: StoredEvidence,
    sides: readonly [readonly Types.ObjectId[], readonly Types.ObjectId[]],
    apart: boolean,
    at: Date,
  ) {
    if (evidence.kind === 'staff') return undefined;
    const weak = evidence.kind === 'phone' ? weaknessOfPhones(evidence.verifiedAt, at, rules) : undefined;
    if (!apart) return weak;
    const unionids = await unionidsOf(models, keys, tx, sides);
    if (unionidsConflict(unionids[0], unionids[1])) return 'conflict' as const;
    return weak;
  }

  /**
   * Writes the groups, and every customer of them, changed or not: whoever links or undoes in any of them at the same time conflicts and
   * runs again with what this one wrote.
   */
  async function group(tx: ClientSession, members: readonly Member[], groups: readonly Types.ObjectId[][]) {
    for (const ids of groups) {
      const change = { $set: { personId: ids[0] }, $inc: { linkChanges: 1 } };
      await customers.updateMany({ _id: { $in: ids } }, change, { session: tx });
    }
    if (groups.flat().length !== members.length) throw new Error('a group lost a customer');
  }

  async function unlink(tx: ClientSession, linkId: Types.ObjectId, by: ByStaff, at: Date): Promise<NewDomainEvent[]> {
    const record = await links.findById(linkId, null, { session: tx }).lean<LinkRecord>();
    if (!record) throw notFound('link');
    if (!record.active) throw new RequestProblem(409, 'link.undone', 'This link was undone already.');
    const [a, b] = record.customerIds;
    if (!a || !b) throw new Error('a link has two ends');
    const { members } = await pairIn(tx, a, b);
    const undone = { at, staffId: by.staffId, reason: by.reason };
    await links.updateOne({ _id: linkId }, { $set: { active: false, undone } }, { session: tx });
    const ids = members.map(({ _id }) => _id);
    const edges = await links
      .find({ customerIds: { $in: ids }, active: true }, null, { session: tx })
      .lean<LinkRecord[]>();
    await group(tx, members, groupsOf(members, edges));
    // Once each: the two may be two persons again, each with a timeline of their own.
    const data = { staffId: by.staffId, reason: by.reason };
    return [a, b].map((end) => linkEvent('person.unlinked', record, end, at, data));
  }

  async function check(): Promise<string[]> {
    const members = await customers.find({}, MEMBER).lean<Member[]>();
    const edges = await links.find({ active: true }).lean<LinkRecord[]>();
    const expected = new Map(
      groupsOf(members, edges).flatMap((ids) => ids.map((id) => [String(id), String(ids[0])] as const)),
    );
    return members
      .filter(({ _id, personId }) => expected.get(String(_id)) !== String(personId))
      .map(
        ({ _id, personId }) => `customer ${String(_id)} is of person ${String(personId)}, and the links say otherwise`,
      );
  }

  return {
    rules,
    of,
    ofMany,
    link,
    unlink,
    check,
    propose,
    proposals: proposals.proposals,
    proposalsOf: proposals.proposalsOf,
    decide: async (tx, proposalId, { accept, staffId, reason }, at) => {
      const decided = await proposals.decide(tx, proposalId, { accept, staffId, reason }, at);
      if (!accept) return decided.events;
      const linked = await link(tx, decided.a, decided.b, { kind: 'staff', staffId, reason }, at);
      return [...decided.events, ...linked.events];
    },
    linksOf: (customerIds) =>
      links
        .find({ customerIds: { $in: [...customerIds] } })
        .sort({ at: 1, _id: 1 })
        .lean<LinkRecord[]>(),
  };
}

const nothing = (): Linked => ({ linked: false, events: [] });

function storedOf(keys: KeyRing, evidence: LinkEvidence): StoredEvidence {
  if (evidence.kind !== 'unionid') return evidence;
  return { kind: 'unionid', unionidIndex: unionidIndex(keys, evidence.unionid) };
}

function proposedOf(evidence: StoredEvidence, reason: ProposalReason): ProposedEvidence {
  switch (evidence.kind) {
    case 'phone':
    case 'shop-member':
      return { ...evidence, reason };
    case 'unionid':
      return { kind: 'unionid', reason };
    case 'staff':
      throw new Error('what staff say links by itself');
  }
}

/** The staff took this evidence back between the two: between these records, or between any two of two persons (`other`: the second). */
function wasUndone(
  record: LinkRecord,
  evidence: StoredEvidence,
  pair: string,
  other: readonly Types.ObjectId[] | undefined,
): boolean {
  if (record.active || record.kind !== evidence.kind) return false;
  if (evidence.kind === 'unionid' && record.evidence.kind === 'unionid') {
    if (evidence.unionidIndex !== record.evidence.unionidIndex) return false;
  }
  if (!other) return record.pair === pair;
  return record.customerIds.some((end) => other.some((id) => id.equals(end)));
}

function frozen(records: readonly LinkRecord[], ids: readonly Types.ObjectId[]): { frozenUntil?: Date } {
  const times = records
    .filter((one) => one.active && one.freezesUntil && ids.some((id) => one.customerIds[0]?.equals(id)))
    .map((one) => one.freezesUntil?.getTime() ?? 0);
  return times.length ? { frozenUntil: new Date(Math.max(...times)) } : {};
}

function groupsOf(members: readonly Member[], edges: readonly LinkRecord[]): Types.ObjectId[][] {
  const nodes = members.map(({ _id, createdAt }) => ({ id: String(_id), createdAt }));
  const pairs = edges.map(({ customerIds: [a, b] }) => [String(a), String(b)] as const);
  return componentsOf(nodes, pairs).map((ids) => ids.map((id) => new Types.ObjectId(id)));
}

function linkEvent(
  kind: 'person.linked' | 'person.unlinked',
  record: LinkRecord,
  customerId: Types.ObjectId,
  at: Date,
  more: Record<string, unknown>,
): NewDomainEvent {
  const { kind: evidence } = record;
  const other = record.customerIds.find((id) => !id.equals(customerId));
  const about = record.evidence.kind === 'shop-member' ? { source: record.evidence.source } : {};
  const staff =
    record.evidence.kind === 'staff' ? { staffId: record.evidence.staffId, reason: record.evidence.reason } : {};
  const freeze = record.freezesUntil ? { frozenUntil: record.freezesUntil.toISOString() } : {};
  const data = { linkId: String(record._id), other: String(other), evidence, ...about, ...staff, ...freeze, ...more };
  return { kind, customerId: String(customerId), at, data };
}
