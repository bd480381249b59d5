/**
 * WXSS to CSS. `rpx` is a 750th of the screen's width and becomes `cqw`, so that the frame may be narrower than the browser's window.
 * Pages and isolated components get selectors of their own, because all their rules share one sheet here.
 */
import postcss from 'postcss';
import type { ChildNode, Root } from 'postcss';
import selectorParser from 'postcss-selector-parser';
import { builtinTemplates } from './builtin-templates.js';
import { readSource, resolvePath } from './project.js';
import type { Part } from './config.js';
import type { Project } from './project.js';
import type { Problem } from './problem.js';

interface Place {
  scope?: string | undefined;
  page?: string | undefined;
}
interface Work {
  root: string;
  problems: Problem[];
}

const tags: ReadonlySet<string> = new Set([...Object.keys(builtinTemplates), 'page']);

export function compileStyles(project: Project): { css: string; problems: Problem[] } {
  const work: Work = { root: project.root, problems: [] };
  const sheets = [compileSheet(work, 'app.wxss', {}), ...project.parts.map((part) => partSheet(work, part))];
  return { css: sheets.filter(Boolean).join('\n'), problems: work.problems };
}

const partSheet = (work: Work, part: Part): string =>
  compileSheet(work, `${part.path}.wxss`, { scope: part.scope, page: part.isPage ? part.path : undefined });

function compileSheet(work: Work, path: string, place: Place): string {
  if (readSource(work.root, path) === undefined) return '';
  const sheet = postcss.root();
  sheet.append(...inlined(work, path, new Set()));
  convertUnits(sheet);
  sheet.walkRules((rule) => {
    if (rule.parent?.type === 'atrule' && 'name' in rule.parent && /keyframes/.test(rule.parent.name)) return;
    try {
      rule.selector = convertSelector(rule.selector, place);
    } catch (error) {
      report(work, { file: path, line: rule.source?.start?.line ?? 1, message: messageOf(error) });
    }
  });
  return sheet.toString();
}

/** The rules of a sheet with its imports in place. */
function inlined(work: Work, path: string, seen: Set<string>): ChildNode[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const source = readSource(work.root, path);
  if (source === undefined) {
    report(work, { file: path, line: 1, message: 'there is no such file' });
    return [];
  }
  try {
    const sheet = postcss.parse(source, { from: path });
    sheet.walkAtRules('import', (rule) => {
      const written = rule.params.replace(/^url\(|\)$/g, '').replace(/['"]/g, '');
      rule.replaceWith(...inlined(work, resolvePath(written, path), seen));
    });
    return sheet.nodes;
  } catch (error) {
    const line = error instanceof postcss.CssSyntaxError ? (error.line ?? 1) : 1;
    report(work, { file: path, line, message: messageOf(error) });
    return [];
  }
}

function convertUnits(sheet: Root): void {
  sheet.walkDecls((declaration) => {
    declaration.value = declaration.value.replace(
      /(-?[\d.]+)rpx\b/g,
      (_, number: string) => `${String(Number((Number(number) / 7.5).toFixed(5)))}cqw`,
    );
  });
}

function convertSelector(selector: string, { scope, page }: Place): string {
  return selectorParser((root) => {
    root.walkTags((tag) => {
      if (tags.has(tag.value)) tag.value = `wx-${tag.value}`;
    });
    if (scope !== undefined) isolate(root, scope);
    if (page !== undefined) root.each((each) => keepOnPage(each, page));
  }).processSync(selector);
}

function isolate(root: selectorParser.Root, scope: string): void {
  root.walkClasses((name) => {
    name.value = `${scope}--${name.value}`;
  });
  root.walkPseudos((pseudo) => {
    if (pseudo.value !== ':host') return;
    pseudo.replaceWith(
      selectorParser.attribute({ attribute: 'wx-host', operator: '=', value: scope, quoteMark: '"', raws: {} }),
    );
  });
}

function keepOnPage(selector: selectorParser.Selector, page: string): void {
  const [first] = selector.nodes;
  if (!first) return;
  const isPage = first.type === 'tag' && first.value === 'wx-page';
  first.spaces.before = '';
  if (isPage) first.value = `wx-page[is="${page}"]`;
  else selector.prepend(selectorParser.string({ value: `wx-page[is="${page}"] ` }));
}

function report(work: Work, problem: Omit<Problem, 'column'>): void {
  work.problems.push({ ...problem, column: 1 });
}

const messageOf = (error: unknown): string =>
  error instanceof postcss.CssSyntaxError ? error.reason : error instanceof Error ? error.message : String(error);
