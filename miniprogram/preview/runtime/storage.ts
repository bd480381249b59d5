/** The platform's storage, kept apart for each person of the simulated phone. */

export function createStorage(openid: string) {
  const keyOf = (key: string): string => `huike-preview:${openid}:${key}`;
  return {
    get(key: string): unknown {
      const kept = localStorage.getItem(keyOf(key));
      return kept === null ? '' : JSON.parse(kept);
    },
    set(key: string, data: unknown): void {
      localStorage.setItem(keyOf(key), JSON.stringify(data));
    },
    remove(key: string): void {
      localStorage.removeItem(keyOf(key));
    },
  };
}
