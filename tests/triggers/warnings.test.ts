import { describe, expect, it } from '@jest/globals';
import type { NewDomainEvent } from '../../src/contracts/index.js';
import { levelEndangered } from '../../src/triggers/level-endangered/index.js';
import { optedOut } from '../../src/triggers/opted-out/index.js';
import { pointsExpiring } from '../../src/triggers/points-expiring/index.js';
import { eventOf, facts } from '../helpers/facts.js';

const happened = (kind: NewDomainEvent['kind'], data: NewDomainEvent['data']) =>
  eventOf({ kind, at: new Date(0), data });

describe('points about to expire', () => {
  it.each([
    [{ amount: 100, days: 30 }, [30, 7], 100, true],
    [{ amount: 99, days: 30 }, [30, 7], 100, false],
    [{ amount: 100, days: 60 }, [30, 7], 1, false],
    [{ amount: 100, days: 60 }, [], 1, true],
  ])('%j, wanted %j from %i: %s', (data, days, atLeast, expected) => {
    expect(pointsExpiring.matches(happened('points.expiring', data), facts(), { days, atLeast })).toBe(expected);
  });
});

it('a level in danger is told on the wanted warnings', () => {
  const warned = (days: number) => happened('level.endangered', { days });
  expect([30, 7].map((days) => levelEndangered.matches(warned(days), facts(), { days: [7] }))).toEqual([false, true]);
  expect(levelEndangered.matches(warned(30), facts(), { days: [] })).toBe(true);
});

it('an opt-out is answered where it was written in a chat, and once though it takes back several consents', () => {
  const said = (page: string, purpose: string) =>
    optedOut.matches(happened('consent.withdrawn', { page, purpose }), facts(), {});
  expect([said('chat', 'promotion'), said('chat', 'care'), said('profile', 'promotion')]).toEqual([true, false, false]);
});
