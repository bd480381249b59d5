/** The gates around the mini-program: its sources pass each, and each catches the faults it is there for. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gates } from '../../miniprogram/gates/index.js';
import type { GateName } from '../../miniprogram/gates/index.js';
import { appRoot } from '../../miniprogram/preview/build.js';
import { readProject } from '../../miniprogram/preview/project.js';
import { showProblem } from '../../miniprogram/preview/problem.js';

const names = Object.keys(gates) as GateName[];
const patience = 120_000;
const pass = async (gate: GateName, root: string): Promise<string[]> => (await gates[gate](root)).map(showProblem);

interface Fault {
  story: string;
  gate: GateName;
  file: string;
  /** `find` is replaced by `put`; without `find`, `put` is added at the end. */
  find?: string;
  put: string;
  says: RegExp;
}

const joinPage = 'pages/join/index';
const faults: Fault[] = [
  {
    story: 'a browser’s document',
    gate: 'types',
    file: 'utils/format.ts',
    put: '\nexport const title = document.title;\n',
    says: /^utils\/format\.ts:\d+:\d+ Cannot find name 'document'/,
  },
  {
    story: 'a field that the page does not have',
    gate: 'template types',
    file: `${joinPage}.wxml`,
    find: '{{privacy.version}}',
    put: '{{privacy.versoin}}',
    says: /^pages\/join\/index\.wxml:5:\d+ Property 'versoin' does not exist/,
  },
  {
    story: 'a handler that the page does not have',
    gate: 'template types',
    file: `${joinPage}.wxml`,
    find: 'bind:tap="submit"',
    put: 'bind:tap="sumbit"',
    says: /^pages\/join\/index\.wxml:\d+:\d+ Property 'sumbit' does not exist/,
  },
  {
    story: 'a missing end tag',
    gate: 'platform compilers',
    file: `${joinPage}.wxml`,
    put: '\n<view>\n',
    says: /^pages\/join\/index\.wxml:/,
  },
  {
    story: 'a function in an expression',
    gate: 'platform compilers',
    file: `${joinPage}.wxml`,
    find: '{{ages}}',
    put: '{{ages.map(a => a)}}',
    says: /^pages\/join\/index\.wxml:/,
  },
  {
    story: 'a broken selector',
    gate: 'platform compilers',
    file: `${joinPage}.wxss`,
    put: '\n.foot > {\n  color: red;\n}\n',
    says: /^(\*\.wxss|pages\/join\/index\.wxss):/,
  },
  {
    story: 'a package from npm',
    gate: 'imports',
    file: 'utils/format.ts',
    put: "\nimport dayjs from 'dayjs';\nexport { dayjs };\n",
    says: /^utils\/format\.ts:\d+:\d+ imports dayjs/,
  },
  {
    story: 'a JSON file',
    gate: 'imports',
    file: 'utils/format.ts',
    put: "\nimport app from '../app.json';\nexport { app };\n",
    says: /imports \.\.\/app\.json/,
  },
  {
    story: 'an unknown component',
    gate: 'browser build',
    file: `${joinPage}.wxml`,
    put: '\n<fancy-button />\n',
    says: /^pages\/join\/index\.wxml:\d+:1 unknown tag <fancy-button>/,
  },
  {
    story: 'a component that is not there',
    gate: 'browser build',
    file: `${joinPage}.json`,
    find: '/components/consent-line/index',
    put: '/components/consent-lime/index',
    says: /component <consent-line> not found/,
  },
  {
    story: 'an attribute given twice, which the platform takes without a word',
    gate: 'browser build',
    file: `${joinPage}.wxml`,
    find: 'id="join"',
    put: 'id="join" id="enter"',
    says: /^pages\/join\/index\.wxml:\d+:\d+ .*#65549/,
  },
  {
    story: 'a missing end tag',
    gate: 'browser build',
    file: `${joinPage}.wxml`,
    put: '\n<view>\n',
    says: /^pages\/join\/index\.wxml:\d+:\d+ /,
  },
  {
    story: 'an unclosed block of a sheet',
    gate: 'browser build',
    file: `${joinPage}.wxss`,
    put: '\n.foot {\n',
    says: /^pages\/join\/index\.wxss:\d+:1 Unclosed block/,
  },
  {
    story: 'an import that leads nowhere',
    gate: 'browser build',
    file: 'utils/format.ts',
    put: "\nimport { nothing } from './nowhere';\nexport { nothing };\n",
    says: /^utils\/format\.ts:\d+:\d+ Could not resolve/,
  },
];

describe('the gates around the mini-program', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'huike-gates-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The sources with these faults in them; the same file may hold several. */
  function planted(some: readonly Fault[]): string {
    const root = mkdtempSync(join(folder, 'app-'));
    cpSync(appRoot, root, { recursive: true });
    for (const { file, find, put } of some) {
      const path = join(root, file);
      const text = readFileSync(path, 'utf8');
      if (find !== undefined) expect(text).toContain(find);
      writeFileSync(path, find === undefined ? text + put : text.replace(find, put));
    }
    return root;
  }

  it.each(names)('%s: the sources pass', async (gate) => expect(await pass(gate, appRoot)).toEqual([]), patience);

  it('sees every page and component', () => {
    const { parts } = readProject(appRoot);
    expect(parts.filter(({ isPage }) => isPage)).toHaveLength(11);
    expect(parts.filter(({ isPage }) => !isPage).length).toBeGreaterThanOrEqual(6);
  });

  // The two that run a compiler for long look at all their faults at once.
  it.each(['types', 'template types'] as const)(
    '%s: catches each planted fault',
    async (gate) => {
      const own = faults.filter((fault) => fault.gate === gate);
      const found = await pass(gate, planted(own));
      expect(found).toHaveLength(own.length);
      for (const { says } of own) expect(found).toContainEqual(expect.stringMatching(says));
    },
    patience,
  );

  it.each(faults.filter(({ gate }) => gate !== 'types' && gate !== 'template types'))(
    '$gate: catches $story',
    async (fault) => {
      const found = await pass(fault.gate, planted([fault]));
      expect(found).toContainEqual(expect.stringMatching(fault.says));
    },
    patience,
  );
});
