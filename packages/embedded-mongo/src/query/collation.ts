/** Owns the refusal of collations: only the one that changes nothing is accepted. */
import { notImplemented } from '../errors.js';
import type { Doc } from '../types.js';

/** Another collation would need another comparer in indexes, sorts and groups alike. Error 238. */
export function refuseCollation(collation: Doc | undefined): void {
  if (collation && Object.keys(collation).length > 0 && collation.locale !== 'simple')
    throw notImplemented('a collation other than simple');
}
