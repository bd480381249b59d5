/**
 * Owns the errors that reach a client: numbers and names as MongoDB's `error_codes.yml` has them, and nothing else.
 * Throwing one is how any part of the database refuses; the command layer turns it into a reply.
 */
import type { Doc, MongoErrorShape } from './types.js';

/** Code to name, for the codes this database uses. Location errors (five digits) are named `Location<code>`. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'InternalError',
  2: 'BadValue',
  4: 'NoSuchKey',
  9: 'FailedToParse',
  11: 'UserNotFound',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  51: 'ManualInterventionRequired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  55: 'InvalidDBRef',
  56: 'EmptyFieldName',
  57: 'DottedFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  68: 'IndexAlreadyExists',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  121: 'DocumentValidationFailure',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  206: 'NoSuchSession',
  225: 'TransactionTooOld',
  237: 'CursorKilled',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  246: 'SnapshotUnavailable',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  257: 'TransactionTooLarge',
  263: 'OperationNotSupportedInTransaction',
  276: 'IndexBuildAborted',
  279: 'ClientDisconnect',
  290: 'TransactionExceededLifetimeLimitSeconds',
  291: 'NoQueryExecutionPlans',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
  11601: 'Interrupted',
  17280: 'KeyTooLong',
};

/** The name a driver shows for a code. */
export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `Location${code}`;
}

/** An error as the driver will see it. `extra` is merged into the reply (for example `keyPattern`, `keyValue`). */
export class MongoError extends Error implements MongoErrorShape {
  readonly code: number;
  readonly codeName: string;
  labels?: string[];
  extra?: Doc;

  constructor(code: number, message: string, options: { labels?: string[]; extra?: Doc } = {}) {
    super(message);
    this.name = 'MongoError';
    this.code = code;
    this.codeName = codeName(code);
    if (options.labels) this.labels = options.labels;
    if (options.extra) this.extra = options.extra;
  }
}

type Maker = (message: string) => MongoError;
const maker =
  (code: number): Maker =>
  (message) =>
    new MongoError(code, message);

export const badValue = maker(2);
export const failedToParse = maker(9);
export const typeMismatch = maker(14);
export const namespaceNotFound = maker(26);
export const indexNotFound = maker(27);
export const pathNotViable = maker(28);
export const conflictingUpdate = maker(40);
export const cursorNotFound = maker(43);
export const namespaceExists = maker(48);
export const dollarPrefixedField = maker(52);
export const invalidIdField = maker(53);
export const emptyFieldName = maker(56);
export const immutableField = maker(66);
export const invalidOptions = maker(72);
export const conversionFailure = maker(241);
export const bsonTooLarge = maker(17419);

/** A command that does not exist. */
export function commandNotFound(name: string): MongoError {
  return new MongoError(59, `no such command: '${name}'`);
}

/** A feature MongoDB has and this database refuses, before any data is touched. */
export function notImplemented(feature: string): MongoError {
  return new MongoError(238, `${feature} is not supported by this embedded database`);
}

/** Another writer was first; the driver may run the whole transaction again. */
export function writeConflict(inTransaction: boolean): MongoError {
  const message =
    'Write conflict during plan execution and yielding is disabled. Please retry your operation or multi-document transaction.';
  return new MongoError(112, message, inTransaction ? { labels: ['TransientTransactionError'] } : {});
}

/**
 * A unique index already holds the key. The message has the form drivers and plugins parse:
 * `E11000 duplicate key error collection: db.c index: name dup key: { a: 1 }`.
 */
export function duplicateKey(at: {
  namespace: string;
  index: string;
  keyPattern: Doc;
  keyValue: Doc;
  shown: string;
}): MongoError {
  const message = `E11000 duplicate key error collection: ${at.namespace} index: ${at.index} dup key: ${at.shown}`;
  return new MongoError(11000, message, { extra: { keyPattern: at.keyPattern, keyValue: at.keyValue } });
}
