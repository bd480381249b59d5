/** The steps of one customer's day, in order. Each is whole in itself: it brings its own people and rules. */
import type { Titles } from '../../../src/contracts/index.js';
import type { Lab } from '../lab.js';
import { broadcast } from './broadcast.js';
import { chase } from './chase.js';
import { clockStrategy } from './clock-strategy.js';
import { dedupe } from './dedupe.js';
import { dispatch } from './dispatch.js';
import { faults } from './faults.js';
import { inbox } from './inbox.js';
import { join } from './join.js';
import { keyword } from './keyword.js';
import { login } from './login.js';
import { massSends } from './mass-sends.js';
import { optOut } from './opt-out.js';
import { level, pointsAvailable, pointsPending } from './points.js';
import { quota } from './quota.js';
import { refusals } from './refusals.js';
import { refunds } from './refunds.js';
import { repeat } from './repeat.js';
import { segment } from './segment.js';
import { signin } from './signin.js';
import { signing } from './signing.js';
import { stopAll } from './stop-all.js';
import { takeover } from './takeover.js';
import { unfollow } from './unfollow.js';
import { unlawful } from './unlawful.js';
import { urlVerify } from './url-verify.js';
import { voucher } from './voucher.js';
import { wechaty } from './wechaty.js';
import { welcome } from './welcome.js';
import { window } from './window.js';

export interface Step {
  name: string;
  title: Titles;
  /** It talks through a personal account, for which the check begins a puppet service. */
  needsBot?: boolean;
  /** Throws when something does not hold. */
  run(lab: Lab): Promise<void>;
}

export const steps: readonly Step[] = [
  urlVerify,
  welcome,
  inbox,
  keyword,
  dedupe,
  faults,
  quota,
  takeover,
  unfollow,
  refusals,
  window,
  login,
  join,
  pointsPending,
  level,
  refunds,
  voucher,
  repeat,
  dispatch,
  signing,
  chase,
  pointsAvailable,
  segment,
  optOut,
  stopAll,
  massSends,
  clockStrategy,
  wechaty,
  unlawful,
  // It ends the server in the middle; for some seconds afterwards a lease of the dead one keeps others waiting.
  broadcast,
  // Last: it leaves an account that asks for a captcha.
  signin,
];
