/** A notice whose best way loses what it had left between choosing and sending. */
import { describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { Address, OutboundMessage } from '../../src/contracts/index.js';
import { createDeliver } from '../../src/flow/deliver.js';
import type { DeliverParts } from '../../src/flow/deliver.js';
import type { OutboxRecord } from '../../src/flow/models.js';

const now = new Date('2026-11-22T10:00:00Z');
const to: Address = { channel: 'official-account', account: 'main', user: 'o-1' };
const base = {
  _id: 'row-1',
  ...{ lane: 'l', seq: 1, to, customerId: new Types.ObjectId(), conversationId: new Types.ObjectId() },
  ...{ queue: 'replies', purpose: 'contract', state: 'claimed', origin: 'automation', attempts: 0, fence: 1 },
  variants: {
    'customer-message': { type: 'text', text: '已发货' },
    template: { type: 'template', templateId: 't', data: {} },
  },
  ...{ dueAt: now, createdAt: now, cause: { door: 'clock', task: 'test' } },
} as unknown as OutboxRecord;

function deliverOf(row: OutboxRecord, leftSeen: number[]) {
  const sent: OutboundMessage[] = [];
  const settled: Array<{ outcome: string; reason?: string }> = [];
  const parts = {
    outbox: { claim: () => Promise.resolve(row), turnSending: () => Promise.resolve(true) },
    conversations: { passFence: () => Promise.resolve(true) },
    customers: { identities: { findOne: () => ({ lean: () => Promise.resolve({ following: true }) }) } },
    ledger: {
      window: () => {
        const left = leftSeen.shift() ?? 0;
        return Promise.resolve({ open: left > 0, left, automationLeft: left, endsAt: null });
      },
      // An agent's message took the last one meanwhile.
      take: () => Promise.resolve({ ok: false, reason: 'window.used' }),
    },
    notices: {},
    database: { transaction: (work: (tx: unknown) => unknown) => work({}) },
    clock: { now: () => now },
    channel: () => ({
      capabilities: { routes: ['customer-message', 'template'] },
      send: (message: OutboundMessage) => {
        sent.push(message);
        return Promise.resolve({ outcome: 'sent', platformId: '1' });
      },
    }),
    settle: (_row: OutboxRecord, result: { outcome: string }) => Promise.resolve(void settled.push(result)),
    quietUntil: () => undefined,
    rate: () => 0,
    log: { error: () => undefined },
    options: { leaseMs: 1000, sendTimeoutMs: 1000 },
  } as unknown as DeliverParts;
  return { deliver: createDeliver(parts), sent, settled };
}

describe('a way that has nothing left any more', () => {
  it('gives way to the next one', async () => {
    const { deliver, sent, settled } = deliverOf({ ...base, also: [] }, [1, 0, 0]);
    await deliver('row-1');
    expect(sent.map(({ route }) => route)).toEqual(['template']);
    expect(settled).toMatchObject([{ outcome: 'sent' }]);
  });

  it('ends a message that has no other, once', async () => {
    const { template: _, ...variants } = base.variants;
    const { deliver, sent, settled } = deliverOf({ ...base, variants }, [1, 0, 0]);
    await deliver('row-1');
    expect(sent).toEqual([]);
    expect(settled).toMatchObject([{ outcome: 'skipped', reason: 'window.used' }]);
  });
});
