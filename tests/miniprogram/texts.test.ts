/** Every sentence of the mini-program stands in one file, so that a shop can put it in its own words. */
import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appRoot } from '../../miniprogram/preview/build.js';
import { filesOf } from '../../miniprogram/preview/project.js';

const chinese = /\p{Script=Han}/u;

it('says nothing in Chinese outside texts.ts and the titles of settings files', () => {
  const files = filesOf(appRoot, ['.ts', '.wxml', '.wxss']);
  expect(files.length).toBeGreaterThan(50);
  const speaking = files.filter((file) => chinese.test(readFileSync(join(appRoot, file), 'utf8')));
  expect(speaking).toEqual(['utils/texts.ts']);
});
