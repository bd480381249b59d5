/** Where a list goes on: a time and an id, opaque to callers. */
import { RequestProblem } from '../../errors.js';

export interface Position {
  at: Date;
  id: string;
}

export const cursorOf = (at: Date, id: unknown): string =>
  Buffer.from(`${at.getTime()}_${String(id)}`).toString('base64url');

const objectId = /^[0-9a-f]{24}$/;
/** Of rows whose id is a hash. */
export const hashId = /^[\w-]{43}$/;

/** @throws RequestProblem 400 when the cursor was not made by cursorOf. */
export function positionOf(cursor: string | undefined, isId = objectId): Position | undefined {
  if (!cursor) return undefined;
  // A hash may hold the sign that stands between.
  const [, ms, id] = /^(\d{1,15})_(.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (!ms || !id || !isId.test(id)) {
    const errors = [{ path: 'query.cursor', code: 'invalid', message: 'expected a nextCursor of this list' }];
    throw new RequestProblem(400, 'request.invalid', 'The cursor is wrong.', { errors });
  }
  return { at: new Date(Number(ms)), id };
}

/** Asks for one more than wanted; that one tells whether there is a next page. */
export function toPage<R, T>(
  found: readonly R[],
  limit: number,
  present: (record: R) => T,
  place: (record: R) => string,
): { items: T[]; nextCursor: string | null } {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(present), nextCursor: found.length > limit && last !== undefined ? place(last) : null };
}
