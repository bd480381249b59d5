/** Each guard taken out by composition must fail the step of the check that stands for it; with it, the same step passes. */
import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { runCheck } from '../../demo/check/run.js';

const serverEntry = join(process.cwd(), 'tests/helpers/broken-server.mjs');
const cases: Array<[guard: string, step: string, complaint: RegExp]> = [
  ['dedupe', 'dedupe', /one message is stored, not 3/],
  ['dedupe', 'repeat', /stands in the conversation once, not 3 times/],
  ['ledger', 'points-pending', /123\.45 yuan bring 123 points, pending/],
  ['link', 'login', /in vain for one customer by both openids/],
  ['chase', 'chase', /who has bought the same elsewhere is not reminded/],
  ['quota', 'quota', /automation sends two of three/],
  ['decide', 'keyword', /in vain for “满 99 元包邮。” on the phone/],
  ['deliver', 'inbox', /in vain for “有的，今天就能发 <3 & “包好”” on the phone/],
];

describe('the check of one step', () => {
  it.each(cases)(
    'without %s, %s exits with 1',
    async (guard, only, complaint) => {
      const run = await check(only, guard);
      expect(run.output).toMatch(complaint);
      expect(run.code).toBe(1);
    },
    60_000,
  );

  it.each([...new Set(cases.map(([, step]) => step))])(
    'with every guard, %s exits with 0',
    async (only) => {
      const run = await check(only, 'none');
      expect(run).toMatchObject({ code: 0, output: expect.stringContaining('1 passed, 0 failed') });
    },
    60_000,
  );

  it('refuses a step that is not there, and names those there are', async () => {
    await expect(runCheck({ serverEntry, only: 'nonsense' })).rejects.toThrow(/no step "nonsense".*dedupe/);
  });
});

async function check(only: string, guard: string): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const code = await runCheck({ serverEntry, serverArgs: [guard], only, print: (line) => lines.push(line) });
  return { code, output: lines.join('\n') };
}
