/** The project's folder, from the sources as from the compiled files below dist/. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root: string = findRoot(import.meta.dirname);

function findRoot(folder: string): string {
  const above = dirname(folder);
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'config', 'default.yaml'))) return folder;
  if (above === folder) throw new Error('the project folder with package.json and config/ was not found');
  return findRoot(above);
}
