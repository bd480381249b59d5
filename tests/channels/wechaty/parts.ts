/** A wechaty channel for tests: its ports in memory, shared where two processes are meant, and a clock of milliseconds for the pace. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ChannelPorts,
  ChannelStore,
  InboundEvent,
  OutboundMessage,
  Received,
} from '../../../src/contracts/index.js';
import { createWechatyChannel, WechatyAccount } from '../../../src/channels/wechaty/index.js';
import type { WechatyOptions } from '../../../src/channels/wechaty/index.js';

export const risk = { acceptedBy: '店主 王芳', acceptedAt: '2026-11-01' };

export const accountOf = (more: Record<string, unknown> = {}): WechatyAccount =>
  WechatyAccount.parse({ id: 'helper', puppet: 'service', risk, limits: { delaySeconds: [0, 0] }, ...more });

/** As the real one: a lease by key with a number, and writes dropped under an older one. */
export function memoryStore(): ChannelStore & {
  values: Map<string, string>;
  breakLease(key: string): void;
  failing: boolean;
} {
  const values = new Map<string, { value: string; expiresAt: Date; fence: number }>();
  const leases = new Map<string, { fence: number; held: boolean }>();
  const store = {
    failing: false,
    values: new Map<string, string>(),
    get: async (key: string) => {
      if (store.failing) throw new Error('the database is away');
      return values.get(key);
    },
    put: async (key: string, value: string, expiresAt: Date, fence = 0) => {
      if (store.failing) throw new Error('the database is away');
      if (fence && (values.get(key)?.fence ?? 0) > fence) return;
      values.set(key, { value, expiresAt, fence });
      store.values.set(key, value);
    },
    remove: async (key: string) => {
      values.delete(key);
      store.values.delete(key);
    },
    withLock: async <T>(
      key: string,
      _waitMs: number,
      work: (fenced: Pick<ChannelStore, 'put' | 'remove'>) => Promise<T>,
    ) => {
      const lease = leases.get(key) ?? { fence: 0, held: false };
      if (lease.held) return undefined;
      const mine = { fence: lease.fence + 1, held: true };
      leases.set(key, mine);
      try {
        return await work({
          put: (name, value, expiresAt) => store.put(name, value, expiresAt, mine.fence),
          remove: store.remove,
        });
      } finally {
        mine.held = false;
      }
    },
    breakLease: (key: string) => void leases.set(key, { fence: leases.get(key)?.fence ?? 0, held: false }),
  };
  return store;
}

export interface Bench {
  channel: ReturnType<typeof createWechatyChannel>;
  events: InboundEvent[];
  files: Map<string, Buffer>;
  dataDir: string;
  logged: Array<{ level: string; message: string }>;
  start(): Promise<void>;
  /** The last event that came in, after `count` of them did. */
  heard(count: number): Promise<InboundEvent>;
}

export function bench(
  account: WechatyAccount,
  store: ChannelStore,
  options: Partial<WechatyOptions> & { now?: () => Date; answer?: () => Received } = {},
): Bench {
  const files = new Map<string, Buffer>();
  const logged: Bench['logged'] = [];
  const note = (level: string) => (fields: Record<string, unknown>, message: string) => {
    logged.push({ level, message: `${message} ${String(fields['err'] ?? fields['text'] ?? '')}` });
  };
  const ports: ChannelPorts = {
    store,
    media: {
      read: async (id) => {
        const bytes = files.get(id);
        return bytes && { bytes, mimeType: 'image/png' };
      },
      add: async (bytes) => {
        const id = createHash('sha256').update(bytes).digest('hex');
        files.set(id, bytes);
        return { id };
      },
    },
    now: options.now ?? (() => new Date()),
    log: { info: note('info'), warn: note('warn'), error: note('error') },
  };
  const events: InboundEvent[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'huike-wechaty-'));
  const channel = createWechatyChannel([account], ports, {
    dataDir,
    random: () => 0.5,
    ...options,
    timing: { silenceMs: 5000, backOffMs: 50, backOffMaxMs: 300, renewMs: 50, trustMs: 1000, ...options.timing },
  });
  return {
    channel,
    events,
    files,
    dataDir,
    logged,
    start: () =>
      channel.start((event) => {
        events.push(event);
        return Promise.resolve(options.answer?.() ?? { stored: true, duplicate: false });
      }),
    heard: (count) => until(() => events.length >= count && events.at(-1)),
  };
}

export const hello = (user: string, more: Partial<OutboundMessage> = {}): OutboundMessage => ({
  id: 'row-1',
  to: { channel: 'wechaty', account: 'helper', user },
  route: 'wechaty',
  content: { type: 'text', text: '您好' },
  ...more,
});

/** Polls until the check gives something. */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await check();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`not seen within ${withinMs} ms: ${check.toString().slice(0, 200)}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
