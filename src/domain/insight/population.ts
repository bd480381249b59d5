/**
 * Everybody a run looks at, as columns of numbers: 44 bytes a buyer, so that a million fit beside a server's other work. Read in the order of
 * the ids, one portrait at a time.
 */
import { Types } from 'mongoose';
import { localTime } from '../../infra/clock.js';
import type { PortraitModels, PortraitRecord } from '../segments/index.js';
import type { Figures } from './judge.js';

const DAY_MS = 86_400_000;
const ID_BYTES = 12;

export interface Population {
  size: number;
  figures: Figures;
  idAt(index: number): Types.ObjectId;
  createdAt(index: number): Date;
  /** People without an order, and how many of them were known at the run before. */
  without: { people: number; knownBefore: number };
}

type Seen = Pick<PortraitRecord, '_id' | 'orders' | 'personalised' | 'createdAt' | 'lastOrderAt' | 'bought'>;

/** Whoever turned personalisation off is not looked at. Orders of one day are one occasion. */
export async function readPopulation(
  { portraits }: Pick<PortraitModels, 'portraits'>,
  {
    asOf,
    before,
    windowDays,
    timeZone,
  }: { asOf: Date; before?: Date | undefined; windowDays: number; timeZone: string },
): Promise<Population> {
  const numberOf = createDayNumbers();
  const today = numberOf(localTime(asOf, timeZone).date);
  const columns = new Columns();
  const without = { people: 0, knownBefore: 0 };
  const projection = { orders: 1, personalised: 1, createdAt: 1, lastOrderAt: 1, bought: 1 };
  const found = portraits.collection.find({}, { projection, sort: { _id: 1 }, batchSize: 2000 });
  for await (const row of found as unknown as AsyncIterable<Seen>) {
    if (!row.personalised) continue;
    if (row.orders === 0 || !row.lastOrderAt) {
      without.people += 1;
      if (before && row.createdAt <= before) without.knownBefore += 1;
      continue;
    }
    const last = row.bought.at(-1)?.d ?? localTime(row.lastOrderAt, timeZone).date;
    const inWindow = row.bought.filter(({ d }) => today - numberOf(d) < windowDays);
    const spent = inWindow.reduce((sum, { s }) => sum + s, 0);
    columns.add(row._id, [Math.max(0, today - numberOf(last)), inWindow.length, spent, row.createdAt.getTime()]);
  }
  return columns.read(without);
}

/** Days since 1970 of YYYY-MM-DD; there are few different ones. */
function createDayNumbers(): (day: string) => number {
  const known = new Map<string, number>();
  return (day) => {
    const number = known.get(day) ?? Date.parse(`${day}T00:00:00Z`) / DAY_MS;
    known.set(day, number);
    return number;
  };
}

class Columns {
  private size = 0;
  private ids = Buffer.alloc(1024 * ID_BYTES);
  private columns = Array.from({ length: 4 }, () => new Float64Array(1024));

  add(id: Types.ObjectId, values: readonly number[]): void {
    if (this.size * ID_BYTES === this.ids.length) this.grow();
    id.id.forEach((byte, i) => (this.ids[this.size * ID_BYTES + i] = byte));
    this.columns.forEach((column, i) => (column[this.size] = values[i] ?? 0));
    this.size += 1;
  }

  private grow(): void {
    this.ids = Buffer.concat([this.ids, Buffer.alloc(this.ids.length)]);
    this.columns = this.columns.map((column) => {
      const larger = new Float64Array(column.length * 2);
      larger.set(column);
      return larger;
    });
  }

  read(without: Population['without']): Population {
    const { size, ids } = this;
    const [recency, frequency, monetary, created] = this.columns.map((column) => column.subarray(0, size));
    const none = new Float64Array(0);
    return {
      size,
      figures: { recency: recency ?? none, frequency: frequency ?? none, monetary: monetary ?? none },
      idAt: (i) => new Types.ObjectId(ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)),
      createdAt: (i) => new Date(created?.[i] ?? 0),
      without,
    };
  }
}
