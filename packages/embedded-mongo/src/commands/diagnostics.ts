/** hello and what clients ask about the server itself; backup. */
import { hostname } from 'node:os';
import { ObjectId } from 'bson';
import { failure, notImplemented } from '../session/failure.js';
import { MAX_DOCUMENT_BYTES } from '../index/mutate.js';
import { MAX_MESSAGE_BYTES } from '../wire/message.js';
import type { Doc } from '../types.js';
import type { Call, Command } from './context.js';
import { MAX_BATCH } from './insert.js';
import { wrongType } from './values.js';
import { waitingForTurn } from './turns.js';

/** The release whose behaviour is followed; drivers derive features from it. `embedded` tells the two apart. */
export const SERVER_VERSION = '7.0.0';
/** 21 is MongoDB 7.0: a driver does not try commands of later releases. */
const MAX_WIRE_VERSION = 21;
const ELECTION_ID = new ObjectId('7fffffff0000000000000001');

function helloReply(call: Call): Doc {
  const { address } = call.server;
  return {
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    secondary: false,
    setName: 'rs0',
    setVersion: 1,
    electionId: ELECTION_ID,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_BATCH,
    // The machine's clock: processes that share leases measure their own clocks against it.
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: call.connection.id,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

export const hello: Command = {
  fields: [
    'client',
    'helloOk',
    'compression',
    'loadBalanced',
    'saslSupportedMechs',
    'speculativeAuthenticate',
    'hostInfo',
    'backpressure',
  ],
  run(call) {
    // A driver that is told a topology version would hold this request open; it polls when it is told none.
    return helloReply(call);
  },
};

export const ping: Command = { fields: [], run: () => ({ ok: 1 }) };

export const buildInfo: Command = {
  fields: [],
  run: () => ({
    version: SERVER_VERSION,
    versionArray: [7, 0, 0, 0],
    gitVersion: 'embedded',
    embedded: true,
    modules: [],
    storageEngines: ['lmdb'],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    ok: 1,
  }),
};

export const serverStatus: Command = {
  fields: [],
  run(call) {
    const { server } = call;
    const uptime = (Date.now() - server.startedAt) / 1000;
    return {
      host: hostname(),
      version: SERVER_VERSION,
      embedded: true,
      process: 'embedded-mongo',
      pid: process.pid,
      uptime: Math.floor(uptime),
      uptimeMillis: Math.round(uptime * 1000),
      localTime: new Date(),
      connections: { current: server.connections.size },
      transactions: { currentOpen: server.sessions.open.size },
      metrics: {
        cursor: { open: { total: server.cursors.size } },
        longWork: waitingForTurn(),
        commands: Object.fromEntries(server.counts),
      },
      mem: { resident: Math.round(process.memoryUsage.rss() / 1024 / 1024) },
      storageEngine: { name: 'lmdb', persistent: true },
      ...(server.backgroundError === undefined ? {} : { backgroundError: server.backgroundError }),
      ok: 1,
    };
  },
};

export const connectionStatus: Command = {
  fields: ['showPrivileges'],
  run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
};

export const getParameter: Command = {
  fields: ['featureCompatibilityVersion'],
  run(call) {
    if (call.body['featureCompatibilityVersion'] === undefined) throw failure(72, 'no option found to get');
    return { featureCompatibilityVersion: { version: '7.0' }, ok: 1 };
  },
};

export const hostInfo: Command = {
  fields: [],
  run: () => ({
    system: { currentTime: new Date(), hostname: hostname(), cpuAddrSize: 64 },
    os: { type: process.platform },
    extra: {},
    ok: 1,
  }),
};

/** `{backup: 1, to: <folder>}`: a hot copy of the data folder, itself a data folder. Not a MongoDB command. */
export const backup: Command = {
  fields: ['to'],
  async run(call) {
    const to = call.body['to'] as unknown;
    if (typeof to !== 'string' || to === '') throw wrongType('to', 'the path of a folder');
    await call.server.store.backup(to);
    return { to, ok: 1 };
  },
};

export const configureFailPoint: Command = {
  fields: ['mode', 'data'],
  run(call) {
    const { server, body } = call;
    if (!server.testMode) throw failure(59, "no such command: 'configureFailPoint'");
    if (body['configureFailPoint'] !== 'failCommand')
      throw notImplemented(`fail point ${String(body['configureFailPoint'])}`);
    armFault(server.failPoints, body['mode'], (body['data'] as Doc | undefined) ?? {});
    return { ok: 1 };
  },
};

function armFault(points: Call['server']['failPoints'], mode: unknown, data: Doc): void {
  if (mode === 'off') {
    points.disarm();
    return;
  }
  const { times, skip } = typeof mode === 'object' && mode !== null ? (mode as Doc) : ({} as Doc);
  const blocks = data['blockConnection'] === true ? Number(data['blockTimeMS'] ?? 0) : 0;
  const closes = data['closeAfterApply'] === true ? 'after' : data['closeConnection'] === true ? 'before' : undefined;
  points.arm(
    (data['failCommands'] as string[] | undefined) ?? [],
    Number(skip ?? 0),
    times === undefined ? Infinity : Number(times),
    {
      ...(closes ? { close: closes } : {}),
      ...(data['errorCode'] === undefined ? {} : { errorCode: Number(data['errorCode']) }),
      ...(data['errorLabels'] === undefined ? {} : { errorLabels: data['errorLabels'] as string[] }),
      ...(data['writeConcernError'] === undefined ? {} : { writeConcernError: data['writeConcernError'] as Doc }),
      ...(blocks > 0 ? { blockMs: blocks } : {}),
    },
  );
}
