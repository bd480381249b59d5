/**
 * Commits a second of the built server (dist/), with a number of clients in flight: each transaction has 12 commands
 * (reads by _id and through an index, inserts, updates, the commit), each on documents of its own.
 *
 *   node bench/transactions.mjs [--cli <other dist/cli.js>]... [--flight 8,20,64] [--rounds 3] [--seconds 2]
 *
 * With several --cli the rounds alternate between them, so that a noisy machine is noisy for all. One JSON line a figure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';

const { values } = parseArgs({
  options: {
    cli: { type: 'string', multiple: true, default: [fileURLToPath(new URL('../dist/cli.js', import.meta.url))] },
    flight: { type: 'string', default: '8,20,64' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
  },
});

async function startServer(cli, data) {
  const child = spawn(process.execPath, [cli, '--data', data, '--socket', join(data, 'db.sock')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, uri: JSON.parse(String(line)).uri };
}

async function prepare(db) {
  await db.collection('rows').createIndex({ owner: 1, at: 1 });
  await db.collection('rows').createIndex({ code: 1 }, { unique: true });
  await db.collection('sums').insertMany(Array.from({ length: 512 }, (_, n) => ({ _id: n, sum: 0, note: 'x'.repeat(300) })));
}

/** Twelve commands: 4 reads, 4 inserts, 3 updates, 1 commit. */
async function transfer(client, db, owner, n) {
  const session = client.startSession();
  try {
    session.startTransaction();
    const rows = db.collection('rows');
    const sums = db.collection('sums');
    await sums.findOne({ _id: owner }, { session });
    await rows.find({ owner }, { session }).sort({ at: -1 }).limit(5).toArray();
    for (let k = 0; k < 4; k += 1)
      await rows.insertOne({ owner, at: n, code: `${owner}-${n}-${k}`, text: 'y'.repeat(200) }, { session });
    for (let k = 0; k < 3; k += 1) await sums.updateOne({ _id: owner }, { $inc: { sum: 1 } }, { session });
    await rows.findOne({ code: `${owner}-${n}-0` }, { session });
    await sums.findOne({ _id: owner }, { session });
    await session.commitTransaction();
  } finally {
    await session.endSession();
  }
}

async function measure(cli, flight) {
  const data = mkdtempSync(join(tmpdir(), 'embedded-bench-'));
  const server = await startServer(cli, data);
  const client = await MongoClient.connect(server.uri, { maxPoolSize: flight, minPoolSize: flight });
  const db = client.db('bench');
  await prepare(db);
  const times = [];
  let ends = Date.now() + 500;
  const lane = async (owner, from) => {
    for (let n = from; Date.now() < ends; n += 1) {
      const began = performance.now();
      await transfer(client, db, owner, n);
      times.push(performance.now() - began);
    }
  };
  const lanes = (from) => Promise.all(Array.from({ length: flight }, (_, owner) => lane(owner, from)));
  await lanes(0);
  times.length = 0;
  const began = performance.now();
  ends = Date.now() + Number(values.seconds) * 1000;
  await lanes(1_000_000);
  const seconds = (performance.now() - began) / 1000;
  await client.close();
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  rmSync(data, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  return { perSecond: Math.round(times.length / seconds), p50: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)] };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

for (const flight of values.flight.split(',').map(Number)) {
  const figures = values.cli.map(() => []);
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const [at, cli] of values.cli.entries()) figures[at].push(await measure(cli, flight));
  for (const [at, cli] of values.cli.entries()) {
    const of = (name) => figures[at].map((figure) => figure[name]);
    console.log(
      JSON.stringify({
        cli,
        flight,
        transactionsPerSecond: of('perSecond'),
        median: median(of('perSecond')),
        p50Ms: Number(median(of('p50')).toFixed(1)),
        p95Ms: Number(median(of('p95')).toFixed(1)),
      }),
    );
  }
}
