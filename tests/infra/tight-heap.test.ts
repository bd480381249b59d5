import { describe, expect, it } from '@jest/globals';
import { withTightHeap } from '../../src/infra/tight-heap.js';

describe('a tight heap', () => {
  it('hands through what the work gives and what it throws, also where two run at once', async () => {
    const both = await Promise.all([withTightHeap(async () => 1), withTightHeap(async () => 2)]);
    expect(both).toEqual([1, 2]);
    await expect(withTightHeap(() => Promise.reject(new Error('file gone')))).rejects.toThrow('file gone');
  });
});
