/** Encrypted callbacks as the platform pushes them in safe mode, each different, from many people. */
import { createMessageCipher, signatureOf } from '../src/channels/wechat/crypto.js';
import { writeXml } from '../src/channels/wechat/xml.js';

export interface Push {
  path: string;
  body: string;
}

const PEOPLE = 5_000;

export function createPushes() {
  const account = {
    id: 'bench',
    appId: 'wx0123456789abcdef',
    appSecret: 'not-used-here-not-used-here-1234',
    token: 'benchtoken',
    encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    mode: 'safe' as const,
    apiBase: 'http://127.0.0.1:9',
  };
  const cipher = createMessageCipher(account.encodingAesKey, account.appId);
  let count = 0;
  const next = (): Push => {
    const n = count++;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = String(100_000_000 + n);
    const Encrypt = cipher.encrypt(
      writeXml({
        ToUserName: 'gh_0123456789ab',
        FromUserName: `oBench${String(n % PEOPLE).padStart(22, '0')}`,
        CreateTime: Number(timestamp),
        MsgType: 'text',
        Content: `请问这件衣服还有蓝色的吗？ number ${n}`,
        MsgId: 24_540_012_345_000 + n,
      }),
    );
    const query = new URLSearchParams({
      signature: signatureOf([account.token, timestamp, nonce]),
      timestamp,
      nonce,
      openid: 'o',
      encrypt_type: 'aes',
      msg_signature: signatureOf([account.token, timestamp, nonce, Encrypt]),
    });
    return {
      path: `/webhooks/official-account/bench?${query}`,
      body: writeXml({ ToUserName: 'gh_0123456789ab', Encrypt }),
    };
  };
  return { account, next };
}
