/** People as rows of a list, from their portraits; never a phone or an address. Pure, with what the lists of people share. */
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import { customerName } from '../../../domain/customers/index.js';
import type { PortraitRecord } from '../../../domain/segments/index.js';
import { RequestProblem } from '../../../errors.js';
import { iso } from '../console/acting.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';

/** `customerId`: the oldest record. */
export function presentPersonRow(portrait: PortraitRecord): c.PersonRow {
  const customerId = portrait.customerIds[0] ?? portrait._id;
  const { level, points, orders, spent, channels, tags, scores, group } = portrait;
  return {
    customerId: String(customerId),
    name: portrait.name ?? customerName({ _id: customerId }),
    level: level ?? null,
    ...{ points, orders, spent },
    lastOrderAt: iso(portrait.lastOrderAt),
    lastBehaviourAt: iso(portrait.lastBehaviourAt),
    channels: [...channels],
    tags: [...tags],
    rfm: scores?.segment ?? null,
    group: group ?? null,
  };
}

/** People are listed by their ids, in which no time is asked. */
const NO_TIME = new Date(0);

/** The id behind which a page of people begins. */
export const behindOf = (cursor: string | undefined): string | undefined => positionOf(cursor)?.id;

export const toPeople = (
  found: readonly PortraitRecord[],
  limit: number,
): ReturnType<typeof toPage<PortraitRecord, c.PersonRow>> =>
  toPage(found, limit, presentPersonRow, ({ _id }) => cursorOf(NO_TIME, _id));

export function refuseFields(errors: c.FieldProblem[]): void {
  if (errors.length > 0) throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
}

export const objectId = (id: string): Types.ObjectId => new Types.ObjectId(id);
