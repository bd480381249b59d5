/**
 * What the outcome of an outbox row means to the campaign it came from: the person's row of the audience, what was reserved of the caps, the
 * voucher that came with it, and a broadcast's test. In the transaction of the outcome.
 */
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import type { ContactBook } from '../../domain/contact/index.js';
import type { Persons } from '../../domain/customers/index.js';
import type { Audience, Broadcasts } from '../../domain/marketing/index.js';
import type { Clock } from '../../infra/clock.js';
import type { OutboxRecord, OutboxState } from '../models.js';
import type { TakeBack } from './take-back.js';

export interface Outcome {
  state: OutboxState;
  reason?: string | undefined;
}

export interface CampaignOutcomesParts {
  audience: Pick<Audience, 'settle'>;
  broadcasts: Pick<Broadcasts, 'testSettled' | 'get'>;
  book: Pick<ContactBook, 'giveBack'>;
  persons: Pick<Persons, 'of'>;
  takeBack: TakeBack;
  /** Under whose name something of a budget was reserved for this row; undefined where nothing was. */
  budgetOf(tx: ClientSession, row: OutboxRecord): Promise<string | undefined>;
  clock: Clock;
}

export type CampaignOutcomes = ReturnType<typeof createCampaignOutcomes>;

const CACHE_MS = 1000;

export function createCampaignOutcomes(parts: CampaignOutcomesParts) {
  const { audience, broadcasts, book, persons, clock } = parts;
  const known = new Map<string, { at: number; state: string }>();

  async function settled(tx: ClientSession, row: OutboxRecord, outcome: Outcome): Promise<NewDomainEvent[]> {
    const { state, reason = '' } = outcome;
    const at = clock.now();
    if (row.testOf && isTestOutcome(state)) await broadcasts.testSettled(tx, row._id, state, reason || undefined);
    if (row.broadcastId) await audience.settle(tx, row._id, changeOf(row, outcome), at);
    if (row.purpose === 'promotion' && isSurelyNotSent(state)) {
      await book.giveBack(tx, (await persons.of(tx, row.customerId)).customerIds, row._id);
    }
    if (state !== 'skipped' && state !== 'refused') return [];
    const given = { campaign: await parts.budgetOf(tx, row), voucherId: row.voucherId };
    return (await parts.takeBack(tx, given, at)).events;
  }

  /** At most a second old: what is paused or cancelled says no more. */
  async function stateOf(broadcastId: string): Promise<string> {
    const before = known.get(broadcastId);
    if (before && Date.now() - before.at < CACHE_MS) return before.state;
    const at = Date.now();
    const { state } = await broadcasts.get(broadcastId);
    known.set(broadcastId, { at, state });
    return state;
  }

  return { settled, stateOf };
}

const isSurelyNotSent = (state: OutboxState): boolean =>
  state !== 'sent' && state !== 'submitted' && state !== 'unknown';

function changeOf({ route }: OutboxRecord, { state, reason = '' }: Outcome): Parameters<Audience['settle']>[2] {
  if (state === 'pending' || state === 'claimed' || state === 'sending') return { state: 'queued', reason: '' };
  return { state, reason, ...(route ? { route } : {}) };
}

type TestOutcome = Parameters<Broadcasts['testSettled']>[2];

function isTestOutcome(state: OutboxState): state is Extract<OutboxState, TestOutcome> {
  return state !== 'pending' && state !== 'claimed' && state !== 'sending';
}
