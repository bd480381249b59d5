/** `npm run demo`: exit code 0 when all went well, 1 when something failed, 2 on wrong options. */
import { defaultEntry } from './server-process.js';
import { HELP, readOptions } from './options.js';
import { DemoProblem } from './problem.js';
import { runCheck } from './check/run.js';
import { runDemo } from './launch.js';
import { root } from './root.js';
import { StartProblem } from '../src/errors.js';

async function main(): Promise<number> {
  const asked = readOptions(process.argv.slice(2), root);
  switch (asked.kind) {
    case 'help':
      console.log(HELP);
      return 0;
    case 'wrong':
      console.error(`${asked.message}\n\n${HELP}`);
      return 2;
    case 'check':
      return runCheck({ serverEntry: defaultEntry, only: asked.only });
    case 'demo':
      return runDemo({ ...asked, serverEntry: defaultEntry });
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof DemoProblem || error instanceof StartProblem ? error.message : error);
  process.exit(1);
}
