/** Filter, order, skip and limit over a plan's rows. */
import type { View } from '../store/view.js';
import type { CompiledFilter, CompiledSort, Doc } from '../types.js';
import type { Plan } from './planner.js';
import { PAUSE, matching, matchingDocs, scan, type Paused, type Row, type ScanStats } from './scan.js';

export interface FindSpec {
  plan: Plan;
  filter: CompiledFilter;
  /** The filter is exactly what the plan's range says: no document needs decoding. */
  covered: boolean;
  /** Each row's document is needed whole. */
  whole: boolean;
  sort?: CompiledSort;
  skip: number;
  limit: number;
}

/** The rows of the answer in order. */
export function* findRows(view: View, spec: FindSpec, stats: ScanStats): Paused<Row> {
  const rows = spec.sort && !spec.plan.sorted ? sortedRows(view, spec, spec.sort, stats) : source(view, spec, stats);
  let toSkip = spec.skip;
  let left = spec.limit;
  if (left === 0) return;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    if (toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    yield row;
    left -= 1;
    if (left === 0) return;
  }
}

function source(view: View, spec: FindSpec, stats: ScanStats): Paused<Row> {
  if (spec.covered) return scan(view, spec.plan, stats);
  const rows = spec.whole ? matchingDocs : matching;
  return rows(view, spec.plan, spec.filter, stats);
}

/** Sorts in memory; with a limit only the best skip + limit rows are kept. */
function* sortedRows(view: View, spec: FindSpec, sort: CompiledSort, stats: ScanStats): Paused<Row> {
  const keep = spec.skip + spec.limit;
  const best = new TopRows(sort, keep);
  for (const row of matchingDocs(view, spec.plan, spec.filter, stats)) {
    if (row === PAUSE) yield PAUSE;
    else best.add(row);
  }
  yield* best.inOrder();
}

interface Ranked {
  row: Required<Row>;
  at: number;
}

/** A heap of the k best rows, the worst on top; equal rows stay in the order they came. */
export class TopRows {
  private readonly heap: Ranked[] = [];
  private count = 0;

  constructor(
    private readonly sort: { compare(a: Doc, b: Doc): number },
    private readonly keep: number,
  ) {}

  add(row: Required<Row>): void {
    const ranked = { row, at: this.count++ };
    if (!Number.isFinite(this.keep)) {
      this.heap.push(ranked);
      return;
    }
    if (this.keep === 0) return;
    if (this.heap.length < this.keep) {
      this.heap.push(ranked);
      this.up(this.heap.length - 1);
    } else if (this.compare(ranked, this.heap[0] as Ranked) < 0) {
      this.heap[0] = ranked;
      this.down(0);
    }
  }

  inOrder(): Row[] {
    return this.heap.sort((a, b) => this.compare(a, b)).map(({ row }) => row);
  }

  private compare(a: Ranked, b: Ranked): number {
    return this.sort.compare(a.row.doc, b.row.doc) || a.at - b.at;
  }

  private up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.compare(this.heap[at] as Ranked, this.heap[parent] as Ranked) <= 0) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private down(from: number): void {
    let at = from;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const larger =
        right < this.heap.length && this.compare(this.heap[right] as Ranked, this.heap[left] as Ranked) > 0
          ? right
          : left;
      if (this.compare(this.heap[larger] as Ranked, this.heap[at] as Ranked) <= 0) return;
      this.swap(at, larger);
      at = larger;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b] as Ranked, this.heap[a] as Ranked];
  }
}
