// `npm test`: prepares, installs what tests want on a Debian machine where we are root, then runs every check beside every test.
// The last line is alone: `N passed, N failed` (and `, N skipped` when there are any). Each check counts as one.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
const SLIGHTLY_LOWER = 5;
const has = (path) => existsSync(join(root, path));

prepare();
installTools();
await Promise.all([tests(), checks()]);

const { passed, failed, skipped } = counts;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed > 0 ? 1 : 0);

function bin(path) {
  return join(root, 'node_modules', path);
}

/**
 * One after the other beside the tests, in the time that these leave: many tests wait, few compute.
 * A check's output is printed whole once it has ended.
 */
async function checks() {
  await typedChecks();
  if (has('console/tsconfig.json'))
    await check('types of the console', bin('vue-tsc/bin/vue-tsc.js'), ['-p', 'console/tsconfig.json', '--noEmit']);
  await check('format', bin('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']);
}

async function check(name, program, args) {
  const started = Date.now();
  const { code, output } = await inSpareTime([program, ...args]);
  tell({ name, ok: code === 0, seconds: (Date.now() - started) / 1000 }, output);
}

/** Lint and types share the work and end one by one in one process; one that ends before it has told anything is a failure. */
async function typedChecks() {
  const reports = [];
  const { code, output } = await inSpareTime([join(root, 'scripts/typed-checks.mjs')], (report) =>
    reports.push(report),
  );
  for (const report of reports) tell(report, report.output);
  if (code !== 0 || reports.length === 0) tell({ name: 'lint and types', ok: false, seconds: 0 }, output);
}

function tell({ name, ok, seconds }, output) {
  counts[ok ? 'passed' : 'failed']++;
  process.stdout.write(`${output}${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)\n`);
}

/** Runs jest and adds its figures; a run that ends without a result is a failure. */
async function tests() {
  const folder = mkdtempSync(join(tmpdir(), 'huike-test-'));
  const result = join(folder, 'result.json');
  const options =
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim();
  const args = [bin('jest/bin/jest.js'), '-w', '2', '--json', `--outputFile=${result}`];
  const code = await run(args, { ...process.env, NODE_OPTIONS: options });
  const report = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  counts.passed += report?.numPassedTests ?? 0;
  counts.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  // A file that cannot even be loaded fails without counting a test of its own.
  const failures = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  counts.failed += failures > 0 || code === 0 ? failures : 1;
}

/** Output of jest's JSON mode goes to a file, so its standard output is not shown; its progress comes on the error stream. */
function run(command, env) {
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', () => done(1));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/**
 * With a lower priority than the tests, some of which have deadlines; not the lowest, or on two busy cores all of it would be left for the
 * end, beside an idle core. `onReport`: what the child sends.
 */
function inSpareTime(command, onReport = () => undefined) {
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    if (child.pid !== undefined) setPriority(child.pid, SLIGHTLY_LOWER);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('message', onReport);
    child.on('error', (error) => done({ code: 1, output: `${error.message}\n` }));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

/** On Debian as root, what tests of Redis and of the browser need; elsewhere those tests say loudly that they were skipped. */
function installTools() {
  const missing = [
    onPath('redis-server') ? [] : ['redis-server'],
    onPath('chromium') || onPath('google-chrome') ? [] : ['chromium'],
    hasChineseFont() ? [] : ['fonts-noto-cjk'],
  ].flat();
  if (missing.length === 0 || process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) return;
  process.stderr.write(`Installing ${missing.join(', ')} with apt-get …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  if (!install()) apt('update', '-qq') && install();
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder && existsSync(join(folder, program)));
}

function hasChineseFont() {
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts'].filter((folder) => existsSync(folder));
  return folders.some((folder) =>
    readdirSync(folder, { recursive: true }).some((file) => /cjk|wqy|SourceHan/i.test(String(file))),
  );
}
