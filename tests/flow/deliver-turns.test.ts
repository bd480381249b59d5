/** Bulk messages are worked on a few at a time, however many are under way; an answer of the staff never waits for them. */
import { expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeliver } from '../../src/flow/deliver.js';
import type { DeliverParts } from '../../src/flow/deliver.js';
import type { OutboxRecord } from '../../src/flow/models.js';

const now = new Date('2026-11-22T10:00:00Z');
const rowOf = (_id: string, queue: OutboxRecord['queue']) =>
  ({
    ...{ _id, queue, lane: _id, seq: 0, to: { channel: 'official-account', account: 'main', user: _id }, also: [] },
    ...{ customerId: new Types.ObjectId(), purpose: 'contract', state: 'claimed', origin: 'automation', attempts: 0 },
    variants: { 'customer-message': { type: 'text', text: 'x' } },
    ...{ fence: 1, dueAt: now, createdAt: now, cause: { door: 'clock', task: 'test' } },
  }) as unknown as OutboxRecord;

it('a few bulk messages at a time, any number with the platform, and answers beside them', async () => {
  const inStore = new Set<string>();
  const withPlatform = new Set<string>();
  let answer = (): void => undefined;
  let carry = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const carried = new Promise<void>((resolve) => (carry = resolve));
  const sent: string[] = [];
  const parts = {
    outbox: {
      claim: (id: string) => Promise.resolve(rowOf(id, id.startsWith('bulk') ? 'bulk' : 'replies')),
      turnSending: () => Promise.resolve(true),
    },
    customers: { identities: { findOne: () => ({ lean: () => Promise.resolve({ following: true }) }) } },
    ledger: {
      window: async ({ user }: { user: string }) => {
        inStore.add(user);
        await answered;
        return { open: true, left: 5, automationLeft: 5, endsAt: null };
      },
      take: () => Promise.resolve({ ok: true, kind: 'message', at: now }),
    },
    notices: {},
    database: { transaction: (work: (tx: unknown) => unknown) => work({}) },
    clock: { now: () => now },
    channel: () => ({
      capabilities: { routes: ['customer-message'] },
      send: async ({ id }: { id: string }) => {
        withPlatform.add(id);
        await carried;
        return { outcome: 'sent', platformId: id };
      },
    }),
    settle: ({ _id }: OutboxRecord) => Promise.resolve(void sent.push(_id)),
    rate: () => 0,
    log: { error: () => undefined },
    options: { leaseMs: 1000, sendTimeoutMs: 1000 },
  } as unknown as DeliverParts;
  const deliver = createDeliver(parts);

  const bulk = Array.from({ length: 12 }, (_, n) => `bulk-${n}`);
  const all = [...bulk, 'reply'].map(deliver);
  await sleep(20);
  expect([...inStore].sort()).toEqual(['bulk-0', 'bulk-1', 'bulk-2', 'reply']);
  answer();
  await sleep(20);
  // Whoever waits for the platform keeps nobody from the database.
  expect(withPlatform.size).toBe(13);
  carry();
  await Promise.all(all);
  expect(sent.sort()).toEqual([...bulk, 'reply'].sort());
});
