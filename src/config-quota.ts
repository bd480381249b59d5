/** Finds the platform's numbers that hold at a moment in the dated tables of the configuration. */
import type { Config } from './config.js';

type Table = Config['quota']['official-account'][number];
type CreditKind = 'message' | 'menu' | 'follow' | 'scan';
const kinds: readonly string[] = ['message', 'menu', 'follow', 'scan'] satisfies CreditKind[];

/** What an action of the person opens on a channel at a moment; undefined when it opens nothing there. */
export function creditRuleAt(
  quota: Config['quota'],
  action: { channel: string; kind: string; at: Date },
): Table['message'] | undefined {
  if (action.channel !== 'official-account' || !kinds.includes(action.kind)) return undefined;
  return tableAt(quota['official-account'], action.at)?.[action.kind as CreditKind];
}

/** The latest table that began; the platform's day begins at midnight in China, which has had one offset since 1991. */
export function tableAt<T extends { from: string }>(tables: readonly T[], at: Date): T | undefined {
  return tables.findLast((table) => Date.parse(`${table.from}T00:00:00+08:00`) <= at.getTime());
}
