/** Owns pipelines as updates: only stages that turn one document into one. */
import { MongoError, failedToParse, invalidOptions } from '../errors.js';
import { isObject } from '../bson/types.js';
import type { Doc } from '../types.js';
import { program } from './expression.js';
import type { Transform } from './transforms.js';
import { TRANSFORMS } from './transforms.js';

/** Compiles the stages; the result maps one document to the next. Errors 9, 40323, 72. */
export function compileUpdatePipeline(pipeline: readonly Doc[], letVariables?: Doc): (doc: Doc, now: Date) => Doc {
  const { compiler, env } = program(letVariables);
  const stages = pipeline.map((stage): Transform => {
    if (!isObject(stage)) throw failedToParse('Each element of the pipeline must be an object');
    const [name = '', ...more] = Object.keys(stage);
    if (more.length > 0 || name === '')
      throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    const build = Object.hasOwn(TRANSFORMS, name) ? TRANSFORMS[name] : undefined;
    if (!build) throw invalidOptions(`${name} is not allowed to be used within an update`);
    return build(stage[name], compiler);
  });
  return (doc, now) => {
    const environment = env(now);
    return stages.reduce((current, transform) => {
      environment.root = current;
      return transform(current, environment);
    }, doc);
  };
}
