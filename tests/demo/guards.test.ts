/**
 * Each guard taken out by composition must fail the steps of the check that stand for it; with every guard the same steps pass.
 *
 * A further guard is one entry in `guards` here and one in helpers/broken-server.mjs. What it costs is one boot of the server without it, about
 * six seconds of processor time: the shop is opened once and copied, a guard with several steps runs them in one boot, `AT_ONCE` boots go
 * side by side (a step that waits in vain waits beside others), and all steps with every guard share a single boot.
 * `npm run test:long -- guards` takes out one guard at a time, so what fails is its own doing; here those of different steps that know nothing
 * of each other share a boot. Each step is judged by its own lines, and by a complaint that only its own guard's absence can cause.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { openShopOnce } from '../../demo/check/opening.js';
import type { OpenedShop } from '../../demo/check/opening.js';
import { runCheck } from '../../demo/check/run.js';
import { long } from '../helpers/scale.js';

const serverEntry = join(process.cwd(), 'tests/helpers/broken-server.mjs');
const AT_ONCE = 4;

/** What each step must complain of without the guard. */
const guards: Record<string, Record<string, RegExp>> = {
  dedupe: {
    dedupe: /one message is stored, not 3/,
    repeat: /stands in the conversation once, not 3 times/,
  },
  ledger: { 'points-pending': /123\.45 yuan bring 123 points, pending/ },
  link: { login: /in vain for one customer by both openids/ },
  chase: { chase: /who has bought the same elsewhere is not reminded/ },
  quota: { quota: /automation sends two of three/ },
  decide: { keyword: /in vain for “满 99 元包邮。” on the phone/ },
  deliver: { inbox: /in vain for “有的，今天就能发 <3 & “包好”” on the phone/ },
  segments: { segment: /“active in 30 days, no order”: \d+ by the generator, \d+ by the query/ },
  holdout: { broadcast: /some are held out/ },
  minor: { broadcast: /未成年 ends person\.minor, not/ },
  refused: { 'opt-out': /their row ends consent\.withdrawn, not held/ },
  cap: { broadcast: /is capped for \d+ of them, not for 0/ },
  'promotion-switch': { 'stop-all': /it stops before everybody is told, not after all 12/ },
  'opt-out': { 'opt-out': /their row ends consent\.withdrawn, not/ },
  'mass-sends': { 'mass-sends': /four submitted and one massSend\.used, not 5 and 0/ },
  'route-table': { unlawful: /a broadcast by customer-message: 400 message\.routeForbidden, not 201/ },
  bot: { wechaty: /in vain for the server at the puppet service/ },
  clock: { 'clock-strategy': /half are left alone: 0 told, 12 not/ },
};
/**
 * Two send the whole broadcast once more, the longest step there is; two have a step to themselves, with days that pass or a puppet of its own.
 * `npm run test:long -- guards` takes them out too.
 */
if (!long) for (const guard of ['minor', 'cap', 'bot', 'clock']) Reflect.deleteProperty(guards, guard);
const withoutGuard = Object.entries(guards).flatMap(([guard, complaints]) =>
  Object.entries(complaints).map(([step, complaint]) => [guard, step, complaint] as const),
);
/** Guards that are out together. */
const shared: ReadonlyArray<readonly string[]> = long
  ? []
  : [
      ['dedupe', 'ledger', 'mass-sends', 'route-table'],
      ['link', 'quota', 'promotion-switch'],
      ['chase', 'holdout'],
      ['refused', 'segments'],
    ];
const compositionOf = (guard: string): string => (shared.find((group) => group.includes(guard)) ?? [guard]).join('+');
const allSteps = [...new Set(withoutGuard.map(([, step]) => step))];
/** Whole first: it takes longest. */
const compositions: Array<[guard: string, steps: readonly string[]]> = [
  ['none', allSteps],
  ...[...new Set(Object.keys(guards).map(compositionOf))].map((composition): [string, string[]] => [
    composition,
    withoutGuard.filter(([guard]) => compositionOf(guard) === composition).map(([, step]) => step),
  ]),
];

interface Run {
  code: number;
  output: string;
}

let opened: OpenedShop;
const runs = new Map<string, Promise<Run>>();

describe('the check', () => {
  beforeAll(async () => {
    // Jest links modules that are first asked for at the same time wrongly; the bot's host asks for these at once.
    if (long) for (const name of ['wechaty-puppet-mock', 'wechaty-puppet-service']) await import(name);
    opened = await openShopOnce();
    const inTurn = pLimit(AT_ONCE);
    for (const [composition, steps] of compositions) {
      const run = inTurn(() => check(composition, steps));
      // Awaited by its own tests, perhaps long after it failed.
      run.catch(() => undefined);
      runs.set(composition, run);
    }
  }, 60_000);
  afterAll(async () => {
    await Promise.allSettled(runs.values());
    opened.remove();
  }, 120_000);

  it('with every guard exits with 0', async () => {
    const run = await runs.get('none');
    expect(run).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${String(allSteps.length)} passed, 0 failed`),
    });
  }, 180_000);

  it.each(allSteps)('with every guard passes %s', async (step) => {
    expect(linesOf(step, await runs.get('none'))).toMatch(/^ +✓/m);
  });

  it.each(Object.keys(guards))(
    'without %s exits with 1',
    async (guard) => {
      expect(await runs.get(compositionOf(guard))).toMatchObject({
        code: 1,
        output: expect.stringContaining('0 passed,'),
      });
    },
    180_000,
  );

  it.each(withoutGuard)('without %s fails %s', async (guard, step, complaint) => {
    const [verdict = ''] = /^ +[✓✗].*/m.exec(linesOf(step, await runs.get(compositionOf(guard)))) ?? [];
    expect(verdict).toMatch(/✗/);
    expect(verdict).toMatch(complaint);
  });

  it('refuses a step that is not there, and names those there are', async () => {
    await expect(runCheck({ serverEntry, only: 'nonsense' })).rejects.toThrow(/no step "nonsense".*dedupe/);
    await expect(runCheck({ serverEntry, only: ['dedupe', 'nonsense'] })).rejects.toThrow(/no step "nonsense"/);
  });
});

async function check(composition: string, only: readonly string[]): Promise<Run> {
  const lines: string[] = [];
  const code = await runCheck({
    serverEntry,
    serverArgs: [composition],
    only,
    opened,
    print: (line) => lines.push(line),
  });
  return { code, output: lines.join('\n') };
}

/** What a step printed: from its title to the next one's. */
function linesOf(step: string, run: Run | undefined): string {
  const parts = (run?.output ?? '').split(/^ {2}▸ /m);
  return parts.find((part) => part.startsWith(`${step} · `)) ?? '';
}
