/** Owns the document an upsert starts from: what the filter says by equality. */
import { MongoError } from '../errors.js';
import type { CompiledFilter, Doc } from '../types.js';
import { isRegex } from '../query/regex.js';
import { Draft } from './draft.js';
import { parseUpdatePath } from './paths.js';

/** Error 54 when two equalities speak about the same or nested paths. */
export function upsertSeed(filter: CompiledFilter): Doc {
  const draft = new Draft({});
  const seen: string[] = [];
  for (const { path, value } of filter.equalities) {
    if (isRegex(value)) continue;
    const clash = seen.find((other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`));
    if (clash !== undefined)
      throw new MongoError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    seen.push(path);
    draft.set(parseUpdatePath(path), value);
  }
  return draft.root;
}
