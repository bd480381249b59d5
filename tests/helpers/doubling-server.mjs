// The built server as it is, but every job delivers its row twice at the same moment. The test starts several and kills them.
import { serve } from '../../dist/src/serve.js';

await serve({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  consoleDir: 'none',
  replace: { deliver: (real) => async (rowId) => void (await Promise.all([real(rowId), real(rowId)])) },
});
process.exit(0);
