/**
 * WXML to JavaScript by the platform's own template compiler (glass-easel). Every warning counts as a problem; so do unknown tags and
 * missing files, which the compiler lets pass.
 */
import { TmplGroup } from 'glass-easel-template-compiler';
import { builtinTemplates, languageTags } from './builtin-templates.js';
import { readSource, resolvePath } from './project.js';
import type { Project } from './project.js';
import type { Problem } from './problem.js';

/** What the compiler tells; the names of the fields changed between its versions. */
interface CompilerProblem {
  code: number;
  message: string;
  isError?: boolean;
  startLine?: number;
  startColumn?: number;
  start_line?: number;
  start_col?: number;
}

interface Work {
  project: Project;
  group: TmplGroup;
  templates: Set<string>;
  scripts: Set<string>;
  problems: Problem[];
}

/** `code` is an expression: an object of template functions by path. */
export function compileTemplates(project: Project): { code: string; problems: Problem[] } {
  const work: Work = {
    project,
    group: TmplGroup.newDev(),
    templates: new Set(),
    scripts: new Set(),
    problems: [],
  };
  for (const [tag, template] of Object.entries(builtinTemplates)) work.group.addTmpl(`builtin/${tag}`, template);
  for (const { path, config } of project.parts) {
    const known = [...Object.keys(config.usingComponents ?? {}), ...Object.keys(config.componentGenerics ?? {})];
    addTemplate(work, path, new Set(known));
  }
  const code = work.group.getTmplGenObjectGroups();
  work.group.free();
  return { code, problems: work.problems };
}

function addTemplate(work: Work, path: string, known: ReadonlySet<string>): void {
  if (work.templates.has(path)) return;
  work.templates.add(path);
  const file = `${path}.wxml`;
  const source = readSource(work.project.root, file);
  if (source === undefined) return missing(work, file);
  const found = work.group.addTmpl(path, browserScripts(source)) as CompilerProblem[] | undefined;
  for (const each of found ?? []) work.problems.push(toProblem(file, each));
  work.problems.push(...unknownTags(file, source, known));
  for (const used of work.group.getDirectDependencies(path) as string[])
    addTemplate(work, used.replace(/\.wxml$/, ''), known);
  for (const used of work.group.getScriptDependencies(path) as string[]) addScript(work, used.replace(/\.wxs$/, ''));
}

function addScript(work: Work, path: string): void {
  if (work.scripts.has(path)) return;
  work.scripts.add(path);
  const source = readSource(work.project.root, `${path}.wxs`);
  if (source === undefined) return missing(work, `${path}.wxs`);
  work.group.addScript(path, browserScript(source));
  for (const [, used] of source.matchAll(/require\(\s*['"]([^'"]+)['"]\s*\)/g))
    addScript(work, resolvePath(used ?? '', path).replace(/\.wxs$/, ''));
}

/** In the platform's script language `x.constructor` is a word ('Array'), and modules are known without their ending. */
const browserScript = (source: string): string =>
  source.replace(/\.constructor\b/g, '.constructor.name').replace(/(require\(\s*['"][^'"]+?)\.wxs(['"])/g, '$1$2');

const browserScripts = (source: string): string =>
  source.replace(
    /(<wxs\b[^>]*>)([\s\S]*?)(<\/wxs>)/g,
    (_, open: string, script: string, close: string) => open + browserScript(script) + close,
  );

const toProblem = (file: string, found: CompilerProblem): Problem => ({
  file,
  line: (found.startLine ?? found.start_line ?? 0) + 1,
  column: (found.startColumn ?? found.start_col ?? 0) + 1,
  message: `${found.message} (#${String(found.code)})`,
});

function missing(work: Work, file: string): void {
  work.problems.push({ file, line: 1, column: 1, message: 'there is no such file' });
}

function unknownTags(file: string, source: string, known: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  const markup = withoutContents(source);
  for (const match of markup.matchAll(/<([a-zA-Z][\w-]*)/g)) {
    const tag = match[1] ?? '';
    if (known.has(tag) || tag in builtinTemplates || languageTags.has(tag)) continue;
    const before = markup.slice(0, match.index).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    problems.push({ file, line: before.length, column, message: `unknown tag <${tag}>` });
  }
  return problems;
}

/** The markup with comments, scripts, expressions and attribute values blanked; positions stay. */
function withoutContents(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  return [/<!--[\s\S]*?-->/g, /<wxs[^>]*>[\s\S]*?<\/wxs>/g, /\{\{[\s\S]*?\}\}/g, /"[^"]*"|'[^']*'/g].reduce(
    (text, pattern) => text.replace(pattern, blank),
    source,
  );
}
