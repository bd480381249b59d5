/** `npm start`: one server process from the environment. Exit code 1 and one clear sentence when it cannot start. */
import { fileURLToPath } from 'node:url';
import { StartProblem } from './errors.js';
import { serve } from './serve.js';

const consoleDir = fileURLToPath(new URL('../../console/dist', import.meta.url));

// A parent that dies (the demo, killed) takes its server with it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

try {
  await serve({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    consoleDir,
    onReady: ({ port }) => process.send?.({ ready: true, port }),
  });
  process.exit(0);
} catch (error) {
  console.error(error instanceof StartProblem ? error.message : error);
  process.exit(1);
}
