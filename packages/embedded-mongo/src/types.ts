/**
 * The seam between the two halves of the database.
 *
 * `bson/ keys/ query/ update/ project/ agg/` are pure: values in, values out, no I/O, no clock of their own.
 * `wire/ session/ store/ index/ plan/ commands/` hold sockets, files, locks and time, and call the pure half.
 * Nothing here or below knows the product.
 *
 * A document is what `bson.deserialize(bytes, { promoteValues: false, promoteBuffers: false, promoteLongs: false })`
 * gives: plain objects and arrays whose numbers are `Int32 | Long | Double | Decimal128` instances, so that no BSON type
 * is ever lost between a read and the write that follows it. Strings, booleans, null, Date, ObjectId, Binary, … are as `bson` has them.
 */
import type { Document, Timestamp } from 'bson';

/** What a reader yields instead of a row when its turn is over; whoever runs it lets others in, or passes over it. */
export const PAUSE = Symbol('pause');
export type Paused<T> = Generator<T | typeof PAUSE, void, void>;
/** Rows that may have pauses among them. */
export type Pausing<T> = Iterable<T | typeof PAUSE>;

export type Doc = Document;
export type Value = unknown;

/** 1 ascending, -1 descending. */
export type Direction = 1 | -1;
/** Field path and direction, in order. */
export type KeyPattern = ReadonlyArray<readonly [path: string, direction: Direction]>;

/** An error that reaches the driver as `{ok: 0, code, codeName, errmsg}` or as a write error. */
export interface MongoErrorShape {
  code: number;
  codeName: string;
  message: string;
  labels?: string[];
  extra?: Doc;
}

/** One bound of an index scan on one path, in values (not yet in key bytes). */
export interface Interval {
  low: Value;
  lowInclusive: boolean;
  high: Value;
  highInclusive: boolean;
}

/** What a filter says about one path, as far as an index may use it; the matcher always re-checks. */
export interface PathConstraint {
  path: string;
  /** Disjoint, ascending. A point is an interval whose ends are equal and inclusive. */
  intervals: Interval[];
  /** True when every document that satisfies the constraint is found by the intervals on a non-multikey and on a multikey index. */
  exact: boolean;
}

/** A filter, validated as a whole before any document is read. */
export interface CompiledFilter {
  matches(doc: Doc): boolean;
  /** As `matches`, and tells the array index that the positional operator `$` stands for in an update. */
  matchPosition(doc: Doc): { matched: boolean; position?: number };
  /** Conjunctive constraints that an index may use; empty when none. */
  constraints: PathConstraint[];
  /** For a top-level `$or` whose every branch is indexable: the branches' constraints. */
  branches?: PathConstraint[][];
  /** Equality predicates at the top level (also inside `$and`), for seeding an upsert. */
  equalities: Array<{ path: string; value: Value }>;
  /** Whether every document that matches this filter surely matches `other` (for partial indexes); false when unsure. */
  implies(other: CompiledFilter): boolean;
  /** The fields of a document that it looks at; undefined when it may look at any. */
  fields?: ReadonlySet<string>;
  /** Filters that must all hold, and together are this one; a `$nor` is one for each of its parts. */
  conjuncts(): CompiledFilter[];
  /** For an `$or`: its branches. */
  either(): CompiledFilter[] | undefined;
  /** For a negation: the filter whose documents it excludes. */
  excluded(): CompiledFilter | undefined;
  /** This and the others, all of them. */
  and(others: readonly CompiledFilter[]): CompiledFilter;
  /** As a test of one index entry; undefined when the entry's keys cannot tell exactly which documents match. */
  onKeys(pattern: KeyPattern, options: { multikey: boolean }): KeyTest | undefined;
}

/**
 * Says by the key parts of one index entry, each the encoding of one field, whether the entry belongs to a matching document. On a multikey
 * index a document matches when any of its entries passes.
 */
export type KeyTest = (parts: readonly string[]) => boolean;

export interface UpdateContext {
  /** The time `$currentDate` and `$$NOW` stand for. */
  now: Date;
  timestamp: Timestamp;
  /** The array index matched by the filter, for `$`. */
  position?: number;
  /** True when the document is being inserted by an upsert: `$setOnInsert` applies. */
  inserting: boolean;
}

export interface CompiledUpdate {
  kind: 'replace' | 'operators' | 'pipeline';
  /** Returns a new document (the input is not changed); `modified` is false when nothing differs. `_id` never changes (error 66). */
  apply(doc: Doc, context: UpdateContext): { doc: Doc; modified: boolean };
}

export interface CompiledProjection {
  apply(doc: Doc, context?: { position?: number }): Doc;
}

export interface CompiledSort {
  pattern: KeyPattern;
  compare(a: Doc, b: Doc): number;
  /** The documents in order, at most `limit` (Infinity when left out); keys are taken once per document and memory is bounded by the limit. Stable. */
  top(docs: Iterable<Doc>, limit?: number): Doc[];
  /** The same for documents that come one by one. */
  collector(limit?: number): { add(doc: Doc): void; sorted(): Doc[] };
}

/** An aggregation whose leading `$match/$sort/$skip/$limit` are split off for the planner. */
export interface CompiledPipeline {
  leading: {
    filter: CompiledFilter;
    sort?: CompiledSort;
    skip: number;
    /** Infinity when there is none. */
    limit: number;
  };
  /** True when nothing follows the leading stages. */
  isPlainFind: boolean;
  /** Set when after the leading stages comes `$group {_id: const, n: {$sum: 1}}` (countDocuments) or `$count` alone: keys may answer. */
  countOnly?: { idValue?: Value; field: string };
  /** Runs the remaining stages. Reads its source once, lazily where the stages allow; pauses of the source come out where they fall. */
  run(source: Pausing<Doc>, context: { now: Date }): Pausing<Doc>;
}

/** What the pure half offers to the server half; `src/engine.ts` exports one object of this type named `engine`. */
export interface Engine {
  decode(bytes: Uint8Array): Doc;
  /** As decode, with nothing but these top-level fields. */
  decodeFields(bytes: Uint8Array, fields: ReadonlySet<string>): Doc;
  encode(doc: Doc): Uint8Array;
  /** MongoDB's canonical order over all BSON types; 0 exactly when MongoDB calls them equal. */
  compare(a: Value, b: Value): number;
  /** Order-preserving bytes: memcmp(encodeKey(a), encodeKey(b)) has the sign of compare, field by field, directions applied. */
  encodeKey(values: readonly Value[], directions: readonly Direction[]): Uint8Array;
  /** The same as text whose char codes are the bytes. */
  encodeKeyText(values: readonly Value[], directions: readonly Direction[]): string;
  /** A key's parts, one for each direction; undefined when it holds a value whose end cannot be told. `from`: where the first begins. */
  splitKeyText(key: string, from: number, directions: readonly Direction[]): string[] | undefined;
  splitPath(path: string): string[];
  /** One value for each path (cut by `splitPath`), or undefined when an array is on the way of any: then ask `indexValues`. */
  plainValues(doc: Doc, paths: ReadonlyArray<readonly string[]>): Value[] | undefined;
  /** The values a path yields for an index: more than one when it crosses an array (multikey). Missing yields undefined. */
  indexValues(doc: Doc, path: string): { values: Value[]; multikey: boolean };
  compileFilter(filter: Doc, options?: { let?: Doc; collation?: Doc }): CompiledFilter;
  compileUpdate(update: Doc | Doc[], options?: { arrayFilters?: Doc[]; let?: Doc }): CompiledUpdate;
  /** Fields an upsert starts from, before the update is applied. */
  upsertSeed(filter: CompiledFilter): Doc;
  compileProjection(projection: Doc): CompiledProjection;
  compileSort(sort: Doc, options?: { collation?: Doc }): CompiledSort;
  compilePipeline(pipeline: Doc[], options?: { let?: Doc }): CompiledPipeline;
}
