/** Business time in the console: it follows what the server says, forwards and back, and does not run behind what it has shown. */
import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';

const start = Date.parse('2026-03-02T08:00:00Z');
const second = 1000;
const hour = 3_600_000;
const at = (ms: number): string => new Date(ms).toISOString();

// The clock ticks from the moment it is loaded, so time must be ours before that.
jest.useFakeTimers({ now: start });
const { businessNow, observeBusinessTime, setBusinessTime } = await import('../../console/src/format/clock.js');

beforeEach(() => {
  jest.setSystemTime(start);
  jest.advanceTimersByTime(second);
  setBusinessTime(at(Date.now()));
});
afterAll(() => {
  jest.useRealTimers();
});

describe('the session tells business time', () => {
  it('shows wall time while the server has not moved its clock, and ticks once a second', () => {
    expect(businessNow.value).toBe(start + second);
    jest.advanceTimersByTime(5 * second);
    expect(businessNow.value).toBe(start + 6 * second);
  });

  it('jumps ahead with the server and goes on from there', () => {
    setBusinessTime(at(Date.now() + 47 * hour));
    expect(businessNow.value).toBe(start + second + 47 * hour);
    jest.advanceTimersByTime(10 * second);
    expect(businessNow.value).toBe(start + 11 * second + 47 * hour);
  });

  it('comes back when the demo is set back', () => {
    setBusinessTime(at(Date.now() + 47 * hour));
    setBusinessTime(at(Date.now()));
    expect(businessNow.value).toBe(start + second);
  });

  it('goes behind wall time when the server is behind', () => {
    setBusinessTime(at(Date.now() - 3 * hour));
    expect(businessNow.value).toBe(start + second - 3 * hour);
  });

  it.each([
    [90 * second, 0],
    [-90 * second, 0],
    [121 * second, 121 * second],
    [-121 * second, -121 * second],
  ])(
    'a difference of %d ms moves the clock by %d ms: below two minutes it is delay, not a moved clock',
    (told, moved) => {
      setBusinessTime(at(Date.now() + told));
      expect(businessNow.value).toBe(start + second + moved);
    },
  );
});

describe('a message or an event tells business time', () => {
  it('pulls the clock ahead, since nothing can come from the future', () => {
    observeBusinessTime(at(Date.now() + 5 * hour));
    expect(businessNow.value).toBe(start + second + 5 * hour);
  });

  it('never pulls it back: what is read may be old', () => {
    setBusinessTime(at(Date.now() + 5 * hour));
    observeBusinessTime(at(Date.now() + 2 * hour));
    observeBusinessTime(at(Date.now() - 9 * hour));
    expect(businessNow.value).toBe(start + second + 5 * hour);
  });

  it('takes a small lead for an unsteady clock', () => {
    observeBusinessTime(at(Date.now() + 60 * second));
    expect(businessNow.value).toBe(start + second);
  });
});
