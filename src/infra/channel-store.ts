/**
 * What channels share between processes: values (encrypted at rest) and leases, in the collection channel_state.
 * Leases go by the database's clock. A value keeps its expiry but is returned after it too: expiries of tokens follow business time, so the
 * channel judges them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongoose';
import type { ChannelStore, FencedStore } from '../contracts/index.js';
import { randomToken } from './crypto.js';
import type { KeyRing } from './crypto.js';
import { hasErrorCode } from './error-code.js';
import type { Database } from './mongo.js';

interface StateDocument {
  _id: string;
  value?: string;
  expiresAt?: Date;
  /** Which lease wrote the value, and its number. */
  writtenUnder?: string;
  fence?: number;
  holder?: string;
  until?: Date;
}

interface Lease {
  id: string;
  holder: string;
  fence: number;
}

const LEASE_MS = 10_000;
const RETRY_MS = 50;
const DUPLICATE_KEY = 11000;
const NEVER = new Date(0);

export interface ChannelStoreOptions {
  database: Pick<Database, 'connection' | 'now'>;
  keys: Pick<KeyRing, 'encrypt' | 'decrypt'>;
  leaseMs?: number;
}

export function createChannelStore({ database, keys, leaseMs = LEASE_MS }: ChannelStoreOptions): ChannelStore {
  const states = database.connection.collection<StateDocument>('channel_state');
  const leases = createLeases(states, database, leaseMs);
  // The lease is handed on rather than kept in an AsyncLocalStorage, which would slow every promise of the process.
  const writesUnder = (lease: Lease | undefined): FencedStore => ({
    put: async (key, value, expiresAt) => {
      const fields = { value: keys.encrypt(value, key), expiresAt };
      const fenced = lease ? { ...fields, writtenUnder: lease.id, fence: lease.fence } : fields;
      await unlessDuplicate(
        states.updateOne({ _id: valueId(key), ...notNewerThan(lease) }, { $set: fenced }, { upsert: true }),
      );
    },
    remove: async (key) => {
      await states.deleteOne({ _id: valueId(key), ...notNewerThan(lease) });
    },
  });
  return {
    get: async (key) => {
      const found = await states.findOne({ _id: valueId(key) });
      if (found?.value === undefined || !found.expiresAt) return undefined;
      return { value: keys.decrypt(found.value, key), expiresAt: found.expiresAt };
    },
    ...writesUnder(undefined),
    withLock: async (key, waitMs, work) => {
      const lease = await leases.acquire(key, waitMs);
      if (!lease) return undefined;
      // A renewal that fails leaves the lease to run out: then the fence protects what the next holder writes.
      const renewing = setInterval(() => void leases.renew(lease).catch(() => undefined), leaseMs / 3);
      try {
        return await work(writesUnder(lease));
      } finally {
        clearInterval(renewing);
        // A release that fails must not take the work's result with it: the lease runs out by itself.
        await leases.release(lease).catch(() => undefined);
      }
    },
  };
}

const valueId = (key: string): string => `value/${key}`;

/** A holder whose lease ran out must not overwrite what the next holder wrote: its write matches nothing and is dropped. */
function notNewerThan(lease: Lease | undefined): object {
  return lease ? { $or: [{ writtenUnder: { $ne: lease.id } }, { fence: { $lte: lease.fence } }] } : {};
}

type States = Collection<StateDocument>;

interface Leases {
  acquire(key: string, waitMs: number): Promise<Lease | undefined>;
  renew(lease: Lease): Promise<void>;
  release(lease: Lease): Promise<void>;
}

function createLeases(states: States, clock: Pick<Database, 'now'>, leaseMs: number): Leases {
  const until = (): Date => new Date(clock.now().getTime() + leaseMs);
  const tryOnce = async (id: string, holder: string): Promise<Lease | undefined> => {
    const free = { _id: id, until: { $lte: clock.now() } };
    const change = { $set: { holder, until: until() }, $inc: { fence: 1 } };
    const found = await unlessDuplicate(
      states.findOneAndUpdate(free, change, { upsert: true, returnDocument: 'after' }),
    );
    return found ? { id, holder, fence: Number(found.fence) } : undefined;
  };
  const mine = (lease: Lease): object => ({ _id: lease.id, holder: lease.holder, fence: lease.fence });
  return {
    acquire: async (key, waitMs) => {
      const deadline = performance.now() + waitMs;
      const holder = randomToken(9);
      for (;;) {
        const lease = await tryOnce(`lease/${key}`, holder);
        if (lease || performance.now() >= deadline) return lease;
        await sleep(Math.min(RETRY_MS, Math.max(1, deadline - performance.now())));
      }
    },
    renew: async (lease) => void (await states.updateOne(mine(lease), { $set: { until: until() } })),
    release: async (lease) => void (await states.updateOne(mine(lease), { $set: { until: NEVER } })),
  };
}

/** An upsert that matches nothing because another holds the id fails as a duplicate: then there was nothing for us to do. */
async function unlessDuplicate<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (hasErrorCode(error, DUPLICATE_KEY)) return undefined;
    throw error;
  }
}
