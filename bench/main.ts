/** `npm run bench [-- name]`: runs the named benchmark or all of them; each prints one JSON line a figure. */
import { runBroadcastBench } from './broadcast.js';
import { runImportBench } from './import.js';
import { runPointsBench } from './points.js';
import { runSegmentBench } from './segment.js';
import { runWebhookParseBench } from './webhook-parse.js';
import { runWebhookStoreBench } from './webhook-store.js';

const benchmarks: Record<string, () => AsyncIterable<unknown> | Iterable<unknown>> = {
  import: runImportBench,
  webhook: async function* () {
    yield await runWebhookParseBench();
    yield* runWebhookStoreBench();
  },
  points: () => runPointsBench(),
  segment: () => runSegmentBench(),
  broadcast: () => runBroadcastBench(),
};

const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length) {
  console.error(`There is no benchmark "${unknown.join('", "')}". Choose from: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}
for (const name of asked.length ? asked : Object.keys(benchmarks)) {
  for await (const line of benchmarks[name]?.() ?? []) console.log(JSON.stringify(line));
}
process.exit(0);
