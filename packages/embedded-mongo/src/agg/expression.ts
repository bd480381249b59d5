/** Owns the table of all expression operators, and compiling an expression for a caller that has documents. */
import { isObject } from '../bson/types.js';
import { MongoError } from '../errors.js';
import type { Doc } from '../types.js';
import type { Env, Expr, OperatorTable } from './compiler.js';
import { Compiler, isTrue } from './compiler.js';
import { ARITHMETIC } from './expressions/arithmetic.js';
import { ARRAYS } from './expressions/arrays.js';
import { CONTROL } from './expressions/control.js';
import { CONVERSIONS } from './expressions/conversions.js';
import { DATES } from './expressions/dates.js';
import { OBJECTS } from './expressions/objects.js';
import { STRINGS } from './expressions/strings.js';

/** Every expression operator, as listed in SUPPORTED.md. */
export const EXPRESSIONS: OperatorTable = {
  ...CONTROL,
  ...ARITHMETIC,
  ...STRINGS,
  ...CONVERSIONS,
  ...ARRAYS,
  ...OBJECTS,
  ...DATES,
};

/** A compiler with the command's `let` variables, and the environments its expressions run in. */
export interface Program {
  compiler: Compiler;
  /** One environment may serve many documents in turn: set `root`. */
  env(now: Date, root?: unknown): Env;
}

/** Starts compiling for one command. The values in `let` may be expressions without fields. */
export function program(letVariables: Doc = {}): Program {
  if (!isObject(letVariables)) throw new MongoError(14, `'let' must be an object`);
  const { compiler } = new Compiler(EXPRESSIONS).bind(...Object.keys(letVariables));
  const values = Object.values(letVariables).map((value) => new Compiler(EXPRESSIONS).compile(value));
  return {
    compiler,
    env: (now, root) => {
      const env: Env = { root, vars: [], now };
      env.vars = values.map((value) => value({ root: {}, vars: [], now }));
      return env;
    },
  };
}

/** `$expr` as a predicate; `$$NOW` is one moment for all documents, by default that of compiling. */
export function compilePredicate(spec: unknown, letVariables?: Doc, now = new Date()): (doc: Doc) => boolean {
  const { compiler, env } = program(letVariables);
  const expr: Expr = compiler.compile(spec);
  const environment = env(now);
  return (doc) => {
    environment.root = doc;
    return isTrue(expr(environment));
  };
}
