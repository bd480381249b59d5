/** Nobody reports orders without the key: what is not rightly signed, late, or a second time, is refused. */
import { randomUUID } from 'node:crypto';
import { expect } from '../judge.js';
import { exchange } from '../session.js';
import type { Answer } from '../session.js';
import { buyer } from './buying.js';
import type { Step } from './index.js';

export const signing: Step = {
  name: 'signing',
  title: { 'zh-CN': '接口签名与幂等', en: 'signing and idempotency of the open API' },
  async run(lab) {
    const { open, sim, stage, saw } = lab;
    const { who, card, order } = await buyer(lab, '被冒充的人', 'SIGN-1', 10_000);
    const report = order.paid();
    const refused = (answer: Answer, status: number, code: string): void =>
      expect(answer.status === status && answer.code === code, `${code} with ${String(status)}, not ${answer.about}`);
    const now = Math.floor(new Date((await sim.clock()).now).getTime() / 1000);
    const unsigned = await exchange(stage.front.port, {
      ...{ method: 'POST', path: '/open/v1/orders', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(report),
    });
    refused(unsigned, 401, 'open.unsigned');
    refused(await open.post('/orders', report, { secret: 'another' }), 401, 'open.badSignature');
    refused(await open.post('/orders', report, { timestamp: now - 400 }), 401, 'open.clockSkew');
    refused(await open.post('/orders', report, { timestamp: now + 400 }), 401, 'open.clockSkew');
    const foreign = await open.post('/orders', { ...report, source: 'another-shop' });
    refused(foreign, 403, 'open.sourceNotAllowed');
    const { points } = await card.me();
    expect(points.pending === 0, 'none of them moved anything');
    saw('unsigned, wrong secret, clock 400 s off, foreign source: refused, nothing moved');

    const nonce = randomUUID();
    const idempotencyKey = randomUUID();
    const first = await open.post('/orders', report, { nonce, idempotencyKey });
    expect(first.status === 200, `rightly signed it answers 200, not ${first.about}`);
    refused(await open.post('/orders', report, { nonce }), 401, 'open.nonceUsed');
    const again = await open.post('/orders', report, { idempotencyKey });
    expect(again.text === first.text, 'the same Idempotency-Key gets the answer of the first time');
    const other = { ...report, paid: 9_000 };
    refused(await open.post('/orders', other, { idempotencyKey }), 409, 'idempotency.mismatch');
    const account = await open.account({ openid: who.mini });
    expect(account.points.pending === 100, `100 points for 100 yuan, not ${String(account.points.pending)}`);
    saw('nonce again: 401; Idempotency-Key again: the same answer; with another body: 409');
  },
};
