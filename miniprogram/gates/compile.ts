/** Runs the TypeScript compiler in memory, so that a gate may check files that are not on disk. */
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { miniprogramFolder } from '../preview/build.js';

/** Where npm put the platform's types: beside the mini-program's folder or above it. */
const typesFolder = join(dirname(miniprogramFolder), 'node_modules');

/** Files of libraries, parsed once for all gates. */
const libraries = new Map<string, ts.SourceFile>();

export interface Overlay {
  overlay?: ReadonlyMap<string, string>;
  /** Settings to change. */
  changed?: ts.CompilerOptions;
}

/**
 * All errors of these files under the mini-program's own settings; `overlay` stands in for files on disk.
 * @throws Error when the settings themselves cannot be read
 */
export function compile(
  files: readonly string[],
  { overlay = new Map<string, string>(), changed = {} }: Overlay = {},
): ts.Diagnostic[] {
  const options = { ...readOptions(), ...changed };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => overlay.has(path) || fileExists(path);
  host.readFile = (path) => overlay.get(path) ?? readFile(path);
  host.getSourceFile = (path, language) => {
    const kept = libraries.get(path);
    if (kept) return kept;
    const text = host.readFile(path);
    if (text === undefined) return undefined;
    const source = ts.createSourceFile(path, text, language, true);
    if (path.includes('/node_modules/')) libraries.set(path, source);
    return source;
  };
  return [...ts.getPreEmitDiagnostics(ts.createProgram(files, options, host))];
}

function readOptions(): ts.CompilerOptions {
  const file = join(miniprogramFolder, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, miniprogramFolder);
  return { ...options, typeRoots: [typesFolder], types: ['miniprogram-api-typings'] };
}

export interface Position {
  /** From 0. */
  line: number;
  column: number;
}
export function positionOf({ file, start }: ts.Diagnostic): Position {
  if (!file || start === undefined) return { line: 0, column: 0 };
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return { line, column: character };
}

export const messageOf = ({ code, messageText }: ts.Diagnostic): string =>
  `${ts.flattenDiagnosticMessageText(messageText, ' ')} (TS${String(code)})`;
