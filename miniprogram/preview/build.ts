/**
 * Makes static files of the mini-program that any browser runs: index.html, app.js, app.css and its pictures. For tests and the demo;
 * the sources stay what the WeChat DevTools import. It proves logic, layout and use of the interface, not the behaviour of a device.
 */
import { build as bundle } from 'esbuild';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, readProject } from './project.js';
import type { Part } from './config.js';
import type { Project } from './project.js';
import { showProblem } from './problem.js';
import type { Problem } from './problem.js';
import { compileStyles } from './styles.js';
import { compileTemplates } from './templates.js';

export interface PreviewOptions {
  outDir: string;
  /** Path under which the files will be served, with a slash at both ends. */
  base?: string;
  /** The mini-program's root, where app.json is. */
  root?: string;
}

/** The sources' folder; found from where this file runs, compiled or not. */
export const miniprogramFolder = ((): string => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, 'miniprogram');
    if (existsSync(join(found, 'app', 'app.json'))) return found;
  }
  throw new Error('the sources of the mini-program are not here');
})();

export const appRoot = join(miniprogramFolder, 'app');
const pictures = ['.png', '.jpg', '.jpeg', '.gif', '.svg', '.webp'];

/** Everything the build finds wrong; empty when the browser can run it. Writes nothing without `outDir`. */
export async function checkPreview({ root = appRoot, outDir, base = '/m/' }: Partial<PreviewOptions> = {}): Promise<
  Problem[]
> {
  const project = readProject(root);
  const templates = compileTemplates(project);
  const styles = compileStyles(project);
  const script = await bundleScript(project, entryOf(project, { templates: templates.code, base }));
  if (outDir !== undefined) writePreview(project, { outDir, base, css: styles.css, script: script.text });
  return [...project.problems, ...templates.problems, ...styles.problems, ...script.problems];
}

/** @throws Error with every problem, one a line, when the sources are not sound. */
export async function buildPreview(options: PreviewOptions): Promise<void> {
  const problems = await checkPreview(options);
  if (problems.length > 0) throw new Error(`The mini-program does not build:\n${problems.map(showProblem).join('\n')}`);
}

/** The program that starts everything: settings first, then components from the innermost to the pages, then the first page. */
function entryOf(project: Project, { templates, base }: { templates: string; base: string }): string {
  const text = JSON.stringify;
  const pages = Object.fromEntries(project.parts.filter((p) => p.isPage).map((p) => [p.path, p.config]));
  const register = (part: Part): string => `preview.register(${text(part.path)}, ${text(part)})`;
  const define = ({ path }: Part): string =>
    `preview.define(${text(path)}, () => { require(${text(join(project.root, path))}) })`;
  return [
    `import { createPreview } from ${text(join(miniprogramFolder, 'preview', 'runtime', 'main.ts'))}`,
    `const templates = ${templates}`,
    `const preview = createPreview({ app: ${text(project.app)}, pages: ${text(pages)}, templates, base: ${text(base)} })`,
    `require(${text(join(project.root, 'app'))})`,
    ...project.parts.map(register),
    ...project.parts.toReversed().map(define),
    'preview.start()',
  ].join('\n');
}

async function bundleScript(project: Project, entry: string): Promise<{ text: string; problems: Problem[] }> {
  try {
    const result = await bundle({
      stdin: { contents: entry, resolveDir: miniprogramFolder, sourcefile: 'entry.js' },
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2020',
      minify: true,
      legalComments: 'none',
      logLevel: 'silent',
      tsconfigRaw: { compilerOptions: { target: 'es2020' } },
    });
    return { text: result.outputFiles[0]?.text ?? '', problems: [] };
  } catch (error) {
    return { text: '', problems: bundleProblems(project, error) };
  }
}

interface BundleFailure {
  errors: Array<{ text: string; location: { file: string; line: number; column: number } | null }>;
}
function bundleProblems(project: Project, error: unknown): Problem[] {
  if (!(error instanceof Error) || !('errors' in error)) throw error;
  return (error as unknown as BundleFailure).errors.map(({ text, location }) => ({
    // Told from wherever the build was started.
    file: location ? relative(project.root, resolve(location.file)) : 'app.ts',
    line: location?.line ?? 1,
    column: (location?.column ?? 0) + 1,
    message: text,
  }));
}

function writePreview(project: Project, made: { outDir: string; base: string; css: string; script: string }): void {
  mkdirSync(made.outDir, { recursive: true });
  const shell = readFileSync(join(miniprogramFolder, 'preview', 'runtime', 'base.css'), 'utf8');
  writeFileSync(join(made.outDir, 'app.js'), made.script);
  writeFileSync(join(made.outDir, 'app.css'), `${shell}\n${made.css}`);
  writeFileSync(join(made.outDir, 'index.html'), indexPage(made.base));
  for (const path of filesOf(project.root, pictures))
    cpSync(join(project.root, path), join(made.outDir, path), { recursive: true });
}

const indexPage = (base: string): string => `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>会员小程序</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}app.css">
<body>
<script src="${base}app.js"></script>
</html>
`;
