/**
 * Watches how often the platform knew of fewer customer messages than our ledger: other systems spend from the same quota.
 * Counts over the last sends of this process and tells once when the share passes the limit, again only after it was under it.
 */
export interface DriftWatch {
  /** One metered send: refused for quota although the ledger had some, or not. */
  count(drifted: boolean): void;
}

export const DRIFT_LIMIT = 0.005;
const WATCHED_SENDS = 1000;
const TELLING_FROM = 100;

export function createDriftWatch(onAlarm: (share: number) => void): DriftWatch {
  const recent: boolean[] = [];
  let alarmed = false;
  return {
    count: (drifted) => {
      recent.push(drifted);
      if (recent.length > WATCHED_SENDS) recent.shift();
      if (recent.length < TELLING_FROM) return;
      const share = recent.filter(Boolean).length / recent.length;
      if (share > DRIFT_LIMIT && !alarmed) onAlarm(share);
      alarmed = share > DRIFT_LIMIT;
    },
  };
}
