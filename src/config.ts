/**
 * Loads the configuration once, at the start: config/default.yaml < config/<NODE_ENV>.yaml < the file in HUIKE_CONFIG < environment.
 * Refuses unknown keys, names every problem at once, and freezes what it returns. Nothing else reads the environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ConfigSchema } from './config-schema.js';
import type { ConfigFile } from './config-schema.js';
import { ConfigProblem } from './errors.js';

/** Frozen in depth. `dataDir`, `clockFile` and `configDir`, where default.yaml lies, are absolute. */
export type Config = ConfigFile & { environment: string; production: boolean; configDir: string };

export interface ConfigSource {
  env: Readonly<Record<string, string | undefined>>;
  /** Relative paths in the configuration are taken from here. */
  cwd: string;
  /** The folder with default.yaml; `<cwd>/config` when left out. */
  dir?: string;
}

type Problem = ConfigProblem['problems'][number];
type Tree = Record<string, unknown>;

/** Environment variables and the key each one sets. */
const variables: Readonly<Record<string, string>> = {
  PORT: 'port',
  MONGODB_URI: 'mongodbUri',
  REDIS_URL: 'redisUrl',
  HUIKE_HOST: 'host',
  HUIKE_PUBLIC_URL: 'publicUrl',
  HUIKE_DATA_DIR: 'dataDir',
  HUIKE_SECRET_KEYS: 'secretKeys',
  HUIKE_CLOCK: 'clockFile',
  HUIKE_LOG_LEVEL: 'logLevel',
};

/** @throws ConfigProblem with every problem, its path and what to do. */
export function loadConfig({ env, cwd, dir = join(cwd, 'config') }: ConfigSource): Config {
  const problems: Problem[] = [];
  const environment = env['NODE_ENV'] || 'development';
  const production = environment === 'production';
  const files = [join(dir, 'default.yaml'), ...environmentFile(dir, environment), ...extraFile(env, cwd)];
  const layers = files.map((file) => readLayer(file, problems));
  const merged = [...layers, environmentLayer(env)].reduce(merge, {});
  const parsed = ConfigSchema.safeParse(merged);
  // A layer that could not be read explains its missing keys already.
  if (!parsed.success && problems.length === 0) problems.push(...parsed.error.issues.flatMap(describe));
  if (production) problems.push(...productionProblems(merged));
  if (!parsed.success || problems.length > 0) throw new ConfigProblem(problems);
  const { dataDir, clockFile } = parsed.data;
  const paths = { dataDir: resolve(cwd, dataDir), ...(clockFile ? { clockFile: resolve(cwd, clockFile) } : {}) };
  return deepFreeze({ ...parsed.data, ...paths, environment, production, configDir: resolve(dir) });
}

function environmentFile(dir: string, environment: string): string[] {
  if (!/^[a-z][a-z0-9-]*$/.test(environment)) return [];
  const file = join(dir, `${environment}.yaml`);
  return existsSync(file) ? [file] : [];
}

function extraFile(env: ConfigSource['env'], cwd: string): string[] {
  return env['HUIKE_CONFIG'] ? [resolve(cwd, env['HUIKE_CONFIG'])] : [];
}

function readLayer(file: string, problems: Problem[]): Tree {
  try {
    const tree: unknown = parse(readFileSync(file, 'utf8')) ?? {};
    if (isTree(tree)) return tree;
    problems.push({ path: file, message: 'does not hold keys and values', remedy: 'Write it as YAML, key: value' });
  } catch (error) {
    const reason = String(error)
      .split('\n')[0]
      ?.replace(/^\w*Error: /, '');
    problems.push({
      path: file,
      message: `cannot be read: ${reason}`,
      remedy: 'Correct the file, or its name in HUIKE_CONFIG',
    });
  }
  return {};
}

function environmentLayer(env: ConfigSource['env']): Tree {
  const set = Object.entries(variables).flatMap(([name, key]) => {
    const value = env[name]?.trim();
    return value ? [[key, key === 'secretKeys' ? value.split(/[\s,]+/) : value] as const] : [];
  });
  return Object.fromEntries(set);
}

/** Maps are merged key by key; everything else, lists too, is replaced by the later layer. A null takes a value away. */
function merge(below: Tree, above: Tree): Tree {
  const result: Tree = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = result[key];
    if (value === null) delete result[key];
    else result[key] = isTree(under) && isTree(value) ? merge(under, value) : value;
  }
  return result;
}

function productionProblems(merged: Tree): Problem[] {
  const problems: Problem[] = [];
  if (merged['secretKeys'] === undefined) {
    const remedy = `Set HUIKE_SECRET_KEYS to id:base64 of 32 bytes, made for example by: echo "k1:$(openssl rand -base64 32)"`;
    problems.push({ path: 'secretKeys', message: 'is missing, and production does not make keys by itself', remedy });
  }
  if (merged['clockFile'] !== undefined) {
    const remedy = 'Unset HUIKE_CLOCK, or do not run with NODE_ENV=production';
    problems.push({ path: 'clockFile', message: 'moves business time, which production refuses', remedy });
  }
  return problems;
}

function describe(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const remedy = 'Remove it, or correct its spelling (docs/operations.md lists all keys)';
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known key', remedy }));
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const message = missing ? 'is missing' : issue.message.replace(/^Invalid input: /, '');
  return [{ path: path.join('.'), message, remedy: remedyFor(String(path[0] ?? '')) }];
}

function remedyFor(key: string): string {
  const variable = Object.entries(variables).find(([, target]) => target === key)?.[0];
  return variable
    ? `Set ${variable}, or ${key} in the file named by HUIKE_CONFIG`
    : 'Correct it in the file named by HUIKE_CONFIG';
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
