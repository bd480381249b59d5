/** A key may be bound to sources: one shop's system then cannot report, spend or look up in the name of another. */
import type { ProvedKey } from '../../domain/staff/index.js';
import { RequestProblem } from '../../errors.js';

/** Where bodies name a source: themselves, the order they are about, the customer's id elsewhere. */
const places = [[], ['order'], ['customer']] as const;

/** 403 open.sourceNotAllowed. */
export function refuseOtherSources({ sources }: Pick<ProvedKey, 'sources'>, body: unknown): void {
  if (sources.length === 0) return;
  for (const place of places) {
    const source = fieldOf(place.reduce(fieldOf, body), 'source');
    if (typeof source !== 'string' || sources.includes(source)) continue;
    throw new RequestProblem(403, 'open.sourceNotAllowed', `This key may not act for the source ${source}.`);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
