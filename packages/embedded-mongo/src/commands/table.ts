/** Every command the database knows. What is not here does not exist (error 59). */
import type { Command } from './context.js';
import { aggregate } from './aggregate.js';
import { create, drop, dropDatabase, listCollections, listDatabases } from './collections.js';
import {
  backup,
  buildInfo,
  configureFailPoint,
  connectionStatus,
  getParameter,
  hello,
  hostInfo,
  ping,
  serverStatus,
} from './diagnostics.js';
import { explain } from './explain.js';
import { count, distinct, find, getMore, killCursors } from './find.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import {
  abortTransaction,
  commitTransaction,
  endSessions,
  killSessions,
  refreshSessions,
  startSession,
} from './sessions.js';
import { findAndModify, remove, update } from './update.js';

export const COMMANDS: Readonly<Record<string, Command>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus,
  connectionStatus,
  getParameter,
  hostInfo,
  backup,
  configureFailPoint,
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate,
  explain,
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  createIndexes,
  dropIndexes,
  listIndexes,
  commitTransaction,
  abortTransaction,
  startSession,
  endSessions,
  refreshSessions,
  killSessions,
};
