/** What is answered is stored: kill -9 in the very moment of an answer, and a file that can grow no further. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection, type Document } from 'mongodb';
import { buildOnce, startProcess } from './process.js';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 12);
type Row = Document & { _id: number };
let folder: string;

beforeAll(() => {
  buildOnce();
  folder = mkdtempSync(join(tmpdir(), 'embedded-acknowledged-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plain inserts and transactions side by side; resolves with every number that had been answered when the kill was sent. */
async function writeUntilKilled(
  client: MongoClient,
  base: number,
  answers: number,
  kill: () => void,
): Promise<number[]> {
  const rows = client.db('crash').collection<Row>('rows');
  const acknowledged: number[] = [];
  let killed = false;
  const note = (n: number): void => {
    if (killed) return;
    acknowledged.push(n);
    if (acknowledged.length < answers) return;
    killed = true;
    kill();
  };
  const plain = (n: number): Promise<void> => rows.insertOne({ _id: n, n }).then(() => note(n));
  const grouped = (n: number): Promise<void> =>
    client
      .withSession((session) =>
        session.withTransaction(async () => {
          await rows.insertOne({ _id: n, n }, { session });
          await rows.insertOne({ _id: -n, n: -n }, { session });
        }),
      )
      .then(() => note(n));
  const lanes = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? plain(base + at) : grouped(base + at)));
  await Promise.allSettled(lanes);
  return acknowledged;
}

async function missing(rows: Collection<Row>, acknowledged: readonly number[]): Promise<number[]> {
  const stored = new Set((await rows.find({ n: { $gte: -1e9 } }, { hint: 'n_1' }).toArray()).map(({ _id }) => _id));
  return acknowledged.filter((n) => !stored.has(n) || (n % 2 === 1 && !stored.has(-n)));
}

describe('an acknowledged write', () => {
  it(`is on disk when it is acknowledged, in ${ROUNDS} rounds`, async () => {
    const data = join(folder, 'data');
    const all: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const database = await startProcess(['--data', data, '--port', '0']);
      const client = await MongoClient.connect(database.uri, { serverSelectionTimeoutMS: 300, maxPoolSize: 30 });
      const rows = client.db('crash').collection<Row>('rows');
      if (round === 0) await rows.createIndex({ n: 1 }, { unique: true });
      expect(await missing(rows, all)).toEqual([]);
      const kill = (): void => void database.child.kill('SIGKILL');
      if (round < ROUNDS)
        all.push(...(await writeUntilKilled(client, (round + 1) * 1000, 1 + ((round * 7) % 50), kill)));
      else kill();
      await database.exited;
      await client.close();
    }
    expect(all.length).toBeGreaterThan(ROUNDS);
  }, 120_000);
});

describe('a file that can grow no further', () => {
  it('costs the writes that do not fit, keeps what was acknowledged, and the folder takes writes again where there is room', async () => {
    const data = join(folder, 'full');
    const limited = `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`;
    const cli = join(process.cwd(), 'packages', 'embedded-mongo', 'dist', 'cli.js');
    const args = ['-c', limited, process.execPath, cli, '--data', data, '--port', '0'];
    const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const client = await MongoClient.connect((JSON.parse(line.toString()) as { uri: string }).uri);
    const rows = client.db('crash').collection<Row>('rows');
    await rows.createIndex({ n: 1 }, { unique: true });
    const acknowledged: number[] = [];
    let refused = 0;
    for (let n = 0; n < 4000 && refused < 3; n += 4) {
      const four = [n, n + 1, n + 2, n + 3].map((m) => rows.insertOne({ _id: m, n: m, pad: 'x'.repeat(20_000) }));
      const outcomes = await Promise.allSettled(four);
      outcomes.forEach((outcome, at) => outcome.status === 'fulfilled' && acknowledged.push(n + at));
      refused += outcomes.filter((outcome) => outcome.status === 'rejected').length;
    }
    expect(refused).toBeGreaterThan(0);
    const ids = (await rows.find({}, { hint: { $natural: 1 } }).toArray()).map(({ _id }) => _id);
    expect(ids).toEqual(acknowledged);
    expect(await rows.find({ n: { $gte: 0 } }, { hint: 'n_1' }).toArray()).toHaveLength(ids.length);
    await client.close();
    child.kill('SIGTERM');
    await exited;
    const roomy = await startProcess(['--data', data, '--port', '0']);
    const again = await MongoClient.connect(roomy.uri);
    await again.db('crash').collection<Row>('rows').insertOne({ _id: 5000, n: 5000 });
    expect(await again.db('crash').collection('rows').countDocuments()).toBe(ids.length + 1);
    await again.close();
    await roomy.kill();
  }, 60_000);
});
