/** Housekeeping calls (docs/wechat.md 2.12): clearing the day's counters, the addresses that pushes come from. */
import type { AccountCall } from './call.js';
import { objectOf } from './checks.js';
import { shanghaiDay } from './clock.js';
import { PlatformError } from './errors.js';

const CLEARS_A_MONTH = 10;

/** POST /cgi-bin/clear_quota: ten times a calendar month (Asia/Shanghai). */
export function clearQuota({ world, account, body }: AccountCall): unknown {
  if (objectOf(body())['appid'] !== account.appId) throw new PlatformError(40013);
  const key = `clear ${shanghaiDay(world.clock.now()).slice(0, 7)}`;
  const used = account.counters.get(key) ?? 0;
  if (used >= CLEARS_A_MONTH) throw new PlatformError(48006);
  for (const counter of account.counters.keys()) if (counter.startsWith('day ')) account.counters.delete(counter);
  account.counters.set(key, used + 1);
  return { errcode: 0, errmsg: 'ok' };
}

/** GET /cgi-bin/getcallbackip: loopback, for that is where the simulator pushes from. */
export function callbackIps(): unknown {
  return { ip_list: ['127.0.0.1'] };
}
