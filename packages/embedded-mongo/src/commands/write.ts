/** How every writing command runs: in its transaction, or alone in the next group with its answer remembered. */
import { MongoError, MustWait } from '../session/failure.js';
import { PlainScope } from '../session/transaction.js';
import type { WriteScope } from '../index/mutate.js';
import type { Collection } from '../store/catalog.js';
import type { Doc } from '../types.js';
import type { Call } from './context.js';
import { Overlay, type View } from '../store/view.js';

/**
 * Runs the body with a scope to write in. A plain write that meets a key of an open transaction gives up everything it
 * did, waits for that transaction to end and starts again, so it never holds anything while it waits.
 */
export async function runWrite(call: Call, body: (scope: WriteScope) => Doc): Promise<Doc> {
  if (call.transaction) return body(call.transaction);
  const { store } = call.server;
  return untilFree(() => store.write((view) => attempt(call, view, body)));
}

/** Repeats until no open transaction is in the way. */
export async function untilFree<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof MustWait)) throw error;
      await error.ended;
    }
  }
}

function attempt(call: Call, view: View, body: (scope: WriteScope) => Doc): Doc {
  const { store, catalog, sessions } = call.server;
  const remembered =
    call.retryNumber === undefined || !call.session ? undefined : sessions.memory.recall(view, call.session.id);
  if (remembered && remembered.txnNumber === call.retryNumber && remembered.kind === 'write') return remembered.reply;
  const scope = new PlainScope(view, catalog, sessions.locks);
  const reply = body(scope);
  if (call.retryNumber !== undefined && call.session) {
    sessions.memory.remember(scope.overlay, call.session.id, {
      txnNumber: call.retryNumber,
      kind: 'write',
      reply: { ...reply },
    });
  }
  if (scope.overlay.entries.size + scope.overlay.beforeApply.size > 0) store.apply(scope.overlay);
  return reply;
}

/**
 * The collection, created when absent. Creation is a commit of its own, also inside a transaction: what rolls back is the
 * documents, an empty collection may stay.
 */
export async function ensureCollection(call: Call, name: string): Promise<Collection> {
  const { store, catalog } = call.server;
  const known = catalog.get(call.db, name);
  if (known) return known;
  return store.write(() => {
    const existing = catalog.get(call.db, name);
    if (existing) return existing;
    const overlay = new Overlay();
    const created = catalog.create(call.db, name, overlay);
    store.apply(overlay);
    return created;
  });
}

/**
 * Runs the statements of one command. Ordered: stops at the first error. In a transaction a conflict is the command's
 * error, any other error is reported and ends the transaction.
 */
export function eachStatement<T>(
  call: Call,
  statements: readonly T[],
  ordered: boolean,
  run: (statement: T, index: number) => void,
): Doc[] {
  const errors: Doc[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof MongoError) || (call.transaction && error.labels?.includes('TransientTransactionError')))
        throw error;
      errors.push({ index, code: error.code, errmsg: error.message, ...error.extra });
      if (call.transaction) call.abortTransaction = true;
      if (ordered || call.transaction) break;
    }
  }
  return errors;
}
