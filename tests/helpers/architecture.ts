/**
 * The direction of imports, as ARCHITECTURE.md draws it, checked on the real import statements of source files.
 * Takes the files as an argument, so that a test can plant a violation.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';

/** Paths from the project's root, with forward slashes, and their text. */
export type Files = ReadonlyMap<string, string>;

/** For each part of src/ the other parts it may import. A part may always import itself, save for the rules further down. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  errors: ['contracts'],
  config: ['contracts', 'errors'],
  infra: ['contracts', 'errors', 'config'],
  domain: ['contracts', 'errors', 'config', 'infra'],
  channels: ['contracts', 'errors'],
  triggers: ['contracts'],
  actions: ['contracts'],
  flow: ['contracts', 'errors', 'config', 'infra', 'domain'],
  imports: ['contracts', 'errors', 'config', 'infra', 'domain', 'flow'],
  http: ['contracts', 'errors', 'config', 'infra', 'domain', 'flow', 'imports'],
  cli: ['contracts', 'errors', 'config', 'infra', 'domain', 'flow', 'channels', 'imports'],
  app: [
    'contracts',
    'errors',
    'config',
    'infra',
    'domain',
    'flow',
    'channels',
    'triggers',
    'actions',
    'imports',
    'http',
  ],
  main: ['errors', 'config', 'infra', 'app', 'contracts'],
};

/** A domain module may import modules of an earlier line, through their index.ts. */
const domainLines = [
  ['staff', 'customers'],
  ['commerce', 'membership', 'conversations'],
  ['segments', 'contact'],
  ['marketing', 'service'],
  ['insight'],
];

/** Parts that may use these packages from npm and no others. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  contracts: ['zod'],
  triggers: ['zod'],
  actions: ['zod'],
};

interface Import {
  from: string;
  to: string;
}

/** What breaks the direction of imports, one sentence each; empty when all is well. */
export function violations(files: Files): string[] {
  const found: string[] = [];
  for (const [from, text] of files) {
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      const problem = fileName.startsWith('.')
        ? relativeProblem({ from, to: resolveImport(from, fileName, files) })
        : packageProblem(from, fileName);
      if (problem) found.push(`${from} imports ${fileName}: ${problem}`);
    }
  }
  return [...found, ...cycles(files)];
}

function resolveImport(from: string, name: string, files: Files): string {
  const path = normalize(join(dirname(from), name));
  const candidates = [path.replace(/\.js$/, '.ts'), path, `${path}.ts`, `${path}/index.ts`];
  return candidates.find((candidate) => files.has(candidate)) ?? path.replace(/\.js$/, '.ts');
}

function relativeProblem(edge: Import): string | undefined {
  const [from, to] = [rootOf(edge.from), rootOf(edge.to)];
  if (from === 'packages')
    return edge.to.startsWith(packageOf(edge.from)) ? undefined : 'a package knows nothing of the product';
  if (from === 'simulator' && to !== 'simulator') return 'the simulator imports nothing of the product';
  if (from === 'src' && to !== 'src') return 'src imports nothing outside src';
  return from === 'src' ? sourceProblem(edge) : undefined;
}

function sourceProblem(edge: Import): string | undefined {
  const [from, to] = [partOf(edge.from), partOf(edge.to)];
  const may = allowed[from];
  if (!may) return `${from} is not a part that ARCHITECTURE.md knows`;
  if (from === 'config' && /^src\/channels\/[^/]+\/account\.ts$/.test(edge.to)) return undefined; // the schema of its accounts
  // The operator's tool composes with the halves of app.ts, never with the server itself.
  if (from === 'cli' && /^src\/app-\w+\.ts$/.test(edge.to)) return undefined;
  if (from !== to) return may.includes(to) ? domainDoorProblem(edge) : `${from} must not import ${to}`;
  if (from === 'channels') return channelProblem(edge);
  return from === 'domain' ? domainProblem(edge) : undefined;
}

/** No channel, but the protocol that channels of one platform share: they may import it, it imports none of them. */
const protocols: readonly string[] = ['wechat'];

function channelProblem(edge: Import): string | undefined {
  const [from, to] = [moduleOf(edge.from), moduleOf(edge.to)];
  if (from !== undefined && protocols.includes(from)) return from === to ? undefined : `${from} imports no channel`;
  if (to !== undefined && protocols.includes(to)) return undefined;
  return from !== undefined && to !== undefined && from !== to ? 'one channel never imports another' : undefined;
}

function domainProblem(edge: Import): string | undefined {
  const [from, to] = [moduleOf(edge.from), moduleOf(edge.to)];
  if (from === to) return undefined;
  const line = (module: string | undefined): number =>
    domainLines.findIndex((modules) => modules.includes(module ?? ''));
  if (line(from) < 0 || line(to) < 0)
    return `${line(from) < 0 ? from : to} is not a domain module that ARCHITECTURE.md knows`;
  if (line(to) >= line(from)) return `${from} must not reach up to ${to}`;
  return domainDoorProblem(edge);
}

/** Whoever comes from outside a domain module enters by its index.ts. */
function domainDoorProblem(edge: Import): string | undefined {
  if (partOf(edge.to) !== 'domain' || /^src\/domain\/[^/]+\/index\.ts$/.test(edge.to)) return undefined;
  return 'a domain module is reached through its index.ts';
}

function packageProblem(from: string, name: string): string | undefined {
  if (rootOf(from) !== 'src') return undefined;
  if (name.startsWith('@huike/') && from !== 'src/infra/embedded.ts') return 'only infra starts the embedded database';
  const may = packagesOf[partOf(from)];
  const base = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
  return may && !may.includes(base) ? `${partOf(from)} imports ${may.join(', ')} only` : undefined;
}

/** Import cycles between files, types left aside: they are gone when the program runs. */
function cycles(files: Files): string[] {
  const edges = new Map([...files].map(([file, text]) => [file, valueImports(file, text, files)]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'open')
      found.push(`import cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

function valueImports(file: string, text: string, files: Files): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const name = valueModule(statement);
    return name?.startsWith('.') ? [resolveImport(file, name, files)] : [];
  });
}

function valueModule(statement: ts.Statement): string | undefined {
  const values =
    (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) ||
    (ts.isExportDeclaration(statement) && !statement.isTypeOnly);
  if (!values) return undefined;
  const { moduleSpecifier } = statement as ts.ImportDeclaration | ts.ExportDeclaration;
  return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : undefined;
}

const rootOf = (path: string): string => path.split('/')[0] ?? '';
const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/');
/** Files beside app.ts that it was split into. */
const appFiles: readonly string[] = ['quota-rules.ts', 'serve.ts'];
/** `src/config-schema.ts` belongs to config, `src/infra/queue/bull.ts` to infra. */
function partOf(path: string): string {
  const name = path.split('/')[1] ?? '';
  return appFiles.includes(name) ? 'app' : name.replace(/(-\w+)*\.ts$/, '');
}
/** The folder below the part: a channel, a domain module; undefined for the part's own index.ts. */
const moduleOf = (path: string): string | undefined => (path.split('/').length > 3 ? path.split('/')[2] : undefined);

/** The source files of the project below these folders. */
export function sourceFiles(root: string, folders: readonly string[]): Files {
  const paths = folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file))))
    .filter((path) => path.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
