/** Holds every Markdown page of the project to what is there: files, pictures, headings, npm commands. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from '@jest/globals';

const skipped = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.cache']);

/** Everything that would be in a clone; there may be no git where tests run. */
function pagesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pagesBelow(path);
    return entry.isFile() && path.endsWith('.md') ? [path] : [];
  });
}

/** Blocks and spans of code hold examples, not links. */
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of links and pictures, in Markdown and in HTML. */
function targetsIn(text: string): string[] {
  const prose = withoutCode(text);
  const markdown = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const html = [...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)];
  return [...markdown, ...html].map((match) => match[1] ?? '').filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** As GitHub makes them: lower case, punctuation gone, spaces to hyphens. */
function anchorsIn(text: string): string[] {
  const headings = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm)];
  return headings.map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function problemOf(page: string, target: string): string | undefined {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), decodeURIComponent(file)));
  if (path.startsWith('..') || !existsSync(path)) return `${page}: ${target} does not exist`;
  if (anchor === undefined || !statSync(path).isFile()) return undefined;
  const known = anchorsIn(readFileSync(path, 'utf8')).includes(decodeURIComponent(anchor));
  return known ? undefined : `${page}: ${target} names no heading`;
}

interface Command {
  script: string;
  workspace: string | undefined;
}

/** `npm run x`, `npm run x -w y`, `npm test`, `npm start`. */
function commandsIn(text: string): Command[] {
  const run = [...text.matchAll(/\bnpm run ([\w:-]+)(?: -w ([\w@/-]+))?/g)];
  const short = [...text.matchAll(/\bnpm (test|start)\b/g)];
  return [...run, ...short].map((match) => ({ script: match[1] ?? '', workspace: match[2] }));
}

const workspaces: Readonly<Record<string, string>> = { console: 'console/package.json' };

function isThere({ script, workspace }: Command): boolean {
  const file = workspace === undefined ? 'package.json' : workspaces[workspace];
  if (!file) return false;
  const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> };
  return Object.hasOwn(scripts, script);
}

const pages = pagesBelow('.');

describe('the pages of the project', () => {
  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/errors.md', 'packages/embedded-mongo/README.md']));
  });

  it.each(pages)('%s links only to what is there', (page) => {
    const targets = targetsIn(readFileSync(page, 'utf8'));
    expect(targets.map((target) => problemOf(page, target)).filter(Boolean)).toEqual([]);
  });

  it.each(pages)('%s names only npm commands that are there', (page) => {
    const unknown = commandsIn(readFileSync(page, 'utf8')).filter((command) => !isThere(command));
    expect(unknown).toEqual([]);
  });

  it('are searched for real', () => {
    const text = 'a [b](gone.md) ![c](<gone.png> "t") <img src="gone2.png"> `[d](code.md)` [e](https://x.y/z) [f](#g)';
    expect(targetsIn(text)).toEqual(['gone.md', 'gone.png', '#g', 'gone2.png']);
    expect(problemOf('docs/errors.md', 'gone.md')).toMatch(/does not exist/);
    expect(problemOf('docs/errors.md', '../README.md#no-such-heading')).toMatch(/names no heading/);
    expect(problemOf('docs/errors.md', '../../elsewhere.md')).toMatch(/does not exist/);
    expect(anchorsIn('## Where do I add …?\n# 回客 · Huike')).toEqual(['where-do-i-add-', '回客--huike']);
    expect(commandsIn('`npm run nothing -w console`, npm test and npm run demo -- --check')).toEqual([
      { script: 'nothing', workspace: 'console' },
      { script: 'demo', workspace: undefined },
      { script: 'test', workspace: undefined },
    ]);
    expect(
      [
        { script: 'nothing', workspace: 'console' },
        { script: 'none', workspace: undefined },
      ].map(isThere),
    ).toEqual([false, false]);
  });
});
