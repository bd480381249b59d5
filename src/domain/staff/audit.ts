/** The audit log: who did what, and what was refused for want of a permission. Rows are added and expire; nothing changes them. */
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import { RequestProblem } from '../../errors.js';
import type { AuditRecord } from './models.js';

const DAY_MS = 86_400_000;

export interface AuditInput {
  staffId: string | null;
  staffName: string | null;
  /** What was asked for, as `noun.verb`. */
  action: string;
  /** The id of what it was done to. */
  subject: string | null;
  address: string;
  outcome: 'done' | 'refused';
  requestId: string;
}

export interface AuditView {
  id: string;
  at: string;
  staffId: string | null;
  staffName: string | null;
  action: string;
  subject: string | null;
  address: string;
  outcome: 'done' | 'refused';
}

export interface PageOf<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Audit {
  add(entry: AuditInput, now: Date): Promise<void>;
  /** Newest first. 400 request.badCursor for a cursor that was not given by us. */
  list(page: { limit: number; cursor?: string | undefined }): Promise<PageOf<AuditView>>;
}

export function auditIn(model: Model<AuditRecord>, { auditDays }: { auditDays: number }): Audit {
  return {
    add: async ({ staffId, ...entry }, now) => {
      const expiresAt = new Date(now.getTime() + auditDays * DAY_MS);
      await model.create({
        ...entry,
        staffId: staffId === null ? null : new Types.ObjectId(staffId),
        at: now,
        expiresAt,
      });
    },
    list: async ({ limit, cursor }) => {
      const rows = await model
        .find(cursor === undefined ? {} : olderThan(cursor))
        .sort({ at: -1, _id: -1 })
        .limit(limit + 1)
        .lean();
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { items: items.map(present), nextCursor: rows.length > limit && last ? cursorOf(last) : null };
    },
  };
}

function cursorOf(row: AuditRecord): string {
  return `${row.at.getTime()}-${row._id.toHexString()}`;
}

function olderThan(cursor: string): Record<string, unknown> {
  const match = /^(\d{1,15})-([0-9a-f]{24})$/.exec(cursor);
  if (!match) throw new RequestProblem(400, 'request.badCursor', 'This cursor was not given by a list of this server.');
  const at = new Date(Number(match[1]));
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: new Types.ObjectId(match[2]) } }] };
}

function present({ _id, staffId, at, staffName, action, subject, address, outcome }: AuditRecord): AuditView {
  const shared = { staffName, action, subject, address, outcome };
  return { id: _id.toHexString(), at: at.toISOString(), staffId: staffId?.toHexString() ?? null, ...shared };
}
