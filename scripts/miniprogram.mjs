// Builds the mini-program's preview into miniprogram/dist, for /m of the demo. `--check` runs the gates and builds nothing.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { appRoot, buildPreview } = await import('../miniprogram/preview/build.ts');

if (process.argv.includes('--check')) process.exitCode = await check();
else {
  const outDir = join(root, 'miniprogram', 'dist');
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  await buildPreview({ outDir });
}

async function check() {
  const { gates } = await import('../miniprogram/gates/index.ts');
  const { showProblem } = await import('../miniprogram/preview/problem.ts');
  let found = 0;
  for (const [name, gate] of Object.entries(gates)) {
    const problems = await gate(appRoot);
    found += problems.length;
    process.stdout.write(
      `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n${problems.map((p) => `     ${showProblem(p)}\n`).join('')}`,
    );
  }
  return found > 0 ? 1 : 0;
}
