/** commitTransaction, abortTransaction, startSession, endSessions, refreshSessions, killSessions */
import { randomUUID } from 'node:crypto';
import { Binary } from 'bson';
import { failure } from '../session/failure.js';
import type { Doc } from '../types.js';
import type { Call, Command } from './context.js';
import { docsField } from './values.js';

function target(call: Call): { session: NonNullable<Call['session']>; number: bigint } {
  if (!call.session || call.retryNumber === undefined)
    throw failure(72, `${call.request.name} must be run in a transaction`);
  return { session: call.session, number: call.retryNumber };
}

export const commitTransaction: Command = {
  fields: ['recoveryToken'],
  run(call) {
    const { session, number } = target(call);
    return call.server.sessions.commit(session, number);
  },
};

export const abortTransaction: Command = {
  fields: ['recoveryToken'],
  run(call) {
    const { session, number } = target(call);
    call.server.sessions.finish(call.server.sessions.current(session, number), 'aborted');
    return { ok: 1 };
  },
};

export const startSession: Command = {
  fields: [],
  run() {
    const id = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
    return { id: { id }, timeoutMinutes: 30, ok: 1 };
  },
};

function forEachSession(act: (call: Call, lsid: Doc) => void): Command['run'] {
  return (call) => {
    for (const lsid of docsField(call.body, call.request.name) ?? []) act(call, lsid);
    return { ok: 1 };
  };
}

export const endSessions: Command = {
  fields: [],
  run: forEachSession((call, lsid) => call.server.sessions.endSession(lsid)),
};
export const killSessions: Command = endSessions;
export const refreshSessions: Command = {
  fields: [],
  run: forEachSession((call, lsid) => void call.server.sessions.session(lsid)),
};
