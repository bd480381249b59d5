/**
 * From a request to a reply: faults, look-up, options, session and transaction, run, error form.
 * Must not know what any single command does.
 */
import { Long, serialize } from 'bson';
import { asNumber, docField } from './values.js';
import { engine } from '../engine.js';
import { commandNotFound, notImplemented } from '../errors.js';
import { MongoError, failure } from '../session/failure.js';
import { tooOld } from '../session/sessions.js';
import type { Fault } from '../session/failpoints.js';
import type { Connection, Handled } from '../wire/connection.js';
import type { Request } from '../wire/message.js';
import type { Doc } from '../types.js';
import type { Call, Command, Reply, Server } from './context.js';
import { COMMANDS } from './table.js';

/** Options every command takes. Read and write concern hold by themselves: one node, fsync before the acknowledgement. */
const GENERIC = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  '$readPreference',
  '$clusterTime',
  'comment',
  'maxTimeMS',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

/** Closed network error codes after which a driver sends a write again. */
const RETRYABLE_CODES = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
const CONTROL = new Set(['commitTransaction', 'abortTransaction']);

export async function dispatch(server: Server, request: Request, connection: Connection): Promise<Handled> {
  const fault = server.failPoints.take(request.name);
  if (fault?.blockMs) await new Promise((resolve) => setTimeout(resolve, fault.blockMs));
  if (fault?.close === 'before') return { close: true };
  const reply = await answer(server, request, connection, fault);
  if (fault?.close === 'after') return { close: true };
  return { reply };
}

async function answer(
  server: Server,
  request: Request,
  connection: Connection,
  fault: Fault | undefined,
): Promise<Uint8Array> {
  const call: Call = { server, request, db: request.db, body: request.body, connection };
  try {
    if (fault?.errorCode !== undefined) throw faultError(fault, fault.errorCode);
    const command = lookUp(call);
    server.counts.set(request.name, (server.counts.get(request.name) ?? 0) + 1);
    const reply = await runInSession(call, command);
    return finish(reply, fault);
  } catch (error) {
    return engine.encode(errorReply(call, error));
  }
}

function finish(reply: Reply, fault: Fault | undefined): Uint8Array {
  if (reply instanceof Uint8Array) return reply;
  if (fault?.writeConcernError) reply['writeConcernError'] = fault.writeConcernError;
  if (fault?.writeConcernError && fault.errorLabels) reply['errorLabels'] = fault.errorLabels;
  return 'ok' in reply ? serialize(reply) : serialize({ ...reply, ok: 1 });
}

function lookUp(call: Call): Command {
  const { request, body } = call;
  const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
  if (!command) throw commandNotFound(request.name);
  if (request.legacy && !/^(hello|ismaster)$/i.test(request.name))
    throw failure(352, `Unsupported OP_QUERY command: ${request.name}`);
  for (const name of Object.keys(body)) {
    if (name !== request.name && !GENERIC.has(name) && !command.fields.includes(name)) {
      throw notImplemented(`option '${name}' of command ${request.name}`);
    }
  }
  for (const name of request.sequences.keys())
    if (!command.fields.includes(name)) throw notImplemented(`argument '${name}'`);
  checkConcerns(body);
  if (body['apiVersion'] !== undefined && body['apiVersion'] !== '1') throw failure(322, 'API version must be "1"');
  return command;
}

/** There is one node: what needs more, or a moment in the past, cannot be had. */
function checkConcerns(body: Doc): void {
  for (const name of Object.keys(docField(body, 'readConcern') ?? {})) {
    if (name !== 'level') throw notImplemented(`option 'readConcern.${name}'`);
  }
  const w = docField(body, 'writeConcern')?.['w'] as unknown;
  if (typeof w === 'string' && w !== 'majority')
    throw failure(79, `No write concern mode named '${w}' found in replica set configuration`);
  if ((asNumber(w) ?? 0) > 1) throw failure(100, 'Not enough data-bearing nodes');
}

/** Resolves session and transaction; statements of one transaction wait for each other. */
async function runInSession(call: Call, command: Command): Promise<Reply> {
  const { body, server } = call;
  const lsid = docField(body, 'lsid');
  if (!lsid) {
    if (body['txnNumber'] !== undefined)
      throw failure(72, 'Transaction number requires a session ID to also be specified');
    return command.run(call);
  }
  call.session = server.sessions.session(lsid);
  const number = body['txnNumber'] as unknown;
  if (number === undefined) return command.run(call);
  const txnNumber = number instanceof Long ? bigOf(number) : BigInt(asNumber(number) ?? 0);
  if (body['autocommit'] !== false) {
    if (body['startTransaction'] !== undefined)
      throw failure(72, 'Specifying startTransaction requires autocommit: false');
    return runRetryable(call, command, txnNumber);
  }
  return inTurn(call.session, () => runStatement(call, command, txnNumber));
}

/** Long.toBigInt goes through decimal text; every statement carries such a number. */
function bigOf(long: Long): bigint {
  return (BigInt(long.high) << 32n) | BigInt(long.low >>> 0);
}

async function runRetryable(call: Call, command: Command, txnNumber: bigint): Promise<Reply> {
  const session = call.session as NonNullable<Call['session']>;
  if (txnNumber < session.txnNumber) throw tooOld(txnNumber, session.txnNumber);
  if (txnNumber > session.txnNumber) {
    call.server.sessions.abort(session);
    session.txnNumber = txnNumber;
    delete session.transaction;
  }
  call.retryNumber = txnNumber;
  return inTurn(session, () => command.run(call));
}

async function runStatement(call: Call, command: Command, txnNumber: bigint): Promise<Reply> {
  const { body, server, request } = call;
  const session = call.session as NonNullable<Call['session']>;
  if (CONTROL.has(request.name)) {
    call.retryNumber = txnNumber;
    return command.run(call);
  }
  const transaction =
    body['startTransaction'] === true
      ? server.sessions.begin(session, txnNumber)
      : server.sessions.current(session, txnNumber);
  transaction.connections.add(call.connection);
  call.transaction = transaction;
  try {
    if (!command.inTransaction) throw failure(263, `Cannot run '${request.name}' in a multi-document transaction.`);
    const reply = await command.run(call);
    if (call.abortTransaction) server.sessions.finish(transaction, 'aborted');
    return reply;
  } catch (error) {
    if (transaction.state === 'open') server.sessions.finish(transaction, 'aborted');
    throw error;
  }
}

function inTurn<T>(session: { tail: Promise<unknown> }, run: () => Promise<T> | T): Promise<T> {
  const turn = session.tail.then(run, run);
  session.tail = turn.catch(() => undefined);
  return turn;
}

function faultError(fault: Fault, code: number): MongoError {
  return failure(
    code,
    "Failing command via 'failCommand' failpoint",
    fault.errorLabels ? { labels: fault.errorLabels } : {},
  );
}

function errorReply(call: Call, error: unknown): Doc {
  if (!(error instanceof MongoError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: 0, errmsg: `internal error: ${text}`, code: 1, codeName: 'InternalError' };
  }
  const labels = labelsOf(call, error);
  const reply: Doc = { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.extra };
  return labels.length > 0 ? { ...reply, errorLabels: labels } : reply;
}

/** RetryableWriteError where a driver may send the same write or commit again (MongoDB's retryable writes specification). */
function labelsOf(call: Call, error: MongoError): string[] {
  const labels = new Set(error.labels);
  if (labels.size > 0 || !RETRYABLE_CODES.has(error.code)) return [...labels];
  if (call.transaction) labels.add('TransientTransactionError');
  else if (call.body['txnNumber'] !== undefined) labels.add('RetryableWriteError');
  return [...labels];
}
