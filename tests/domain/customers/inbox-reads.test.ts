/** Up to when a person has read: over all their records, and never back. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createInboxReads } from '../../../src/domain/customers/index.js';
import { at, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const later = (ms: number): Date => new Date(at.getTime() + ms);

it('is the latest moment of any record of the person, and nobody else’s', async () => {
  const reads = createInboxReads(people.models);
  const [a, b, stranger] = [await people.addCustomer(), await people.addCustomer(), await people.addCustomer()];
  expect(await reads.of([a, b])).toBeUndefined();
  await reads.mark(a, later(5));
  await reads.mark(b, later(9));
  await reads.mark(stranger, later(99));
  expect(await reads.of([a, b])).toEqual(later(9));
  expect(await reads.of([a])).toEqual(later(5));
});

it('does not go back, in whichever order two phones tell it', async () => {
  const reads = createInboxReads(people.models);
  const a = await people.addCustomer();
  await Promise.all([reads.mark(a, later(3)), reads.mark(a, later(8)), reads.mark(a, later(1))]);
  await reads.mark(a, later(2));
  expect(await reads.of([a])).toEqual(later(8));
});
