// Behind the npm scripts: prepares, then runs one of the product's programs, passing arguments, signals and the exit code through.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const programs = {
  demo: 'dist/demo/main.js',
  start: 'dist/src/main.js',
  huike: 'dist/src/cli/main.js',
  bench: 'dist/bench/main.js',
};
const jestFlags = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

const [name = '', ...args] = process.argv.slice(2);
if (name === 'test-long') {
  prepare();
  const files = longTests(args.filter((arg) => !arg.startsWith('-')));
  const rest = args.filter((arg) => arg.startsWith('-'));
  const env = {
    ...process.env,
    HUIKE_LONG: '1',
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${jestFlags}`.trim(),
  };
  pass(
    [
      join(root, 'node_modules/jest/bin/jest.js'),
      '--runInBand',
      '--testTimeout=7200000',
      '--runTestsByPath',
      ...files,
      ...rest,
    ],
    env,
  );
} else if (programs[name]) {
  prepare();
  const program = join(root, programs[name]);
  if (!existsSync(program)) fail(`There is no ${programs[name]} after the build.`, 1);
  pass(['--enable-source-maps', program, ...args], process.env);
} else {
  fail(`Usage: node scripts/run.mjs <${[...Object.keys(programs), 'test-long'].join('|')}> [arguments]`, 2);
}

/** The tests whose file name contains one of the given words; without a word, every test that has a long form. */
function longTests(words) {
  const all = testFiles(join(root, 'tests')).concat(testFiles(join(root, 'packages/embedded-mongo/tests')));
  const long = all.filter((file) => readFileSync(file, 'utf8').includes('helpers/scale.js'));
  const named = words.length > 0 ? all.filter((file) => words.some((word) => nameOf(file).includes(word))) : long;
  if (named.length > 0) return named;
  const known = long.map((file) => nameOf(file).replace('.test.ts', ''));
  return fail(`No test is called ${words.join(' ')}. Those with a long form are: ${known.join(', ')}.`, 2);
}

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'));
}

function nameOf(file) {
  return file.split(/[\\/]/).at(-1) ?? '';
}

function pass(command, env) {
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: 'inherit' });
  // From a terminal, Ctrl-C reaches the child by itself (and this process twice, since npm passes it on); a signal to this process alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message, 1));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.exit(128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0));
  });
}

function fail(text, code) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
