/** Reads a native mini-program: app.json, its pages, and the components they use. Owns the rules of paths; compiles nothing. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import type { AppConfig, Part, PartConfig } from './config.js';
import type { Problem } from './problem.js';

export interface Project {
  root: string;
  app: AppConfig;
  /** What uses a component stands before it. */
  parts: Part[];
  problems: Problem[];
}

/** Text of a file below the root, or undefined. */
export function readSource(root: string, path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A path as written in a source file, from the root. */
export const resolvePath = (written: string, from: string): string =>
  normalize(written.startsWith('/') ? written.slice(1) : join(dirname(from), written));

/** Every file below the root with one of these endings, as paths from the root, sorted. */
export function filesOf(root: string, endings: readonly string[]): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort();
}

export function readProject(root: string): Project {
  const problems: Problem[] = [];
  const app = readJson<AppConfig>(root, 'app.json', problems);
  const pages = [
    ...(app.pages ?? []),
    ...(app.subPackages ?? []).flatMap(({ root: folder, pages: own }) => own.map((page) => join(folder, page))),
  ];
  const project: Project = { root, app: { ...app, pages }, parts: [], problems };
  pages.forEach((path) => addPart(project, path, true));
  // A component stands after the last part that uses it, so that definitions can run from the end.
  let scopes = 0;
  for (const part of project.parts) if (isIsolated(part)) part.scope = `c${String(scopes++)}`;
  return project;
}

function addPart(project: Project, path: string, isPage: boolean): void {
  const known = project.parts.findIndex((part) => part.path === path);
  if (known >= 0) {
    project.parts.push(...project.parts.splice(known, 1));
    return usedBy(project, path).forEach((used) => addPart(project, used, false));
  }
  const config = readJson<PartConfig>(project.root, `${path}.json`, project.problems);
  if (readSource(project.root, `${path}.ts`) === undefined)
    report(project.problems, `${path}.ts`, 'there is no such file');
  const using = { ...project.app.usingComponents, ...config.usingComponents };
  const usingComponents: Record<string, string> = {};
  for (const [tag, written] of Object.entries(using)) {
    const target = resolvePath(written, config.usingComponents?.[tag] === written ? path : 'app');
    if (readSource(project.root, `${target}.json`) === undefined)
      report(project.problems, `${path}.json`, `component <${tag}> not found: ${written}`);
    else usingComponents[tag] = `/${target}`;
  }
  project.parts.push({ path, config: { ...config, usingComponents }, isPage });
  Object.values(usingComponents).forEach((used) => addPart(project, used.slice(1), false));
}

const usedBy = (project: Project, path: string): string[] =>
  Object.values(project.parts.find((part) => part.path === path)?.config.usingComponents ?? {}).map((used) =>
    used.slice(1),
  );

const isIsolated = ({ config, isPage }: Part): boolean =>
  /^(isolated|apply-shared)$/.test(config.styleIsolation ?? (config.component && !isPage ? 'isolated' : 'shared'));

function readJson<T extends object>(root: string, path: string, problems: Problem[]): T {
  try {
    return JSON.parse(readSource(root, path) ?? '{}') as T;
  } catch (error) {
    report(problems, path, error instanceof Error ? error.message : String(error));
    return {} as T;
  }
}

function report(problems: Problem[], file: string, message: string): void {
  problems.push({ file, line: 1, column: 1, message });
}
