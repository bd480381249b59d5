/** `npm run demo -- --check`: a fresh stage of its own, the steps in order, what each saw, and one verdict. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offsetToTen } from '../clock.js';
import { logins } from '../logins.js';
import type { Login } from '../logins.js';
import { DemoProblem } from '../problem.js';
import { openStage } from '../stage.js';
import type { Backstage, Stage } from '../stage.js';
import { StepFailed } from './judge.js';
import { makeCoupons, makeKey, openService } from '../service.js';
import { createLab } from './lab.js';
import type { Shop } from './lab.js';
import { CHECK_SOURCE } from './shop.js';
import { steps } from './steps/index.js';
import type { Step } from './steps/index.js';

export interface CheckOptions {
  /** The compiled server program. */
  serverEntry: string;
  serverArgs?: readonly string[];
  only?: string | undefined;
  /** Where lines go; the terminal when left out. */
  print?: (line: string) => void;
}

/** Short enough to be waited for; everything else as delivered. */
const config = {
  delivery: { sendTimeoutSeconds: 2 },
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
  print = console.log,
}: CheckOptions): Promise<number> {
  const chosen = only === undefined ? steps : steps.filter((step) => step.name === only);
  if (chosen.length === 0) {
    throw new DemoProblem(`There is no step "${only ?? ''}". There are: ${steps.map((step) => step.name).join(', ')}.`);
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'huike-check-'));
  const signalled = new AbortController();
  const onSignal = (): void => signalled.abort();
  for (const signal of signals) process.once(signal, onSignal);
  try {
    return await inStage({ dataDir, serverEntry, serverArgs, chosen, print, signal: signalled.signal });
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Run {
  dataDir: string;
  serverEntry: string;
  serverArgs: readonly string[];
  chosen: readonly Step[];
  print: (line: string) => void;
  signal: AbortSignal;
}

async function inStage({ dataDir, serverEntry, serverArgs, chosen, print, signal }: Run): Promise<number> {
  const begun = performance.now();
  let shop: Shop | undefined;
  const stage = await openStage({
    ...{ dataDir, serverEntry, serverArgs, config, port: 0, offsetMs: offsetToTen(Date.now()) },
    simulator: { pushRetryDelayMs: 200 },
    prepare: async (backstage) => void (shop = await openShop(backstage)),
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
      if (!(await runStep({ step, stage, shop, print, stopped }))) failed += 1;
      if (signal.aborted) return 1;
    }
    print(`\n  ${String(chosen.length - failed)} passed, ${String(failed)} failed in ${secondsSince(begun)} s\n`);
    if (failed > 0) print(`  The end of the server's log:\n${serverLog(dataDir)}\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await stage.stop();
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
  stopped: Promise<string>;
}): Promise<boolean> {
  const { step, stage, shop, print, stopped } = run;
  const begun = performance.now();
  print(`  ▸ ${step.name} · ${step.title['zh-CN']} · ${step.title.en}`);
  const staff = { agent: login('agent'), marketer: login('marketer'), admin: login('admin') };
  const lab = createLab(stage, staff, shop, (what) => print(`      ${what}`));
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

function login(role: Login['role']): Login {
  const found = logins.find((one) => one.role === role);
  if (!found) throw new Error(`no sample login for ${role}`);
  return found;
}

/** Staff, coupons, a key, and who speaks in which scene: what a shop has set up before its day begins. */
async function openShop({ openApp, accounts }: Backstage): Promise<Shop> {
  const app = await openApp();
  try {
    for (const { account, name, role, password } of logins) await app.staff.addStaff({ account, name, role, password });
    const { name } = login('admin');
    const by = { staffId: '0'.repeat(24), name, role: 'admin', requestId: 'check' } as const;
    const coupons = await makeCoupons(app, by, app.clock.now());
    const key = await makeKey(app, CHECK_SOURCE, name);
    await openService(app, accounts, by);
    return { key, coupons };
  } finally {
    await app.close();
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
