/** update, delete, findAndModify */
import { engine } from '../engine.js';
import { failure, notImplemented } from '../session/failure.js';
import type { CompiledUpdate, Doc } from '../types.js';
import { collectionName, type Call, type Command } from './context.js';
import { asNumber, docField, docsField, flag, hintField, isDoc, wrongType } from './values.js';
import { writeReply } from './insert.js';
import { collationOf, deleteTargets, updateTargets, type Target } from './modify.js';
import { namedIds } from '../plan/covered.js';
import { encodeId, type Key } from '../store/layout.js';
import { eachStatement, ensureCollection, runWrite } from './write.js';

interface UpdateStatement {
  target: Target;
  update: CompiledUpdate;
  upsert: boolean;
}

const UPDATE_FIELDS = new Set(['q', 'u', 'multi', 'upsert', 'arrayFilters', 'hint', 'collation', 'c', 'sort']);
const DELETE_FIELDS = new Set(['q', 'limit', 'hint', 'collation']);

/** Every statement is compiled, and so validated, before the first document is touched. */
export const update: Command = {
  fields: ['updates', 'ordered', 'bypassDocumentValidation', 'let'],
  inTransaction: true,
  async run(call) {
    const name = collectionName(call);
    const statements = statementsOf(call, 'updates').map((statement) => compileUpdateStatement(call, statement));
    if (statements.some((statement) => statement.upsert)) await ensureCollection(call, name);
    return runWrite(call, (scope) => {
      const collection = scope.catalog.get(call.db, name);
      const upserted: Doc[] = [];
      let n = 0;
      let nModified = 0;
      if (!collection) return writeReply({ n, nModified }, []);
      const errors = eachStatement(
        call,
        statements,
        call.body['ordered'] !== false,
        ({ target, update: change, upsert }, index) => {
          const result = updateTargets(scope, collection, target, change, upsert);
          if ('upsertedId' in result) upserted.push({ index, _id: result.upsertedId });
          n += 'upsertedId' in result ? 1 : result.matched;
          nModified += result.modified;
        },
      );
      return writeReply({ n, nModified, ...(upserted.length > 0 ? { upserted } : {}) }, errors);
    });
  },
};

function statementsOf(call: Call, argument: string): Doc[] {
  const sent =
    call.request.sequences.get(argument)?.map((bytes) => engine.decode(bytes)) ?? docsField(call.body, argument) ?? [];
  if (sent.length < 1 || sent.length > 100_000) {
    throw failure(16, `Write batch sizes must be between 1 and 100000. Got ${sent.length} operations.`);
  }
  return sent;
}

function refuseUnknown(statement: Doc, known: ReadonlySet<string>, what: string): void {
  for (const name of Object.keys(statement)) if (!known.has(name)) throw notImplemented(`option '${name}' of ${what}`);
}

export function compileUpdateStatement(call: Call, statement: Doc): UpdateStatement {
  refuseUnknown(statement, UPDATE_FIELDS, 'an update statement');
  const multi = flag(statement, 'multi');
  const change = compileChange(statement['u'], docsField(statement, 'arrayFilters'), docField(call.body, 'let'));
  if (multi && change.kind === 'replace')
    throw failure(9, 'multi update is not supported for replacement-style update');
  if (multi && statement['sort'] !== undefined) throw failure(9, 'Cannot specify sort with multi=true');
  if (statement['c'] !== undefined) throw notImplemented("option 'c' of an update statement");
  return { target: compileTarget(call, statement, 'q', multi), update: change, upsert: flag(statement, 'upsert') };
}

export function compileChange(u: unknown, arrayFilters: Doc[] | undefined, variables: Doc | undefined): CompiledUpdate {
  if (!isDoc(u) && !Array.isArray(u)) throw wrongType('u', 'an object or an array');
  return engine.compileUpdate(u as Doc | Doc[], {
    ...(arrayFilters ? { arrayFilters } : {}),
    ...(variables ? { let: variables } : {}),
  });
}

export function compileTarget(call: Call, statement: Doc, filterName: string, multi: boolean): Target {
  const collation = collationOf(docField(statement, 'collation'));
  const variables = docField(call.body, 'let');
  const filter = engine.compileFilter(docField(statement, filterName) ?? {}, {
    ...(collation ? { collation } : {}),
    ...(variables ? { let: variables } : {}),
  });
  const hint = hintField(statement);
  const sort = docField(statement, 'sort');
  return {
    ...(hint === undefined && !collation ? idKeysOf(docField(statement, filterName)) : {}),
    filter,
    multi,
    collated: collation !== undefined,
    ...(hint === undefined ? {} : { hint }),
    ...(sort && Object.keys(sort).length > 0 ? { sort: engine.compileSort(sort, collation ? { collation } : {}) } : {}),
  };
}

/** Documents that `_id` names are read without asking for a plan, whatever else is asked of them. */
function idKeysOf(query: Doc | undefined): { ids?: Key[] } {
  const named = query && namedIds(query);
  return named ? { ids: [...new Set(named.map(encodeId))].sort() } : {};
}

export const remove: Command = {
  fields: ['deletes', 'ordered', 'let'],
  inTransaction: true,
  run(call) {
    const name = collectionName(call);
    const targets = statementsOf(call, 'deletes').map((statement) => {
      refuseUnknown(statement, DELETE_FIELDS, 'a delete statement');
      return compileTarget(call, statement, 'q', asNumber(statement['limit']) !== 1);
    });
    return runWrite(call, (scope) => {
      const collection = scope.catalog.get(call.db, name);
      let n = 0;
      if (!collection) return { n, ok: 1 };
      const errors = eachStatement(call, targets, call.body['ordered'] !== false, (target) => {
        n += deleteTargets(scope, collection, target).length;
      });
      return writeReply({ n }, errors);
    });
  },
};

export const findAndModify: Command = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'hint',
    'collation',
    'let',
    'bypassDocumentValidation',
  ],
  inTransaction: true,
  async run(call) {
    const { body } = call;
    const name = collectionName(call);
    const removing = flag(body, 'remove');
    if (removing === (body['update'] !== undefined))
      throw failure(9, 'Either an update or remove=true must be specified');
    if (removing && flag(body, 'upsert')) throw failure(9, 'Cannot specify both upsert=true and remove=true ');
    if (removing && flag(body, 'new'))
      throw failure(9, "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
    const target = compileTarget(call, body, 'query', false);
    const fields = docField(body, 'fields');
    const projection = fields && Object.keys(fields).length > 0 ? engine.compileProjection(fields) : undefined;
    const shape = (doc: Doc | undefined): Doc | null =>
      doc === undefined ? null : projection ? projection.apply(doc) : doc;
    const change = removing
      ? undefined
      : compileChange(body['update'], docsField(body, 'arrayFilters'), docField(body, 'let'));
    if (flag(body, 'upsert')) await ensureCollection(call, name);
    return runWrite(call, (scope) => {
      const collection = scope.catalog.get(call.db, name);
      if (!collection) return modifyReply(null, { n: 0, ...(removing ? {} : { updatedExisting: false }) });
      if (!change) {
        const removed = deleteTargets(scope, collection, target);
        return modifyReply(shape(removed[0]), { n: removed.length });
      }
      const result = updateTargets(scope, collection, target, change, flag(body, 'upsert'));
      const value = flag(body, 'new') ? result.after : result.before;
      const upserted = 'upsertedId' in result;
      return modifyReply(shape(value), {
        n: upserted ? 1 : result.matched,
        updatedExisting: result.matched > 0,
        ...(upserted ? { upserted: result.upsertedId } : {}),
      });
    });
  },
};

function modifyReply(value: Doc | null, lastErrorObject: Doc): Doc {
  return { lastErrorObject, value, ok: 1 };
}
