/** Records by the batch. The next one is read while the last is being written; never more than that. Pure but for the waiting. */
import type { BadRow } from './reasons.js';
import type { ReadRecord, RecordInput } from './records.js';

/** As many orders as one transaction takes well. */
export const MAX_BATCH = 500;
/** Refused rows cost no transaction, but the place in the file is to be kept now and then. */
const MAX_BAD = 5000;

export interface Batch {
  good: Array<ReadRecord & { record: RecordInput }>;
  bad: BadRow[];
  badRows: number;
  /** The last line of the batch. */
  line: number;
}

/** `after`: the last line that an earlier run has dealt with. */
export async function* batchesOf(records: AsyncGenerator<ReadRecord>, after: number): AsyncGenerator<Batch> {
  let reading = nextBatch(records, after);
  try {
    for (;;) {
      const batch = await reading;
      if (!batch) return;
      reading = nextBatch(records, after);
      // Its failure is met when the loop comes to it; until then nobody waits for it.
      reading.catch(() => undefined);
      yield batch;
    }
  } finally {
    await reading.catch(() => undefined);
    await records.return(undefined);
  }
}

async function nextBatch(records: AsyncGenerator<ReadRecord>, after: number): Promise<Batch | undefined> {
  const batch: Batch = { good: [], bad: [], badRows: 0, line: 0 };
  while (batch.good.length < MAX_BATCH && batch.bad.length < MAX_BAD) {
    const next = await records.next();
    if (next.done) break;
    if (next.value.line > after) add(batch, next.value);
  }
  return batch.line > 0 ? batch : undefined;
}

function add(batch: Batch, read: ReadRecord): void {
  batch.line = read.line;
  if (read.record) batch.good.push({ ...read, record: read.record });
  else {
    batch.bad.push(...(read.bad ?? []));
    batch.badRows += read.rows;
  }
}
