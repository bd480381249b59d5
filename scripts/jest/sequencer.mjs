// Starts the longest test files first, so that the end of a run is not one long file beside an idle core.
// Jest knows durations only from its own cache, which a fresh clone does not have.
import Sequencer from '@jest/test-sequencer';

/** Those of more than ten seconds or so, the longest first. A file that is missing here only starts later. */
const longest = [
  'demo/guards',
  'demo/sample-shop',
  'demo/launch',
  'flows/crash',
  'flows/takeover',
  'flows/orders',
  'imports/command',
  'imports/run',
  'serve/start-problems',
  'miniprogram/gates',
  'flow/live',
  'browser/member',
  'domain/customers/persons',
  'flows/delivery',
  'flows/claims',
  'domain/membership/database',
  'flows/console-membership',
  'infra/queue',
  'miniprogram/preview',
  'browser/chat',
  'browser/console-membership',
  'flows/spends',
  'imports/cdnow',
  'flows/chat',
  'crash/acknowledged',
  'http/routes',
  'domain/membership/queries',
  'domain/commerce/orders',
  'imports/mapping',
  'domain/staff/accounts',
  'flows/review-late',
].map((name) => `/${name}.test.ts`);

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const at = longest.findIndex((name) => path.replaceAll('\\', '/').endsWith(name));
      return at < 0 ? longest.length : at;
    };
    return super.sort(tests).toSorted((a, b) => place(a) - place(b));
  }
}
