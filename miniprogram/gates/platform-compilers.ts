/**
 * Gate: the platform's own compilers of templates (wcc) and sheets (wcsc), as npm carries them for the DevTools' older versions. They refuse
 * what newer ones refuse too; some newer syntax they refuse as well. Needs Linux on x86-64 (or macOS).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { filesOf } from '../preview/project.js';
import type { Problem } from '../preview/problem.js';

const folders: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac' };

/** @throws Error where there are no compilers for this machine. */
export function checkWithPlatformCompilers(root: string): Problem[] {
  return [
    ...run(root, { program: 'wcc', options: ['-d'], ending: '.wxml' }),
    ...run(root, { program: 'wcsc', options: ['-lc'], ending: '.wxss' }),
  ];
}

function run(
  root: string,
  { program, options, ending }: { program: string; options: string[]; ending: string },
): Problem[] {
  const files = filesOf(root, [ending]).map((path) => `./${path}`);
  const { status, stdout, stderr, error } = spawnSync(find(program), [...options, ...files], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (error) throw error;
  if (status === 0) return [];
  const said = `${stderr}\n${stdout.slice(0, 2000)}`.split('\n').filter(Boolean);
  const problems = said.flatMap((line) => toProblem(line, ending));
  return problems.length > 0
    ? problems
    : [{ file: `*${ending}`, line: 1, column: 1, message: said[0] ?? `${program} refused` }];
}

/** `./pages/a.wxml:2:1: end tag missing` */
function toProblem(line: string, ending: string): Problem[] {
  const found = new RegExp(`(?:\\./)?([\\w./-]+\\${ending}):(\\d+):(\\d+):?\\s*(.*)`).exec(line);
  if (!found) return [];
  const [, file = '', row = '1', column = '1', message = ''] = found;
  return [{ file: file.replace(/^\.\//, ''), line: Number(row), column: Number(column), message }];
}

/** npm does not keep the mark of a program on one of the two. */
function find(program: string): string {
  const folder = folders[process.platform];
  if (folder === undefined || process.arch !== 'x64')
    throw new Error(`no ${program} for ${process.platform} ${process.arch}`);
  const at = join(
    dirname(createRequire(import.meta.url).resolve('miniprogram-compiler/package.json')),
    'bin',
    folder,
    program,
  );
  if ((statSync(at).mode & 0o111) === 0) chmodSync(at, 0o755);
  return at;
}
