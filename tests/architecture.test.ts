import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles, violations } from './helpers/architecture.js';

const root = process.cwd();

describe('the direction of imports', () => {
  const files = sourceFiles(root, ['src', 'simulator', 'packages']);

  it('holds in every source file', () => {
    expect(files.size).toBeGreaterThan(50);
    expect(violations(files)).toEqual([]);
  });

  const planted: Array<[file: string, text: string, complaint: string]> = [
    ['src/contracts/x.ts', `import { y } from '../errors.js'`, 'contracts must not import errors'],
    ['src/contracts/x.ts', `import mongoose from 'mongoose'`, 'contracts imports zod only'],
    ['src/errors.ts', `export * from './config.js'`, 'errors must not import config'],
    ['src/infra/x.ts', `import type { y } from '../domain/staff/index.js'`, 'infra must not import domain'],
    ['src/config.ts', `import { y } from './channels/official-account/client.js'`, 'config must not import channels'],
    ['src/domain/staff/x.ts', `import { y } from '../../channels/wechaty/index.js'`, 'domain must not import channels'],
    ['src/channels/wechaty/x.ts', `import { y } from '../../domain/staff/index.js'`, 'channels must not import domain'],
    ['src/channels/wechaty/x.ts', `import { y } from '../mini-program/client.js'`, 'one channel never imports another'],
    ['src/channels/wechat/x.ts', `import { y } from '../mini-program/account.js'`, 'wechat imports no channel'],
    ['src/channels/wechat/x.ts', `import { y } from '../index.js'`, 'wechat imports no channel'],
    ['src/triggers/x/index.ts', `import { y } from '../../infra/clock.js'`, 'triggers must not import infra'],
    ['src/actions/x/index.ts', `import { y } from '../../triggers/index.js'`, 'actions must not import triggers'],
    ['src/actions/x/index.ts', `import { readFile } from 'node:fs/promises'`, 'actions imports zod only'],
    ['src/flow/x.ts', `import { y } from '../http/ports.js'`, 'flow must not import http'],
    ['src/flow/x.ts', `const y = await import('../channels/index.js')`, 'flow must not import channels'],
    ['src/http/x.ts', `import { y } from '../cli/main.js'`, 'http must not import cli'],
    ['src/http/x.ts', `import { y } from '../domain/staff/models.js'`, 'reached through its index.ts'],
    ['src/cli/x.ts', `import { y } from '../app.js'`, 'cli must not import app'],
    ['src/app.ts', `import { y } from './main.js'`, 'app must not import main'],
    ['src/utils/x.ts', `import { y } from '../errors.js'`, 'utils is not a part'],
    [
      'src/domain/customers/x.ts',
      `import { y } from '../marketing/index.js'`,
      'customers must not reach up to marketing',
    ],
    ['src/domain/staff/x.ts', `import { y } from '../customers/index.js'`, 'staff must not reach up to customers'],
    ['src/domain/marketing/x.ts', `import { y } from '../customers/models.js'`, 'reached through its index.ts'],
    ['src/domain/misc/x.ts', `import { y } from '../customers/index.js'`, 'misc is not a domain module'],
    ['src/http/x.ts', `import { y } from '../../simulator/state.js'`, 'src imports nothing outside src'],
    ['simulator/x.ts', `import { y } from '../src/errors.js'`, 'the simulator imports nothing'],
    ['packages/embedded-mongo/src/x.ts', `import { y } from '../../../src/errors.js'`, 'a package knows nothing'],
    ['src/domain/staff/x.ts', `import { y } from '@huike/embedded-mongo'`, 'only infra starts the embedded database'],
  ];
  it.each(planted)('is seen broken: %s with %s', (file, text, complaint) => {
    expect(violations(new Map([[file, text]]))).toEqual([expect.stringContaining(complaint)]);
  });

  it('is seen kept where it is', () => {
    const kept: Array<[string, string]> = [
      ['src/config.ts', `import { y } from './channels/official-account/account.js'`],
      ['src/domain/marketing/x.ts', `import { y } from '../customers/index.js'`],
      ['src/channels/index.ts', `import { y } from './official-account/index.js'`],
      ['src/channels/mini-program/x.ts', `import { y } from '../wechat/client.js'`],
      ['src/cli/x.ts', `// import { y } from '../app.js'\nconst text = "from '../app.js'"`],
      ['src/infra/embedded.ts', `import { y } from '@huike/embedded-mongo'`],
    ];
    for (const [file, text] of kept) expect(violations(new Map([[file, text]]))).toEqual([]);
  });

  it('sees a cycle of values, and lets types be', () => {
    const pair = (kind: string) =>
      new Map([
        ['src/infra/a.ts', `import ${kind} { b } from './b.js'`],
        ['src/infra/b.ts', `import { a } from './a.js'`],
      ]);
    expect(violations(pair(''))).toEqual(['import cycle: src/infra/a.ts -> src/infra/b.ts -> src/infra/a.ts']);
    expect(violations(pair('type'))).toEqual([]);
  });
});

describe('what runs in tests', () => {
  it('is what ships: real ES modules, not a translation to CommonJS', () => {
    expect(typeof require).toBe('undefined');
    expect(typeof import.meta.url).toBe('string');
  });
});

describe('the files of the project', () => {
  it('name no folder outside of it', () => {
    const found = ownFiles('.').filter((file) => namesOutside(readFileSync(join(root, file), 'latin1')));
    expect(found).toEqual([]);
  });

  it('are searched for real', () => {
    const outside = ['..', 'shared', 'design'].join('/');
    expect(namesOutside(`see ${outside}/x.md`)).toBe(true);
    expect(namesOutside(`in ${['', 'work', 'main'].join('/')}/src`)).toBe(true);
    expect(namesOutside(`https://example.com/api/${'work'}/list ../sharedThings`)).toBe(false);
  });
});

function namesOutside(text: string): boolean {
  return /\.\.\/shared\b(?!\w)|(^|[\s'"`(=:])\/work\//.test(text);
}

/** Everything that would be in a clone. */
function ownFiles(folder: string): string[] {
  const skipped = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.cache']);
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : ownFiles(path);
    return entry.isFile() && !path.endsWith('.log') ? [path] : [];
  });
}
