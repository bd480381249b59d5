/**
 * Owns compiling an expression into a closure: field paths, variables, literals, documents and arrays. The operators
 * themselves are in expressions/ and are handed in as a table, so that a wrong name is refused before any document is read.
 */
import { MongoError, notImplemented } from '../errors.js';
import { field } from '../bson/document.js';
import { isNullish, isNumber, isObject } from '../bson/types.js';
import { toDouble } from '../bson/number.js';
import type { Doc } from '../types.js';

/** What an expression sees: the document, the values of variables by slot, and the time of the command. */
export interface Env {
  root: unknown;
  vars: unknown[];
  now: Date;
}
/** A compiled expression; undefined is a missing value. */
export type Expr = (env: Env) => unknown;
export type Builder = (operand: unknown, compiler: Compiler, op: string) => Expr;
export type OperatorTable = Readonly<Record<string, Builder>>;

const REFUSED_OPERATORS = new Set([
  ...[
    '$function',
    '$accumulator',
    '$meta',
    '$sampleRate',
    '$toHashedIndexKey',
    '$rand',
    '$tsSecond',
    '$tsIncrement',
    '$setField',
    '$unsetField',
  ],
  ...[
    '$binarySize',
    '$bsonSize',
    '$regexFind',
    '$regexFindAll',
    '$replaceOne',
    '$replaceAll',
    '$strcasecmp',
    '$substr',
    '$indexOfBytes',
  ],
  ...[
    '$sortArray',
    '$maxN',
    '$minN',
    '$firstN',
    '$lastN',
    '$median',
    '$percentile',
    '$stdDevPop',
    '$stdDevSamp',
    '$setEquals',
    '$setIsSubset',
  ],
  ...[
    '$anyElementTrue',
    '$allElementsTrue',
    '$indexOfArray',
    '$bitAnd',
    '$bitOr',
    '$bitXor',
    '$bitNot',
    '$dateTruncate',
    '$toUUID',
    '$toArray',
  ],
  ...[
    '$sin',
    '$cos',
    '$tan',
    '$asin',
    '$acos',
    '$atan',
    '$atan2',
    '$sinh',
    '$cosh',
    '$tanh',
    '$asinh',
    '$acosh',
    '$atanh',
  ],
  ...[
    '$degreesToRadians',
    '$radiansToDegrees',
    '$isNumber',
    '$ltrim',
    '$rtrim',
    '$strLenBytes',
    '$exp',
    '$ln',
    '$log',
    '$log10',
  ],
]);
const REFUSED_VARIABLES = new Set(['CLUSTER_TIME', 'JS_SCOPE', 'IS_MR', 'USER_ROLES', 'SEARCH_META']);

/** A value as a condition: false, null, missing and any zero are false. */
export function isTrue(value: unknown): boolean {
  if (value === true) return true;
  if (value === false || isNullish(value)) return false;
  return !isNumber(value) || toDouble(value) !== 0;
}

/** A path through documents; an array gives the list of what its documents have there. */
function follow(value: unknown, parts: readonly string[], at: number): unknown {
  for (let i = at; i < parts.length; i++) {
    if (Array.isArray(value)) return followArray(value, parts, i);
    if (!isObject(value)) return undefined;
    value = field(value, parts[i]!);
  }
  return value;
}

function followArray(array: readonly unknown[], parts: readonly string[], at: number): unknown[] {
  const found: unknown[] = [];
  for (const item of array) {
    const value = isObject(item) ? follow(item, parts, at) : undefined;
    if (value !== undefined) found.push(value);
  }
  return found;
}

/** Field path parts, checked: no empty part, no `$`, no NUL. */
export function fieldPath(path: string): string[] {
  const parts = path.split('.');
  if (path === '' || parts.includes(''))
    throw new MongoError(
      path.endsWith('.') ? 40353 : 15998,
      `FieldPath field names may not be empty strings: '${path}'`,
    );
  const dollar = parts.find((part) => part.startsWith('$'));
  if (dollar)
    throw new MongoError(
      16410,
      `FieldPath field names may not start with '$'. Consider using $getField or $setField: '${dollar}'`,
    );
  return parts;
}

export class Compiler {
  constructor(
    private readonly table: OperatorTable,
    private readonly names: ReadonlyMap<string, number> = new Map(),
    private readonly counter: { next: number } = { next: names.size },
  ) {}

  /** Any expression. Errors 168 for an unknown operator, 238 for a refused one, 15983, 16020, 17276. */
  compile(spec: unknown): Expr {
    if (typeof spec === 'string') return spec.startsWith('$') ? this.#path(spec) : () => spec;
    if (Array.isArray(spec)) return this.#array(spec);
    return isObject(spec) ? this.#object(spec) : () => spec;
  }

  /** A compiler that also knows these variables, and the slots their values go to. */
  bind(...names: string[]): { compiler: Compiler; slots: number[] } {
    const known = new Map(this.names);
    const slots = names.map((name) => {
      if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name))
        throw new MongoError(9, `'${name}' starts with an invalid character for a user variable name`);
      known.set(name, this.counter.next);
      return this.counter.next++;
    });
    return { compiler: new Compiler(this.table, known, this.counter), slots };
  }

  /** `{$op: operand}`. */
  operator(op: string, operand: unknown): Expr {
    const builder = Object.hasOwn(this.table, op) ? this.table[op] : undefined;
    if (builder) return builder(operand, this, op);
    if (REFUSED_OPERATORS.has(op)) throw notImplemented(`the expression ${op}`);
    throw new MongoError(168, `Unrecognized expression '${op}'`);
  }

  #path(text: string): Expr {
    if (text.startsWith('$$')) return this.#variable(text.slice(2));
    if (text === '$') throw new MongoError(16872, `'$' by itself is not a valid FieldPath`);
    const parts = fieldPath(text.slice(1));
    const only = parts.length === 1 ? parts[0]! : undefined;
    if (only === undefined) return (env) => follow(env.root, parts, 0);
    return (env) => (isObject(env.root) ? field(env.root, only) : undefined);
  }

  #variable(text: string): Expr {
    const [name = '', ...rest] = text.split('.');
    if (rest.length > 0) fieldPath(rest.join('.'));
    const base = this.#variableBase(name);
    return rest.length === 0 ? base : (env) => follow(base(env), rest, 0);
  }

  #variableBase(name: string): Expr {
    if (name === 'ROOT' || name === 'CURRENT') return (env) => env.root;
    if (name === 'NOW') return (env) => env.now;
    if (name === 'REMOVE') return () => undefined;
    const slot = this.names.get(name);
    if (slot !== undefined) return (env) => env.vars[slot];
    if (REFUSED_VARIABLES.has(name)) throw notImplemented(`the variable $$${name}`);
    if (name === '') throw new MongoError(16867, 'empty variable names are not allowed');
    throw new MongoError(17276, `Use of undefined variable: ${name}`);
  }

  #array(items: readonly unknown[]): Expr {
    const compiled = items.map((item) => this.compile(item));
    return (env) => compiled.map((item) => item(env) ?? null);
  }

  #object(spec: Doc): Expr {
    const names = Object.keys(spec);
    const operator = names.find((name) => name.startsWith('$'));
    if (operator !== undefined) {
      if (names.length === 1) return this.operator(operator, spec[operator]);
      throw new MongoError(
        15983,
        `an object representing an expression must have exactly one field: ${names.join(', ')}`,
      );
    }
    const dotted = names.find((name) => name.includes('.'));
    if (dotted !== undefined)
      throw new MongoError(
        16412,
        `FieldPath field names may not contain '.'. Consider using $getField or $setField: '${dotted}'`,
      );
    const fields = names.map((name) => [name, this.compile(spec[name])] as const);
    return (env) => {
      const result: Doc = {};
      for (const [name, expr] of fields) {
        const value = expr(env);
        if (value !== undefined) result[name] = value;
      }
      return result;
    };
  }
}
