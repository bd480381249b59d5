/** `npm run demo -- --check`: a fresh stage of its own, the steps in order, what each saw, and one verdict. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offsetToTen } from '../clock.js';
import { DemoProblem } from '../problem.js';
import { openStage } from '../stage.js';
import type { Stage } from '../stage.js';
import { startBotHost } from './bot-host.js';
import type { BotHost } from './bot-host.js';
import { StepFailed } from './judge.js';
import { createLab } from './lab.js';
import type { Shop } from './lab.js';
import { login, openShop } from './opening.js';
import type { OpenedShop } from './opening.js';
import { steps } from './steps/index.js';
import type { Step } from './steps/index.js';

export interface CheckOptions {
  /** The compiled server program. */
  serverEntry: string;
  serverArgs?: readonly string[];
  /** Names of steps, run in the check's own order; every step when left out. */
  only?: string | readonly string[] | undefined;
  /** Begins with a copy of this shop; opens one of its own when left out. */
  opened?: OpenedShop | undefined;
  /** Where lines go; the terminal when left out. */
  print?: (line: string) => void;
}

/** Short enough to be waited for; everything else as delivered. */
const config = {
  // Slow enough in bulk that a step comes in between; a lease that a crash leaves behind ends soon.
  delivery: { sendTimeoutSeconds: 2, leaseSeconds: 4, ratePerSecond: { replies: 50, bulk: 4 } },
  marketing: { approval: { people: 30, costFen: 1_000_000 } },
  security: {
    captchaAfterAddressFailures: 1000,
    lockoutAddressFailures: 6,
    rateLimits: { signInPerMinute: 600, consolePerMinute: 60_000 },
  },
};

/** Resolves with the exit code: 0 when every step holds. @throws DemoProblem when there is no such step. */
export async function runCheck({
  serverEntry,
  serverArgs = [],
  only,
  opened,
  print = console.log,
}: CheckOptions): Promise<number> {
  const chosen = choose(only);
  const dataDir = mkdtempSync(join(tmpdir(), 'huike-check-'));
  const signalled = new AbortController();
  const onSignal = (): void => signalled.abort();
  for (const signal of signals) process.once(signal, onSignal);
  try {
    return await inStage({ dataDir, serverEntry, serverArgs, chosen, opened, print, signal: signalled.signal });
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function choose(only: CheckOptions['only']): readonly Step[] {
  if (only === undefined) return steps;
  const names = [only].flat();
  const unknown = names.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined || names.length === 0) {
    throw new DemoProblem(
      `There is no step "${unknown ?? ''}". There are: ${steps.map(({ name }) => name).join(', ')}.`,
    );
  }
  return steps.filter(({ name }) => names.includes(name));
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Run {
  dataDir: string;
  serverEntry: string;
  serverArgs: readonly string[];
  chosen: readonly Step[];
  opened: OpenedShop | undefined;
  print: (line: string) => void;
  signal: AbortSignal;
}

async function inStage({ dataDir, serverEntry, serverArgs, chosen, opened, print, signal }: Run): Promise<number> {
  const begun = performance.now();
  let shop = opened?.shop;
  opened?.copyTo(dataDir);
  const bot = chosen.some(({ needsBot }) => needsBot) ? await startBotHost() : undefined;
  const channels = bot ? { channels: { wechaty: [bot.account] } } : {};
  const stage = await openStage({
    ...{
      dataDir,
      serverEntry,
      serverArgs,
      config: { ...config, ...channels },
      port: 0,
      offsetMs: offsetToTen(Date.now()),
    },
    simulator: { pushRetryDelayMs: 200 },
    prepare: async (backstage) => void (shop ??= await openShop(backstage)),
    landing: () => '',
  });
  print(
    `\n  回客 Huike · check · ${(await stage.sim.clock()).now} (10:00 in Shanghai) · started in ${secondsSince(begun)} s\n`,
  );
  try {
    const interrupted = new Promise<string>((done) => signal.addEventListener('abort', () => done('interrupted')));
    let failed = 0;
    for (const step of chosen) {
      const stopped = Promise.race([interrupted, stage.server.died]);
      if (!shop) throw new Error('the shop was not opened');
      if (!(await runStep({ step, stage, shop, print, bot, stopped }))) failed += 1;
      if (signal.aborted) return 1;
    }
    print(`\n  ${String(chosen.length - failed)} passed, ${String(failed)} failed in ${secondsSince(begun)} s\n`);
    if (failed > 0) print(`  The end of the server's log:\n${serverLog(dataDir)}\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await stage.stop();
    await bot?.stop();
  }
}

function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1);
}

async function runStep(run: {
  step: Step;
  stage: Stage;
  shop: Shop;
  print: (line: string) => void;
  bot: BotHost | undefined;
  stopped: Promise<string>;
}): Promise<boolean> {
  const { step, stage, shop, print, bot, stopped } = run;
  const begun = performance.now();
  print(`  ▸ ${step.name} · ${step.title['zh-CN']} · ${step.title.en}`);
  const staff = { agent: login('agent'), marketer: login('marketer'), admin: login('admin') };
  const lab = createLab(stage, staff, shop, { bot, saw: (what) => print(`      ${what}`) });
  try {
    const ended = await Promise.race([step.run(lab).then(() => undefined), stopped]);
    if (ended !== undefined) throw new StepFailed(ended);
    print(`    ✓ ${secondsSince(begun)} s`);
    return true;
  } catch (error) {
    print(
      `    ✗ ${error instanceof StepFailed ? error.message : String(error instanceof Error ? error.stack : error)}`,
    );
    return false;
  }
}

/** Errors and warnings tell why; the level is pino's number. */
function serverLog(dataDir: string): string {
  const lines = readFileSync(join(dataDir, 'server.log'), 'utf8').trimEnd().split('\n');
  const worth = lines.filter((line) => !/"level":[123]0/.test(line));
  return worth
    .slice(-12)
    .map((line) => `    ${line.slice(0, 600)}`)
    .join('\n');
}
