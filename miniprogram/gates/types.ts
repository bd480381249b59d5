/** Gate: the types of the sources, with the platform's library and without a browser's. `document` and `fetch` do not exist there. */
import { join, relative } from 'node:path';
import { filesOf } from '../preview/project.js';
import type { Problem } from '../preview/problem.js';
import { compile, messageOf, positionOf } from './compile.js';

export function checkTypes(root: string): Problem[] {
  const files = filesOf(root, ['.ts']).map((path) => join(root, path));
  return compile(files).map((found) => {
    const { line, column } = positionOf(found);
    const file = found.file ? relative(root, found.file.fileName) : 'app.ts';
    return { file, line: line + 1, column: column + 1, message: messageOf(found) };
  });
}
