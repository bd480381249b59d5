/**
 * A rush on a coupon over two server processes that share a database and a Redis: as many vouchers as its budget, each with a code of its
 * own, and a claim that is sent again, to the other process too, is still one. 10,000 claims on 1,000 with `npm run test:long -- claims`.
 */
import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Types } from 'mongoose';
import { stringify } from 'yaml';
import { createApp } from '../../src/app.js';
import type { App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { hashToken } from '../../src/infra/crypto.js';
import { createLogger } from '../../src/infra/logger.js';
import { answers, freePort, prints, startVictim } from '../helpers/processes.js';
import type { Victim } from '../helpers/processes.js';
import { describeWithRedis, startRedis } from '../helpers/redis.js';
import { scaled } from '../helpers/scale.js';

const BUDGET = scaled(40, 1_000);
const CLAIMS = scaled(300, 10_000);
const IN_FLIGHT = 64;
/** Every so-many-th member sends their claim to both processes at once. */
const TWICE_EVERY = 10;
const serverEntry = resolve('dist/src/main.js');
const databaseEntry = createRequire(import.meta.url).resolve('@huike/embedded-mongo/cli');

interface Stage {
  app: App;
  bases: [string, string];
  tokens: string[];
  couponId: Types.ObjectId;
  stop(): Promise<void>;
}

interface Answer {
  server: number;
  member: number;
  status: number;
  body: { code?: string; state?: string };
}

async function openStage(redisUrl: string): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-claims-'));
  const [databasePort, ...ports] = [await freePort(), await freePort(), await freePort()];
  const configFile = join(dataDir, 'config.yaml');
  const rateLimits = { memberPerMinute: 1_000_000 };
  await writeFile(configFile, stringify({ logLevel: 'error', security: { rateLimits } }));
  const database = await startVictim({
    name: 'database',
    command: ['node', databaseEntry, '--data', join(dataDir, 'db'), '--port', String(databasePort)],
    env: {},
    up: prints,
  });
  const env = {
    HUIKE_CONFIG: configFile,
    HUIKE_DATA_DIR: dataDir,
    NODE_ENV: '',
    MONGODB_URI: `mongodb://127.0.0.1:${databasePort}/huike?directConnection=true`,
  };
  // Made before the two start: the first one to open a data folder writes its keys.
  const log = createLogger({ level: 'silent' });
  const app = await createApp({ config: loadConfig({ env, cwd: process.cwd() }), log });
  const couponId = await addCoupon(app);
  const tokens = await addMembers(app);
  const victims: Victim[] = [];
  for (const port of ports) {
    victims.push(
      await startVictim({
        name: `web ${port}`,
        command: ['node', serverEntry, '--roles', 'web'],
        env: { ...env, PORT: String(port), REDIS_URL: redisUrl },
        up: answers(`http://127.0.0.1:${port}/healthz`),
      }),
    );
  }
  const [first = 0, second = 0] = ports;
  return {
    ...{ app, tokens, couponId },
    bases: [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`],
    stop: async () => {
      for (const victim of victims) await victim.stop();
      await app.close();
      await database.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function addCoupon({ act, domain, clock }: App): Promise<Types.ObjectId> {
  let id = new Types.ObjectId();
  const terms = { title: '开业券', amountOff: 1_000, threshold: 5_000, validDays: 30, budget: BUDGET, perPerson: 1 };
  await act({
    cause: { door: 'clock', task: 'test' },
    change: async (tx) => {
      const rules = { ...terms, levels: [], claimable: true, enabled: true };
      const put = await domain.membership.coupons.put(tx, { rules, by: 'test' }, clock.now());
      if (!put.ok) throw new Error(put.reason);
      id = put.coupon._id;
      return put.events;
    },
  });
  return id;
}

/** People who joined long ago and are signed in; past the domain's front door, since ten thousand log-ins are not what is tested. */
async function addMembers({ domain, clock }: App): Promise<string[]> {
  const at = clock.now();
  const expiresAt = new Date(at.getTime() + 86_400_000);
  const { customers, memberSessions } = domain.models.people;
  const tokens: string[] = [];
  for (let done = 0; done < CLAIMS; done += 500) {
    const people = Array.from({ length: Math.min(500, CLAIMS - done) }, (_, i) => ({
      _id: new Types.ObjectId(),
      token: randomBytes(32).toString('base64url'),
      address: { channel: 'mini-program', account: 'mini', user: `m-${done + i}` },
    }));
    const joined = { at, privacyVersion: '2026-11' };
    const record = { createdAt: at, lastSeenAt: at, followUp: 'none', joined };
    await customers.collection.insertMany(people.map(({ _id }) => ({ _id, personId: _id, ...record })));
    const sessions = people.map(({ _id, token, address }) => ({
      ...{ _id: hashToken(token), customerId: _id, address },
      ...{ createdAt: at, expiresAt },
    }));
    await memberSessions.collection.insertMany(sessions as never[]);
    tokens.push(...people.map(({ token }) => token));
  }
  return tokens;
}

async function claim({ bases, tokens, couponId }: Stage, member: number, server: number): Promise<Answer> {
  const response = await fetch(`${bases[server]}/member/v1/offers/claim`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens[member]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ couponId: String(couponId), requestKey: `claim-of-${member}` }),
    signal: AbortSignal.timeout(60_000),
  });
  return { server, member, status: response.status, body: (await response.json()) as Answer['body'] };
}

async function claimAll(stage: Stage): Promise<Answer[]> {
  const given: Answer[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (let member = next++; member < CLAIMS; member = next++) {
      const first = member % 2;
      const servers = member % TWICE_EVERY === 0 ? [first, 1 - first] : [first];
      given.push(...(await Promise.all(servers.map((server) => claim(stage, member, server)))));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return given;
}

function judge(given: readonly Answer[]): Map<number, string> {
  const refusals = given.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body.code}`);
  expect(new Set(refusals)).toEqual(new Set(['409 coupon.exhausted']));
  const codes = new Map<number, string>();
  for (const { member, status, body } of given) {
    if (status !== 200) continue;
    expect(body).toMatchObject({ state: 'granted', code: expect.any(String) });
    // The same claim at both processes is one voucher.
    expect(codes.get(member) ?? body.code).toBe(body.code);
    codes.set(member, body.code ?? '');
  }
  expect(codes.size).toBe(BUDGET);
  expect(new Set(codes.values()).size).toBe(BUDGET);
  return codes;
}

describeWithRedis(`${CLAIMS} claims on ${BUDGET} vouchers over two server processes`, () => {
  it(
    'grant exactly the budget, each voucher once',
    async () => {
      const redis = await startRedis();
      const stage = await openStage(redis.url);
      try {
        const started = performance.now();
        const given = await claimAll(stage);
        const seconds = (performance.now() - started) / 1000;
        const codes = judge(given);
        const granting = new Set(given.filter(({ status }) => status === 200).map(({ server }) => server));
        expect(granting.size).toBe(2);

        const { models, membership } = stage.app.domain;
        expect((await membership.coupons.get(stage.couponId))?.granted).toBe(BUDGET);
        const stored = await models.membership.vouchers.find().lean();
        expect(new Set(stored.map(({ code }) => code)).size).toBe(BUDGET);
        expect(new Set(stored.map(({ customerId }) => String(customerId))).size).toBe(BUDGET);
        expect(await models.flow.events.countDocuments({ kind: 'voucher.granted' })).toBe(BUDGET);
        expect(await models.flow.due.countDocuments({ kind: 'voucher.expire' })).toBe(BUDGET);
        expect(await membership.check()).toEqual([]);

        // Whoever asks again gets the same voucher, and who got none still gets none.
        const [winner = 0] = codes.keys();
        const again = await claim(stage, winner, 1);
        expect(again).toMatchObject({ status: 200, body: { code: codes.get(winner) } });
        const figures = { claims: given.length, granted: codes.size, seconds: Math.round(seconds * 10) / 10 };
        console.log(`claims: ${JSON.stringify(figures)}`);
      } finally {
        await stage.stop();
        await redis.kill();
      }
    },
    scaled(120_000, 1_200_000),
  );
});
