/** Bad input is refused with the right status, names what is wrong, and changes nothing. */
import { createHash } from 'node:crypto';
import { CHANNEL } from '../../account.js';
import { expect } from '../judge.js';
import type { Lab } from '../lab.js';
import { API, exchange } from '../session.js';
import type { Answer } from '../session.js';
import type { Step } from './index.js';

const BIG = 5 * 1024 * 1024;
const BOMB = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>`;

export const refusals: Step = {
  name: 'refusals',
  title: { 'zh-CN': '错误输入：拒绝且不留痕', en: 'bad input is refused' },
  async run(lab) {
    await webhooks(lab);
    await api(lab);
    const customer = await lab.follower('照常写信的人');
    await lab.sim.say(customer.openid, { content: '一切照常' });
    await lab.arrived(await lab.conversationOf(customer), '一切照常');
    lab.saw('and after all that a message still arrives');
  },
};

async function webhooks(lab: Lab): Promise<void> {
  const now = await lab.secondNow();
  const sealed = `<xml><ToUserName>x</ToUserName><Encrypt>${Buffer.alloc(64).toString('base64')}</Encrypt></xml>`;
  const cases: Array<[name: string, statuses: number[], ask: () => Promise<Answer>]> = [
    ['wrong signature', [403], () => post(lab, { body: sealed, at: now, sign: () => '0'.repeat(40) })],
    ['right signature, 11 minutes old', [403], () => post(lab, { body: sealed, at: now - 660 })],
    ['right signature, not our cipher', [403], () => post(lab, { body: sealed, at: now })],
    [
      'unencrypted in safe mode',
      [403],
      () => post(lab, { body: '<xml><MsgType>text</MsgType></xml>', at: now, plain: true }),
    ],
    ['garbage', [400, 403], () => post(lab, { body: 'not a document at all', at: now })],
    ['XML with entities', [400, 403], () => post(lab, { body: BOMB, at: now })],
    ['5 MB', [413], () => post(lab, { body: Buffer.alloc(BIG, 'x'), at: now })],
    [
      'an account that is not there',
      [404],
      () => exchange(lab.stage.front.port, { method: 'POST', path: `/webhooks/${CHANNEL}/nobody`, body: sealed }),
    ],
  ];
  for (const [name, statuses, ask] of cases) {
    const { status } = await ask();
    expect(statuses.includes(status), `webhook, ${name}: ${statuses.join(' or ')}, not ${String(status)}`);
  }
  lab.saw(`webhook: ${cases.map(([name, [status]]) => `${name} ${String(status)}`).join('; ')}`);
}

interface Push {
  body: string | Buffer;
  at: number;
  plain?: boolean;
  sign?: (parts: string[]) => string;
}

/** Signed as the platform signs: SHA-1 over the sorted parts. */
function post(
  { stage, accounts: { official: account }, accountId }: Lab,
  { body, at, plain = false, sign = sha1 }: Push,
): Promise<Answer> {
  const timestamp = String(at);
  const sealed = /<Encrypt>([^<]*)</.exec(body.toString('latin1', 0, 4000))?.[1] ?? '';
  const query = new URLSearchParams({ timestamp, nonce: '4711', signature: sign([account.token, timestamp, '4711']) });
  if (!plain) {
    query.set('encrypt_type', 'aes');
    query.set('msg_signature', sign([account.token, timestamp, '4711', sealed]));
  }
  const path = `/webhooks/${CHANNEL}/${accountId}?${query.toString()}`;
  return exchange(stage.front.port, { method: 'POST', path, headers: { 'content-type': 'text/xml' }, body });
}

const sha1 = (parts: string[]): string => createHash('sha1').update(parts.toSorted().join('')).digest('hex');

async function api(lab: Lab): Promise<void> {
  const agent = await lab.as('agent');
  const { port } = lab.stage.front;
  const none = '0'.repeat(24);
  const reply = { clientId: 'check-refusal', content: { type: 'text', text: 'x' } };
  const type = { 'content-type': 'application/json' };
  const write = (
    headers: Record<string, string>,
    body: string,
    path = `/conversations/${none}/notes`,
  ): Promise<Answer> => exchange(port, { method: 'POST', path: API + path, headers, body });
  const signed = { cookie: agent.cookie, 'x-csrf-token': agent.csrfToken };
  const cases: Array<[name: string, status: number, ask: () => Promise<Answer>]> = [
    ['no session', 401, () => exchange(port, { method: 'GET', path: `${API}/conversations` })],
    ['no CSRF token', 403, () => write({ cookie: agent.cookie, ...type }, '{}')],
    [
      'not permitted',
      403,
      () => agent.send('POST', '/staff', { account: 'intruder', name: 'x', role: 'admin', password: 'long-enough-1' }),
    ],
    ['no such conversation', 404, () => agent.send('POST', `/conversations/${none}/replies`, reply)],
    ['broken JSON', 400, () => write({ ...signed, ...type }, '{"text":')],
    ['not JSON at all', 415, () => write({ ...signed, 'content-type': 'text/plain' }, 'hello')],
    ['5 MB', 413, () => write({ ...signed, ...type }, JSON.stringify({ text: 'x'.repeat(BIG) }))],
  ];
  for (const [name, status, ask] of cases) {
    const given = await ask();
    expect(given.status === status, `console API, ${name}: ${String(status)}, not ${given.about}`);
    expect(
      String(given.headers['content-type']).startsWith('application/problem+json') && given.code !== undefined,
      `${name}: the refusal is a problem document with a code`,
    );
  }
  const wrong = await agent.send('POST', `/conversations/${none}/replies`, {
    clientId: 'x',
    content: { type: 'text', text: '' },
    more: 1,
  });
  const named = ((wrong.json as { errors?: Array<{ path: string }> } | undefined)?.errors ?? [])
    .map(({ path }) => path)
    .join(', ');
  expect(wrong.status === 400, `wrong fields answer 400, not ${wrong.about}`);
  expect(
    named.includes('clientId') && named.includes('content.text') && named.includes('more'),
    `every wrong field is named (${named})`,
  );
  lab.saw(
    `console API: ${cases.map(([name, status]) => `${name} ${String(status)}`).join('; ')}; wrong fields 400 naming ${named}`,
  );
}
