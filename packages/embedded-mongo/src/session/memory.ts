/**
 * What a session's last numbered write or commit answered, kept in the table beside its effects, so that the same number
 * sent again (after a lost reply, or after this process was killed) is answered and not applied twice.
 */
import { Long } from 'bson';
import { engine } from '../engine.js';
import { REMEMBERED_PREFIX, prefixEnd, type Key } from '../store/layout.js';
import type { Overlay, View } from '../store/view.js';
import type { Doc } from '../types.js';

/** As long as a driver may use a session. */
const KEPT_MS = 30 * 60_000;

export interface Remembered {
  txnNumber: bigint;
  kind: 'write' | 'commit';
  reply: Doc;
}

export class Memory {
  remember(overlay: Overlay, session: Key, remembered: Remembered): void {
    const { txnNumber, kind, reply } = remembered;
    overlay.put(
      REMEMBERED_PREFIX + session,
      engine.encode({ at: new Date(), txnNumber: Long.fromBigInt(txnNumber), kind, reply }),
    );
  }

  recall(view: View, session: Key): Remembered | undefined {
    const bytes = view.get(REMEMBERED_PREFIX + session);
    if (bytes === undefined) return undefined;
    const doc = engine.decode(bytes);
    const kind = doc['kind'] === 'commit' ? 'commit' : 'write';
    return { txnNumber: (doc['txnNumber'] as Long).toBigInt(), kind, reply: doc['reply'] as Doc };
  }

  /** Removes what no driver will ask for any more. */
  prune(view: View, overlay: Overlay, now: number): void {
    const range = { start: REMEMBERED_PREFIX, end: prefixEnd(REMEMBERED_PREFIX) };
    for (const [key, bytes] of view.read(range, 1_000_000, false)) {
      const at = engine.decode(bytes)['at'] as Date;
      if (now - at.getTime() > KEPT_MS) overlay.remove(key);
    }
  }
}
