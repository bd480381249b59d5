/**
 * Callbacks to the account's server (docs/wechat.md 1.2, 1.3): signed, encrypted as the mode says, 5 s, three attempts
 * in total with the same body; a passive reply lands on the phone. Decides nothing about credits.
 */
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { encrypt, signature } from './crypto.js';
import { takeFault, type Fault } from './faults.js';
import { readPassive } from './passive.js';
import { isReachable, type Account, type World } from './state.js';
import { toJson, toXml, type Fields } from './wire.js';

const ATTEMPTS = 3;
const NOTICES = {
  'official-account': '该公众号提供的服务出现故障，请稍后再试',
  'mini-program': '该小程序客服暂时无法提供服务，请稍后再试',
};

export interface Attempt {
  /** HTTP status, 0 when there was no answer. */
  status: number;
  ms: number;
  /** The answer's body as it came, when it has one. */
  reply?: string;
  error?: string;
}

export interface PushOutcome {
  pushed: boolean;
  attempts: Attempt[];
  /** Held back by an out-of-order fault. */
  held?: boolean;
}

export interface PushInput {
  openid: string;
  /** Everything but ToUserName, FromUserName and CreateTime, which are put before. */
  fields: Fields;
  /** Seconds since 1970; now when absent. */
  createTime?: number | undefined;
  /** Whether the person waits for an answer: then a failure shows a notice on the phone. */
  interactive?: boolean;
}

/** Pushes one message or event and tells what came of it. */
export async function push(world: World, account: Account, input: PushInput): Promise<PushOutcome> {
  if (account.callbackUrl === '') return { pushed: false, attempts: [] };
  const body = seal(account, {
    ToUserName: account.originalId,
    FromUserName: input.openid,
    CreateTime: input.createTime ?? Math.floor(world.clock.now() / 1000),
    ...input.fields,
  });
  const fault = takeFault(world.faults, 'push', (each) => each.duplicate === true || each.outOfOrder === true);
  if (fault?.outOfOrder === true) {
    const waiting = world.held.get(account.appId) ?? [];
    const later = async () => void (await deliver({ world, account, input, body }));
    world.held.set(account.appId, [...waiting, later]);
    return { pushed: true, held: true, attempts: [] };
  }
  const attempts = await deliver({ world, account, input, body });
  if (fault?.duplicate === true) attempts.push(...(await deliver({ world, account, input, body })));
  await release(world, account);
  return { pushed: true, attempts };
}

async function release(world: World, account: Account): Promise<void> {
  const held = world.held.get(account.appId) ?? [];
  world.held.delete(account.appId);
  for (const later of held) await later();
}

interface Sealed {
  text: string;
  /** The ciphertext in the body, when there is one. */
  encrypted?: string;
}

/** Plain: the fields. Compatible: the fields and the ciphertext. Safe: ToUserName and the ciphertext. */
function seal(account: Account, fields: Fields): Sealed {
  const write = account.dataFormat === 'json' ? toJson : toXml;
  const text = write(fields);
  if (account.mode === 'plain') return { text };
  const encrypted = encrypt({ encodingAesKey: account.encodingAesKey, receiveId: account.appId, text });
  const shown = account.mode === 'safe' ? { ToUserName: account.originalId } : fields;
  return { text: write({ ...shown, Encrypt: encrypted }), encrypted };
}

interface Delivery {
  world: World;
  account: Account;
  input: PushInput;
  body: Sealed;
}

async function deliver(delivery: Delivery): Promise<Attempt[]> {
  const { world } = delivery;
  const attempts: Attempt[] = [];
  while (attempts.length < ATTEMPTS) {
    if (attempts.length > 0) await sleep(world.options.pushRetryDelayMs, undefined, { signal: world.stopping.signal });
    const attempt = await attemptOnce(delivery);
    attempts.push(attempt);
    if (attempt.status !== 0 && attempt.status < 500) {
      settle(delivery, attempt);
      return attempts;
    }
  }
  notify(delivery);
  return attempts;
}

async function attemptOnce(delivery: Delivery): Promise<Attempt> {
  const { world, account, body } = delivery;
  const fault = takeFault(world.faults, 'push', (each) => each.duplicate !== true && each.outOfOrder !== true);
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: world.stopping.signal });
  const started = performance.now();
  if (fault?.drop === 'before') return { status: 0, ms: 0, error: 'dropped before' };
  const url = callbackUrl({ account, openid: delivery.input.openid, body, now: world.clock.now() });
  const contentType = account.dataFormat === 'json' ? 'application/json' : 'text/xml';
  const result = await post({
    url,
    contentType,
    body: body.text,
    timeoutMs: world.options.pushTimeoutMs,
    signal: world.stopping.signal,
  });
  return spoil(fault, { ...result, ms: Math.round(performance.now() - started) });
}

function spoil(fault: Fault | undefined, attempt: Attempt): Attempt {
  if (fault?.drop === 'after') return { status: 0, ms: attempt.ms, error: 'dropped after' };
  if (fault?.status === undefined) return attempt;
  return { ...attempt, status: fault.status };
}

interface CallbackInput {
  account: Account;
  openid: string;
  body: Sealed;
  now: number;
}

/** The query of one attempt; timestamp, nonce and signatures are new each time, by the clock of the platform. */
function callbackUrl({ account, openid, body, now }: CallbackInput): URL {
  const timestamp = String(Math.floor(now / 1000));
  const nonce = String(randomBytes(4).readUInt32BE());
  const url = new URL(account.callbackUrl);
  url.searchParams.set('signature', signature(account.token, timestamp, nonce));
  url.searchParams.set('timestamp', timestamp);
  url.searchParams.set('nonce', nonce);
  url.searchParams.set('openid', openid);
  if (body.encrypted !== undefined) {
    url.searchParams.set('encrypt_type', 'aes');
    url.searchParams.set('msg_signature', signature(account.token, timestamp, nonce, body.encrypted));
  }
  return url;
}

/** The URL verification (1.1): true when the server answers with exactly the `echostr`. */
export async function verifyUrl(world: World, account: Account): Promise<{ verified: boolean; attempt: Attempt }> {
  const url = callbackUrl({ account, openid: '', body: { text: '' }, now: world.clock.now() });
  const echostr = String(randomBytes(6).readUIntBE(0, 6));
  url.searchParams.delete('openid');
  url.searchParams.set('echostr', echostr);
  const result = await post({
    url,
    method: 'GET',
    contentType: '',
    body: '',
    timeoutMs: world.options.pushTimeoutMs,
    signal: world.stopping.signal,
  });
  return { verified: result.status === 200 && result.reply === echostr, attempt: { ...result, ms: 0 } };
}

interface Post {
  url: URL;
  method?: 'GET' | 'POST';
  contentType: string;
  body: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** One HTTP exchange; resolves in every case. The time-out covers the whole answer. */
function post({ url, method = 'POST', contentType, body, timeoutMs, signal }: Post): Promise<Omit<Attempt, 'ms'>> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const bytes = Buffer.from(body);
    const headers = method === 'GET' ? {} : { 'content-type': contentType, 'content-length': bytes.length };
    const outgoing = send(url, { method, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => finish({ status: 0, error: error.message }));
      response.on('aborted', () => finish({ status: 0, error: 'closed' }));
      response.on('end', () => {
        const reply = Buffer.concat(chunks).toString('utf8');
        finish({ status: response.statusCode ?? 0, ...(reply === '' ? {} : { reply }) });
      });
    });
    const timer = setTimeout(() => finish({ status: 0, error: 'timeout' }), timeoutMs);
    const finish = (result: Omit<Attempt, 'ms'>) => {
      clearTimeout(timer);
      resolve(result);
      outgoing.destroy();
    };
    outgoing.on('error', (error: NodeJS.ErrnoException) => finish({ status: 0, error: error.code ?? error.message }));
    outgoing.end(bytes);
  });
}

/** A mini-program has no passive replies: what is more than an acceptance counts as a fault of its server (docs/wechat.md 3.5). */
function settle(delivery: Delivery, attempt: Attempt): void {
  const { world, account, input } = delivery;
  if (attempt.status < 200 || attempt.status > 299) return notify(delivery);
  const relation = world.byOpenid.get(input.openid);
  const passive = readPassive({ world, account, openid: input.openid, text: attempt.reply ?? '' });
  if (passive.kind === 'malformed') return notify(delivery);
  if (passive.kind === 'silent' || relation === undefined || !isReachable(account, relation)) return;
  if (account.kind === 'mini-program') return notify(delivery);
  world.say(relation, { from: 'account', route: 'passive', msgtype: passive.msgtype, content: passive.content });
}

function notify({ world, account, input }: Delivery): void {
  const relation = world.byOpenid.get(input.openid);
  if (input.interactive !== true || relation === undefined || !isReachable(account, relation)) return;
  world.say(relation, { from: 'notice', route: null, msgtype: 'notice', content: NOTICES[account.kind] });
}
