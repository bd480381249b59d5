/** Imports of customers and orders from files: read, map, check, write by the batch. Entered here. */
export { importModels } from './models.js';
export type { ImportModels, ImportRecord } from './models.js';
export { createStoreEvents, openImporter } from './open.js';
export type { OpenParts } from './open.js';
export type { BatchResult, Fate, HistoryPort, LivePort, StoreEvents } from './ports.js';
export { createImporter } from './run.js';
export type { Importer, ImporterParts, ImportOutcome, ImportProgress, ImportRequest } from './run.js';
export { ImportProblem, fileProblems } from './problem.js';
export { findFormat, sampleRows } from './read.js';
export { isReason, reasons } from './reasons.js';
export { suggestMapping } from './suggest.js';
export { createImportService } from './service.js';
export type { ImportService, ImportServiceParts, Upload } from './service.js';
