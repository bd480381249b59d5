import { describe, expect, it } from '@jest/globals';
import { cursorOf, hashId, positionOf } from '../../src/http/services/cursor.js';
import { rowId } from '../../src/flow/outbox.js';

const at = new Date('2026-11-22T10:00:00Z');
const bad = (text: string): string => Buffer.from(text).toString('base64url');

describe('where a list goes on', () => {
  it('is found again, also where the id holds the sign that stands between time and id', () => {
    const ids = Array.from({ length: 200 }, (_, i) => rowId('any', i));
    expect(ids.some((id) => id.includes('_'))).toBe(true);
    for (const id of ids) expect(positionOf(cursorOf(at, id), hashId)).toEqual({ at, id });
    const id = 'a'.repeat(24);
    expect(positionOf(cursorOf(at, id))).toEqual({ at, id });
    expect(positionOf(undefined)).toBeUndefined();
  });

  it.each(['NaN_abc', `1_${'a'.repeat(42)}`, '_', `-1_${'a'.repeat(43)}`, 'x'])(
    'is refused when made up: %s',
    (text) => {
      expect(() => positionOf(bad(text), hashId)).toThrow('The cursor is wrong.');
      expect(() => positionOf(bad(text))).toThrow('The cursor is wrong.');
    },
  );
});
