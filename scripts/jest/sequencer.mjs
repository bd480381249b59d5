// Starts the longest test files first, so that the end of a run is not one long file beside an idle core.
// Jest knows durations only from its own cache, which a fresh clone does not have.
import Sequencer from '@jest/test-sequencer';

/** Those of more than ten seconds or so, the longest first. A file that is missing here only starts later. */
const longest = [
  'demo/guards',
  'demo/launch',
  'flows/broadcast',
  'flows/reach-broadcast',
  'flows/crash',
  'commands/turns',
  'browser/marketing',
  'plan/counting',
  'commands/index-build',
  'flows/clock-strategies',
  'flows/takeover',
  'serve/start-problems',
  'imports/command',
  'infra/queue',
  'flow/live',
  'flows/orders',
  'http/campaigns',
  'miniprogram/preview',
  'browser/chat',
  'browser/member',
  'flows/claims',
  'domain/membership/ledger',
  'crash/acknowledged',
  'crash/crash',
  'domain/segments/agree',
  'imports/service',
  'domain/contact/standings',
  'flows/review-people',
  'flows/wechaty',
  'channels/wechaty/service',
  'http/people-shop',
  'demo/sample-shop',
  'flows/delivery',
  'imports/run',
  'browser/console-membership',
  'domain/segments/saved',
  'domain/customers/references',
  'domain/insight/dashboard',
  'flow/indexes',
  'miniprogram/gates',
  'flows/spends',
  'domain/segments/portraits',
  'domain/customers/persons',
  'domain/membership/database',
  'flows/console-membership',
  'imports/cdnow',
  'flows/chat',
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
