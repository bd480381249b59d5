/**
 * How fast one encrypted callback is proved, opened and parsed: our webhook beside npm's co-wechat in the same process, on the same request.
 * Ours also normalises and builds the door for an answer; both answer without a body of their own. Five alternated rounds, medians.
 */
import { createRequire } from 'node:module';
import type { Receive, WebhookRequest } from '../src/contracts/index.js';
import { createMessageCipher, signatureOf } from '../src/channels/wechat/crypto.js';
import { createWebhook } from '../src/channels/official-account/webhook.js';
import { writeXml } from '../src/channels/wechat/xml.js';

export interface BenchLine {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
}

interface BaselineContext {
  method: string;
  query: Readonly<Record<string, string>>;
  request: { body: string };
  body?: string;
  status?: number;
}
type Baseline = (settings: { token: string; appid: string; encodingAESKey: string }) => {
  middleware(handle: (message: Record<string, string>) => Promise<string>): (context: BaselineContext) => Promise<void>;
};

const account = {
  id: 'bench',
  appId: 'wx0123456789abcdef',
  appSecret: 'not-used-here',
  token: 'benchtoken',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  mode: 'safe' as const,
};
const rounds = 5;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A person's text as the platform pushes it in safe mode; `number` makes each one different. */
function request(number: number): WebhookRequest {
  const receivedAt = new Date();
  const timestamp = String(Math.floor(receivedAt.getTime() / 1000));
  const message = {
    ToUserName: 'gh_0123456789ab',
    FromUserName: 'oABCDEFGHIJKLMNOPQRSTUVWXYZ1',
    CreateTime: Number(timestamp),
    MsgType: 'text',
    Content: `请问这件衣服还有蓝色的吗？ number ${number}`,
    MsgId: 24_540_012_345_000 + number,
  };
  const Encrypt = createMessageCipher(account.encodingAesKey, account.appId).encrypt(writeXml(message));
  const nonce = String(100_000_000 + number);
  const query = {
    signature: signatureOf([account.token, timestamp, nonce]),
    timestamp,
    nonce,
    openid: message.FromUserName,
    encrypt_type: 'aes',
    msg_signature: signatureOf([account.token, timestamp, nonce, Encrypt]),
  };
  const body = Buffer.from(writeXml({ ToUserName: message.ToUserName, Encrypt }));
  return {
    account: account.id,
    method: 'POST',
    query,
    contentType: 'text/xml',
    body,
    receivedAt,
    writable: () => true,
  };
}

type Run = (requests: readonly WebhookRequest[]) => Promise<number>;

/** Both count the messages whose text they read, so that a run which read nothing fails instead of winning. */
function ours(): Run {
  const webhook = createWebhook(account, silent);
  return async (requests) => {
    let read = 0;
    const receive: Receive = (event) => {
      if (event.body.kind === 'message' && event.body.content.type === 'text') read += 1;
      return Promise.resolve({ stored: true, duplicate: false });
    };
    for (const one of requests) await webhook(one, receive);
    return read;
  };
}

function theirs(): Run {
  const coWechat = createRequire(import.meta.url)('co-wechat') as Baseline;
  const { token, appId: appid, encodingAesKey: encodingAESKey } = account;
  return async (requests) => {
    let read = 0;
    const middleware = coWechat({ token, appid, encodingAESKey }).middleware((message) => {
      if (message['MsgType'] === 'text' && message['Content']) read += 1;
      return Promise.resolve('');
    });
    for (const { method, query, body } of requests)
      await middleware({ method, query, request: { body: body.toString() } });
    return read;
  };
}

/** Callbacks a second over at least `durationMs`. */
async function rate(run: Run, requests: readonly WebhookRequest[], durationMs: number): Promise<number> {
  const start = performance.now();
  let handled = 0;
  while (performance.now() - start < durationMs) {
    const read = await run(requests);
    if (read !== requests.length) throw new Error(`Only ${read} of ${requests.length} callbacks were read.`);
    handled += read;
  }
  return (handled / (performance.now() - start)) * 1000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Takes about 2 × 5 × `durationMs` and a warm-up of both. */
export async function runWebhookParseBench({ durationMs = 1000 } = {}): Promise<BenchLine> {
  const requests = Array.from({ length: 200 }, (_, number) => request(number));
  const [mine, base] = [ours(), theirs()];
  await rate(mine, requests, durationMs / 2);
  await rate(base, requests, durationMs / 2);
  const measured = { mine: [] as number[], base: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    measured.mine.push(await rate(mine, requests, durationMs));
    measured.base.push(await rate(base, requests, durationMs));
  }
  const [value, baseline] = [median(measured.mine), median(measured.base)];
  const ratio = Math.round((value / baseline) * 100) / 100;
  return {
    name: 'webhook-parse',
    value: Math.round(value),
    unit: 'callbacks/s',
    baseline: Math.round(baseline),
    ratio,
  };
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').at(-1) ?? '-')) {
  console.log(JSON.stringify(await runWebhookParseBench()));
}
