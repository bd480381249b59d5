/**
 * Business time: what windows end by and waiting is counted in. In a demo the business clock may have been moved ahead, so
 * the latest moment the server spoke of is the least it can be now.
 */
import { computed, ref } from 'vue';

const tick = ref(Date.now());
const aheadMs = ref(0);
setInterval(() => (tick.value = Date.now()), 1000);

/** Business time in ms, once a second. */
export const businessNow = computed(() => tick.value + aheadMs.value);

/** A difference below this is network delay or an unsteady clock, not a moved one. */
const noticeableMs = 120_000;

/** The server told its business time: what it says holds, forwards and back. */
export function setBusinessTime(now: string): void {
  const ahead = Date.parse(now) - Date.now();
  aheadMs.value = Math.abs(ahead) > noticeableMs ? ahead : 0;
}

export function observeBusinessTime(at: string): void {
  const ahead = Date.parse(at) - Date.now();
  if (ahead > noticeableMs && ahead > aheadMs.value) aheadMs.value = ahead;
}
