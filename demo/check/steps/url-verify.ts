/** The platform asks once whether the address is ours. */
import { CHANNEL } from '../../account.js';
import { expect } from '../judge.js';
import { exchange } from '../session.js';
import type { Step } from './index.js';

export const urlVerify: Step = {
  name: 'url-verify',
  title: { 'zh-CN': '验证服务器地址', en: 'the platform verifies the address' },
  async run({ sim, accounts, accountId, stage, saw }) {
    const { verified, attempt } = await sim.verify(accounts.official.appId);
    expect(verified, `the echo comes back as it was sent (HTTP ${String(attempt.status)})`);
    saw('the right signature gets its echostr back');
    const query = `signature=${'0'.repeat(40)}&timestamp=${String(Math.floor(Date.now() / 1000))}&nonce=1&echostr=77`;
    const path = `/webhooks/${CHANNEL}/${accountId}?${query}`;
    const wrong = await exchange(stage.front.port, { method: 'GET', path });
    expect(
      wrong.status === 403 && !wrong.text.includes('77'),
      `a wrong signature is refused with 403, not ${wrong.about}`,
    );
    saw('a wrong signature gets 403 and no echo');
  },
};
