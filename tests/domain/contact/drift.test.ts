import { describe, expect, it } from '@jest/globals';
import { createDriftWatch } from '../../../src/domain/contact/drift.js';

function watch() {
  const alarms: number[] = [];
  const { count } = createDriftWatch((share) => alarms.push(share));
  const many = (n: number, drifted: boolean) => Array.from({ length: n }, () => count(drifted));
  return { alarms, many };
}

describe('the drift alarm', () => {
  it('is silent up to half a percent and tells above it, once', () => {
    const { alarms, many } = watch();
    many(995, false);
    many(5, true);
    expect(alarms).toEqual([]);
    many(3, true);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toBeGreaterThan(0.005);
  });

  it('does not judge by a handful', () => {
    const { alarms, many } = watch();
    many(98, false);
    many(1, true);
    expect(alarms).toEqual([]);
    many(1, false);
    expect(alarms).toHaveLength(1);
  });

  it('tells again when it was quiet in between', () => {
    const { alarms, many } = watch();
    many(100, true);
    many(1000, false);
    many(6, true);
    expect(alarms).toHaveLength(2);
  });
});
