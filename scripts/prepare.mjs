// Makes a fresh clone runnable: installs packages when node_modules is missing or older than the lock file, then builds what is stale.
// Uses nothing but Node, so that it runs before anything is installed. Quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Each build with what it reads and the file that is newer than all of it once built. */
const builds = [
  {
    name: 'embedded database',
    reads: ['packages/embedded-mongo/src', 'packages/embedded-mongo/tsconfig.json', 'tsconfig.json'],
    stamp: 'packages/embedded-mongo/dist/.built',
    command: ['node_modules/typescript/bin/tsc', '-p', 'packages/embedded-mongo'],
  },
  {
    name: 'server',
    reads: [
      'src',
      'simulator',
      'demo',
      'bench',
      'miniprogram/preview',
      'types',
      'tsconfig.json',
      'tsconfig.build.json',
    ],
    stamp: 'dist/.built',
    command: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  },
  {
    name: 'mini-program for the browser',
    reads: ['miniprogram/app', 'miniprogram/preview', 'scripts/miniprogram.mjs'],
    stamp: 'miniprogram/dist/.built',
    command: ['scripts/miniprogram.mjs'],
  },
  {
    name: 'console',
    reads: ['console/src', 'console/index.html', 'console/vite.config.ts', 'console/package.json', 'src/contracts'],
    stamp: 'console/dist/.built',
    needs: 'console/index.html',
    command: ['node_modules/vite/bin/vite.js', 'build', 'console', '--logLevel', 'error'],
  },
];

/** Installs and builds what is needed; ends the process with 1 and the tool's own words when that fails. */
export function prepare({ quiet = false, force = false } = {}) {
  const say = (text) => quiet || process.stderr.write(`${text}\n`);
  if (!installed()) install(say);
  for (const build of builds) {
    if (build.needs && !existsSync(at(build.needs))) continue;
    if (force || stale(build)) run(build, say);
  }
}

const at = (path) => join(root, path);
const time = (path) => (existsSync(at(path)) ? statSync(at(path)).mtimeMs : 0);

function installed() {
  const done = Math.max(time('node_modules/.package-lock.json'), time('node_modules/.huike-installed'));
  return done > 0 && done >= time('package-lock.json');
}

function install(say) {
  const started = Date.now();
  say('Installing packages (the first time takes about a minute) …');
  // With dev packages also in production: they build the product.
  // Not `npm ci`: it refuses lock files that lack another platform's optional packages, which some registries do not serve.
  const args = ['install', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  command('npm', args, { env: { ...process.env, ...homeForNpm() }, shell: process.platform === 'win32' });
  mkdirSync(at('node_modules'), { recursive: true });
  writeFileSync(at('node_modules/.huike-installed'), '');
  say(`Installed in ${seconds(started)} s.`);
}

/** npm wants a folder for its cache; without a home it gets one of its own. */
function homeForNpm() {
  const home = process.env.HOME;
  if (process.platform === 'win32' || (home && existsSync(home))) return {};
  const made = mkdtempSync(join(tmpdir(), 'huike-npm-'));
  return { HOME: made, npm_config_cache: join(made, 'cache') };
}

function stale(build) {
  const built = time(build.stamp);
  return built === 0 || build.reads.some((path) => newest(at(path)) > built);
}

/** Made by installs and builds themselves. */
const notRead = new Set(['node_modules', 'dist', 'components.d.ts', 'auto-imports.d.ts']);

/** The latest change below a path, folders included, so that a removed file counts too. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = lstatSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  let latest = mtimeMs;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (notRead.has(entry.name)) continue;
    const inner = join(path, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(inner) : lstatSync(inner).mtimeMs);
  }
  return latest;
}

function run(build, say) {
  const started = Date.now();
  say(`Building the ${build.name} …`);
  command(
    process.execPath,
    build.command.map((part, i) => (i === 0 ? at(part) : part)),
  );
  mkdirSync(dirname(at(build.stamp)), { recursive: true });
  writeFileSync(at(build.stamp), '');
  // What changed while it was built is built the next time.
  utimesSync(at(build.stamp), started / 1000, started / 1000);
  say(`Built the ${build.name} in ${seconds(started)} s.`);
}

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

/** Progress goes to the error stream, so that a command's own output stays clean. */
function command(file, args, options = {}) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  process.stderr.write(`${[file, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) prepare();
