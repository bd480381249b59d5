/** docs/import.md tells the truth: its mappings are valid, the CDNOW one is the tested one, every reason and field is in it. */
import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { ImportMapping, customerFields, orderFields } from '../../src/contracts/http/imports.js';
import { reasons } from '../../src/imports/reasons.js';

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

it('docs/import.md holds what the product does', async () => {
  const text = await read('docs/import.md');
  const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, body = '']): unknown => JSON.parse(body));
  expect(blocks).toHaveLength(2);
  for (const block of blocks) expect(ImportMapping.safeParse(block).error).toBeUndefined();
  expect(blocks[1]).toEqual(JSON.parse(await read('tests/fixtures/imports/cdnow-mapping.json')));
  for (const name of [...Object.keys(reasons), ...orderFields, ...customerFields])
    expect(text).toContain(`\`${name}\``);
});
