/**
 * Owns filters as tests of index entries: exact, or none at all. An entry holds encoded values, so a predicate becomes ranges of such
 * encodings; what an encoding does not tell (patterns, types, missing apart from null) is left to the documents.
 */
import { Double, Int32, Long, ObjectId } from 'bson';
import { encodeKeyText } from '../keys/encode.js';
import { isIndex } from '../bson/document.js';
import type { Direction, Interval, KeyPattern, KeyTest } from '../types.js';
import type { FilterNode, PathNode } from './nodes.js';
import { conjuncts } from './analysis.js';

/** Above every encoding that begins like it: no tag is ff, and no encoding begins another. */
const AFTER = '\xff';
const COMPARED = new Set(['$eq', '$in', '$gt', '$gte', '$lt', '$lte']);
/** From so many points on they are looked up. */
const FEW = 8;

/** Values whose order in an index and in a filter are the same thing. */
function isPlain(value: unknown): boolean {
  if (value instanceof Int32 || value instanceof Long) return true;
  if (value instanceof Double) return !Number.isNaN(value.valueOf());
  return typeof value === 'string' || typeof value === 'boolean' || value instanceof Date || value instanceof ObjectId;
}

interface KeyRange {
  start: string;
  end: string;
}

function rangeOf({ low, lowInclusive, high, highInclusive }: Interval, direction: Direction): KeyRange {
  const encode = (value: unknown): string => encodeKeyText([value], [direction]);
  const [first, firstIn, last, lastIn] =
    direction === 1 ? [low, lowInclusive, high, highInclusive] : [high, highInclusive, low, lowInclusive];
  return { start: encode(first) + (firstIn ? '' : AFTER), end: encode(last) + (lastIn ? AFTER : '') };
}

type PartTest = (part: string) => boolean;

function partTest(intervals: readonly Interval[], direction: Direction): PartTest {
  const ranges = intervals.map((interval) => rangeOf(interval, direction));
  const [only, ...more] = ranges;
  if (only && more.length === 0) return (part) => part >= only.start && part < only.end;
  if (ranges.length > FEW && ranges.every(({ start, end }) => end === start + AFTER)) {
    const points = new Set(ranges.map(({ start }) => start));
    return (part) => points.has(part);
  }
  return (part) => ranges.some(({ start, end }) => part >= start && part < end);
}

/** Whether the node's intervals are exactly its matches. Null stands for missing as well, which on a multikey index an empty array is too. */
function isExact(node: PathNode, multikey: boolean): boolean {
  if (!COMPARED.has(node.op) || !node.intervals || node.path.split('.').some(isIndex)) return false;
  const operands = node.op === '$in' ? node.values : [node.operand];
  return operands?.every((value) => isPlain(value) || (value === null && !multikey && isEquality(node))) ?? false;
}

const isEquality = ({ op }: PathNode): boolean => op === '$eq' || op === '$in';

function leafTest(node: PathNode, pattern: KeyPattern, multikey: boolean): KeyTest | undefined {
  const at = pattern.findIndex(([path]) => path === node.path);
  const direction = pattern[at]?.[1];
  if (direction === undefined || !isExact(node, multikey)) return undefined;
  const test = partTest(node.intervals ?? [], direction);
  return (parts) => test(parts[at] as string);
}

function testOf(node: FilterNode, pattern: KeyPattern): KeyTest | undefined {
  switch (node.kind) {
    case 'path':
      return leafTest(node, pattern, false);
    case 'never':
      return () => false;
    case 'expr':
      return undefined;
    case 'not': {
      const child = testOf(node.child, pattern);
      return child && ((parts) => !child(parts));
    }
    case 'and':
    case 'or':
    case 'nor': {
      const children = allOf(node.children.map((child) => testOf(child, pattern)));
      if (!children) return undefined;
      if (node.kind === 'and') return (parts) => children.every((test) => test(parts));
      const wanted = node.kind === 'or';
      return (parts) => children.some((test) => test(parts)) === wanted;
    }
  }
}

function allOf<T>(items: ReadonlyArray<T | undefined>): T[] | undefined {
  const there = items.filter((item) => item !== undefined);
  return there.length === items.length ? there : undefined;
}

/** As a test of one entry; undefined when entries of this index cannot tell exactly. */
export function keyTest(
  root: FilterNode,
  pattern: KeyPattern,
  { multikey }: { multikey: boolean },
): KeyTest | undefined {
  return multikey ? multikeyTest(root, pattern) : testOf(root, pattern);
}

/**
 * A document has an entry for each combination of its values, so predicates on different fields meet in one entry when each holds for some
 * value; two on one field need not, and a negation speaks of all entries at once.
 */
function multikeyTest(root: FilterNode, pattern: KeyPattern): KeyTest | undefined {
  const nodes = conjuncts(root);
  const leaves = nodes.map((node) => (node.kind === 'path' ? leafTest(node, pattern, true) : undefined));
  const tests = allOf(leaves);
  const heads = new Set(nodes.map((node) => (node.kind === 'path' ? node.path.split('.')[0] : '')));
  return tests && heads.size === nodes.length ? (parts) => tests.every((test) => test(parts)) : undefined;
}
