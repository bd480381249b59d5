/**
 * Commits a second of the built server (dist/), with a number of clients in flight: each transaction has 12 commands
 * (reads by _id and through an index, inserts, updates, the commit), each on documents of its own. The clients speak the
 * wire protocol themselves: a driver would use more of the machine than the server that is measured.
 *
 *   node bench/transactions.mjs [--cli <other dist/cli.js>]... [--flight 8,20,64] [--rounds 3] [--seconds 2]
 *
 * With several --cli all servers run at once and the rounds alternate between them, so that a noisy machine is noisy for
 * all; `cpuMs` (Linux) is what the server's process used for one transaction. One JSON line a figure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'node:net';
import { Binary, Long, deserialize, serialize } from 'bson';

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
  JSON.parse(String(line));
  return child;
}

/** One connection with one request at a time. */
class Client {
  #socket;
  #buffer = Buffer.alloc(0);
  #answer;
  #lsid = { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) };
  #txnNumber = 0;

  static async open(path) {
    const client = new Client();
    client.#socket = connect(path);
    client.#socket.on('data', (chunk) => client.#receive(chunk));
    await once(client.#socket, 'connect');
    return client;
  }

  #receive(chunk) {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    if (this.#buffer.length < 4 || this.#buffer.length < this.#buffer.readInt32LE(0)) return;
    const reply = deserialize(this.#buffer.subarray(21));
    this.#buffer = Buffer.alloc(0);
    this.#answer(reply);
  }

  async command(command) {
    const body = serialize({ ...command, $db: 'bench' });
    const head = Buffer.alloc(21);
    head.writeInt32LE(21 + body.length, 0);
    head.writeInt32LE(1, 4);
    head.writeInt32LE(2013, 12);
    const answered = new Promise((resolve) => (this.#answer = resolve));
    this.#socket.write(Buffer.concat([head, body]));
    const reply = await answered;
    if (reply.ok !== 1 || reply.writeErrors) throw new Error(JSON.stringify(reply));
    return reply;
  }

  begin() {
    this.#txnNumber += 1;
    this.#started = false;
  }

  #started = false;

  statement(command) {
    const start = this.#started ? {} : { startTransaction: true };
    this.#started = true;
    const txnNumber = Long.fromNumber(this.#txnNumber);
    return this.command({ ...command, lsid: this.#lsid, txnNumber, autocommit: false, ...start });
  }

  close() {
    this.#socket.destroy();
  }
}

async function prepare(client) {
  await client.command({
    createIndexes: 'rows',
    indexes: [
      { key: { owner: 1, at: 1 }, name: 'owner' },
      { key: { code: 1 }, name: 'code', unique: true },
    ],
  });
  const documents = Array.from({ length: 512 }, (_, n) => ({ _id: n, sum: 0, note: 'x'.repeat(300) }));
  await client.command({ insert: 'sums', documents });
}

/** Twelve commands: 4 reads, 4 inserts, 3 updates, 1 commit. */
async function transfer(client, owner, n) {
  client.begin();
  const read = (collection, filter, more = {}) =>
    client.statement({ find: collection, filter, limit: 1, singleBatch: true, ...more });
  await read('sums', { _id: owner });
  await read('rows', { owner }, { sort: { at: -1 }, limit: 5 });
  for (let k = 0; k < 4; k += 1) {
    const row = { _id: `${owner}-${n}-${k}`, owner, at: n, code: `${owner}-${n}-${k}`, text: 'y'.repeat(200) };
    await client.statement({ insert: 'rows', documents: [row] });
  }
  for (let k = 0; k < 3; k += 1)
    await client.statement({ update: 'sums', updates: [{ q: { _id: owner }, u: { $inc: { sum: 1 } } }] });
  await read('rows', { code: `${owner}-${n}-0` });
  await read('sums', { _id: owner });
  await client.statement({ commitTransaction: 1 });
}

/** Milliseconds of processor time the process has used so far; NaN where /proc is missing. A clock tick is 10 ms. */
function cpuOf(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return NaN;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function open(cli, flight) {
  const data = mkdtempSync(join(tmpdir(), 'embedded-bench-'));
  const child = await startServer(cli, data);
  const clients = [];
  for (let n = 0; n < flight; n += 1) clients.push(await Client.open(join(data, 'db.sock')));
  await prepare(clients[0]);
  const subject = { cli, clients, child, next: 0, figures: [] };
  subject.close = async () => {
    for (const client of clients) client.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(data, { recursive: true, force: true });
  };
  return subject;
}

async function round({ clients, child, next }, seconds) {
  const times = [];
  const cpu = cpuOf(child.pid);
  const began = performance.now();
  const ends = began + seconds * 1000;
  const lane = async (client, owner) => {
    for (let n = next; performance.now() < ends; n += 1) {
      const start = performance.now();
      await transfer(client, owner, n);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(clients.map(lane));
  const passed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  return {
    perSecond: Math.round(times.length / passed),
    p50Ms: times[times.length >> 1],
    p95Ms: times[Math.floor(times.length * 0.95)],
    cpuMs: (cpuOf(child.pid) - cpu) / times.length,
  };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

for (const flight of values.flight.split(',').map(Number)) {
  const subjects = [];
  for (const cli of values.cli) subjects.push(await open(cli, flight));
  for (const subject of subjects) await round(subject, 0.5);
  for (let number = 1; number <= Number(values.rounds); number += 1) {
    for (const subject of subjects) {
      subject.next = number * 1_000_000;
      subject.figures.push(await round(subject, Number(values.seconds)));
    }
  }
  for (const { cli, figures, close } of subjects) {
    const of = (name) => figures.map((figure) => figure[name]);
    const middle = (name) => Number(median(of(name)).toFixed(2));
    console.log(
      JSON.stringify({
        cli,
        flight,
        perSecond: of('perSecond'),
        median: median(of('perSecond')),
        best: Math.max(...of('perSecond')),
        p50Ms: middle('p50Ms'),
        p95Ms: middle('p95Ms'),
        cpuMs: middle('cpuMs'),
      }),
    );
    await close();
  }
}
