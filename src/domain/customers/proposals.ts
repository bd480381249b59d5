/** Weak evidence that two customers are one person, for the staff to decide. One proposal a pair; what was rejected does not come again. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import { RequestProblem, notFound } from '../../errors.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import type { ProposedEvidence } from './evidence.js';
import { pairOf } from './groups.js';
import type { ProposalRecord } from './link-models.js';
import type { CustomerModels } from './models.js';

/** The customers of the two persons. */
export type Sides = readonly [readonly Types.ObjectId[], readonly Types.ObjectId[]];

export interface ProposalPage {
  limit: number;
  after?: { at: Date; id: string } | undefined;
  /** Absent: those to be decided. */
  state?: ProposalRecord['state'] | undefined;
}

export type Proposals = ReturnType<typeof createProposals>;

export function createProposals({ proposals }: Pick<CustomerModels, 'proposals'>) {
  /**
   * Nothing when it is proposed already, or was decided on this kind of evidence. `sides`: all customers of the two persons, so that other
   * records of the same two count too.
   */
  async function propose(
    tx: ClientSession,
    a: Types.ObjectId,
    b: Types.ObjectId,
    evidence: ProposedEvidence,
    at: Date,
    sides: Sides = [[a], [b]],
  ): Promise<NewDomainEvent[]> {
    if (a.equals(b)) return [];
    const known = await between(tx, sides);
    if (known.some((one) => one.state === 'open' || wasDecided(one, evidence.kind))) return [];
    const pair = pairOf(String(a), String(b));
    const again = known.find((one) => one.pair === pair);
    if (again) {
      const change = { $set: { state: 'open' as const, evidence, at }, $unset: { decided: 1 as const } };
      await proposals.updateOne({ _id: again._id }, change, { session: tx });
      return [proposedEvent(again._id, a, b, evidence, at)];
    }
    const _id = new Types.ObjectId();
    const record: ProposalRecord = { _id, pair, customerIds: [a, b], state: 'open', evidence, at, rejectedKinds: [] };
    await insertRecords(proposals, [record], tx);
    return [proposedEvent(_id, a, b, evidence, at)];
  }

  /** Proposals with one end on each side. */
  async function between(tx: ClientSession, [first, second]: Sides): Promise<ProposalRecord[]> {
    const found = await proposals
      .find({ customerIds: { $in: [...first] } }, null, { session: tx })
      .lean<ProposalRecord[]>();
    return found.filter(({ customerIds }) => customerIds.some((id) => second.some((one) => one.equals(id))));
  }

  /** The two became one person otherwise: there is nothing left to decide. */
  async function settle(tx: ClientSession, sides: Sides): Promise<void> {
    const open = (await between(tx, sides)).filter(({ state }) => state === 'open').map(({ _id }) => _id);
    if (open.length === 0) return;
    await proposals.updateMany({ _id: { $in: open } }, { $set: { state: 'linked' } }, { session: tx });
  }

  async function decide(
    tx: ClientSession,
    id: Types.ObjectId,
    { accept, staffId, reason }: { accept: boolean; staffId: string; reason: string },
    at: Date,
  ): Promise<{ a: Types.ObjectId; b: Types.ObjectId; events: NewDomainEvent[] }> {
    const record = await proposals.findById(id, null, { session: tx }).lean<ProposalRecord>();
    const [a, b] = record?.customerIds ?? [];
    if (!record || !a || !b) throw notFound('proposal');
    if (record.state !== 'open')
      throw new RequestProblem(409, 'proposal.decided', 'This proposal was decided already.');
    const { kind } = record.evidence;
    const change = {
      $set: { state: accept ? ('accepted' as const) : ('rejected' as const), decided: { at, staffId, reason } },
      ...(accept ? {} : { $addToSet: { rejectedKinds: kind } }),
    };
    await proposals.updateOne({ _id: id }, change, { session: tx });
    if (accept) return { a, b, events: [] };
    const data = { proposalId: String(id), other: String(b), evidence: kind, staffId, reason };
    return { a, b, events: [{ kind: 'person.linkRejected', customerId: String(a), at, data }] };
  }

  /** Newest first. */
  function page({ limit, after, state = 'open' }: ProposalPage): Promise<ProposalRecord[]> {
    return proposals
      .find({ state, ...(after ? olderThan('at', after) : {}) })
      .sort({ at: -1, _id: -1 })
      .limit(limit)
      .lean<ProposalRecord[]>();
  }

  /** Of a person's customers, decided ones included, oldest first. */
  const proposalsOf = (customerIds: readonly Types.ObjectId[]): Promise<ProposalRecord[]> =>
    proposals
      .find({ customerIds: { $in: [...customerIds] } })
      .sort({ at: 1, _id: 1 })
      .lean<ProposalRecord[]>();

  return { propose, settle, decide, proposals: page, proposalsOf };
}

/** Accepted counts too: the link it made was undone since, or nobody would propose. */
function wasDecided({ state, evidence, rejectedKinds }: ProposalRecord, kind: ProposedEvidence['kind']): boolean {
  return rejectedKinds.includes(kind) || (state === 'accepted' && evidence.kind === kind);
}

function proposedEvent(
  id: Types.ObjectId,
  a: Types.ObjectId,
  b: Types.ObjectId,
  { kind, reason }: ProposedEvidence,
  at: Date,
): NewDomainEvent {
  const data = { proposalId: String(id), other: String(b), evidence: kind, reason };
  return { kind: 'person.linkProposed', customerId: String(a), at, data };
}
