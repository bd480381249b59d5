/**
 * Gate: sources import each other only, by relative paths to .ts files. The bundler of the preview takes more than the DevTools do: packages,
 * JSON files, folders.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { filesOf, readSource, resolvePath } from '../preview/project.js';
import type { Problem } from '../preview/problem.js';

export function checkImports(root: string): Problem[] {
  return filesOf(root, ['.ts']).flatMap((file) => {
    const source = readSource(root, file) ?? '';
    return ts
      .preProcessFile(source, true, true)
      .importedFiles.filter(({ fileName }) => !isOwn(root, file, fileName))
      .map(({ fileName, pos }) => {
        const before = source.slice(0, pos).split('\n');
        const column = (before.at(-1)?.length ?? 0) + 1;
        return { file, line: before.length, column, message: `imports ${fileName}, which is no .ts file of its own` };
      });
  });
}

const isOwn = (root: string, from: string, name: string): boolean =>
  /^\.{1,2}\//.test(name) &&
  !/\.\w+$/.test(name) &&
  readSource(root, join(resolvePath(name, from)) + '.ts') !== undefined;
