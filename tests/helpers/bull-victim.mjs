// Takes one job of the queue and never finishes it; the test kills this process. Plain Bull, so that it needs no build.
import Bull from 'bull';

const [url, prefix] = process.argv.slice(2);
const queue = new Bull('replies', url, {
  prefix: `{${prefix}}`,
  settings: { lockDuration: 400, stalledInterval: 200 },
});
queue.process(1, () => {
  process.send?.('taken');
  return new Promise(() => undefined);
});
