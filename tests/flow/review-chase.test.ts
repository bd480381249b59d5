/** A reminder that comes round late, because nobody worked when it was due. */
import { describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { OrderRecord } from '../../src/domain/commerce/index.js';
import { createChase } from '../../src/flow/chase.js';

const rules = {
  firstAtShare: 1 / 3,
  lastMinutesBefore: 10,
  night: { from: '21:00', to: '09:00' },
  timeZone: 'Asia/Shanghai',
};
const id = new Types.ObjectId();
const order = {
  _id: id,
  ...{ customerId: id, source: 'shop', orderNo: 'N-1', status: 'pending' },
  placedAt: new Date('2026-11-22T17:00:00+08:00'),
  closesAt: new Date('2026-11-23T17:00:00+08:00'),
  ...{ amount: 100, discount: 0, items: [] },
} as unknown as OrderRecord;
const row = {
  key: `order.chase:${String(id)}:1`,
  kind: 'order.chase' as const,
  customerId: String(id),
  dueAt: new Date('2026-11-22T20:30:00+08:00'),
  data: { orderId: String(id), step: 1 },
};

function chaseAt(now: Date) {
  const commerce = { get: () => Promise.resolve(order), boughtElsewhere: () => Promise.resolve(false) };
  const persons = { of: () => Promise.resolve({ id, customerIds: [id] }) };
  return createChase({ commerce, persons, clock: { now: () => now } as never, rules });
}

describe('a reminder that comes round late', () => {
  it('rests for the night and is said in the morning', async () => {
    const night = await chaseAt(new Date('2026-11-22T22:00:00+08:00')).remind({} as never, row);
    expect(night).toEqual({
      events: [],
      due: [{ ...row, dueAt: new Date('2026-11-23T09:00:00+08:00') }],
      cancel: [],
    });
    const morning = await chaseAt(new Date('2026-11-23T09:00:00+08:00')).remind({} as never, row);
    expect(morning).toMatchObject({ events: [{ kind: 'order.paymentDue', data: { step: 1 } }], due: [] });
  });
});
