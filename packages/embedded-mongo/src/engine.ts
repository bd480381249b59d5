/** Owns the one object through which the server half calls the pure half. */
import type { Engine } from './types.js';
import { compilePipeline } from './agg/pipeline.js';
import { compileSort } from './agg/sort.js';
import { decode, encode } from './bson/codec.js';
import { decodeFields } from './bson/fields.js';
import { compare } from './bson/compare.js';
import { splitPath } from './bson/document.js';
import { encodeKey, encodeKeyText } from './keys/encode.js';
import { splitKeyText } from './keys/split.js';
import { indexValues, plainValues } from './keys/values.js';
import { compileProjection } from './project/projection.js';
import { compileFilter } from './query/filter.js';
import { upsertSeed } from './update/seed.js';
import { compileUpdate } from './update/update.js';

export const engine: Engine = {
  decode,
  decodeFields,
  encode,
  compare,
  encodeKey,
  encodeKeyText,
  splitKeyText,
  splitPath,
  plainValues,
  indexValues,
  compileFilter,
  compileUpdate,
  upsertSeed,
  compileProjection,
  compileSort,
  compilePipeline,
};
