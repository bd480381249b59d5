/** A person writes to the shop's personal account, staff answer in the same inbox, and the answer arrives on the person's phone. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { accountOf } from '../channels/wechaty/parts.js';
import { startPuppetHost } from '../helpers/puppet.js';
import type { PuppetHost } from '../helpers/puppet.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let host: PuppetHost;
let shop: Shop;
let agent: StaffClient;
let admin: StaffClient;

interface Summary {
  id: string;
  channel: string;
  preview: string;
}
interface Account {
  channel: string;
  state: string;
  bot: { state: string; name: string | null; qrcode: string | null } | null;
}

const botOf = async (): Promise<Account['bot']> => {
  const { body } = await admin.call('GET', 'channels');
  const items = body['items'] as unknown as Account[];
  return items.find(({ channel }) => channel === 'wechaty')?.bot ?? null;
};

const pdf = Buffer.from('%PDF-1.4 报价');
const sheet = randomBytes(300_000);

/** As the console does: a multipart body, and bytes back. */
async function media(method: 'GET' | 'POST', path: string, file?: Buffer): Promise<Response> {
  const form = new FormData();
  if (file) form.append('file', new Blob([new Uint8Array(file)]), 'x');
  const { token } = await shop.app.staff.tokens.add(agent.id, { name: 'files', expiresInDays: 1 });
  const headers = { Authorization: `Bearer ${token}` };
  return fetch(`${shop.base}/console/v1/${path}`, { method, headers, ...(file ? { body: form } : {}) });
}

beforeAll(async () => {
  host = await startPuppetHost();
  const account = accountOf({
    puppetOptions: host.puppetOptions,
    rooms: ['会员群'],
    limits: { delaySeconds: [0.2, 0.4] },
  });
  shop = await openShop({ config: (read) => ({ ...read, channels: { ...read.channels, wechaty: [account] } }) });
  agent = await shop.staff('agent', '小周');
  admin = await shop.staff('admin', '管理员');
}, 60_000);

afterAll(async () => {
  await shop.stop();
  await host.kill();
});

it('shows the code to scan, and then that the account is signed in', async () => {
  await eventually(() => Promise.resolve(host.puppet.starts > 0));
  host.scan('https://login.example/1');
  const waiting = await eventually(async () => ((await botOf())?.state === 'scan' ? botOf() : undefined));
  expect(waiting?.qrcode).toMatch(/^data:image\/png;base64,/);
  host.login();
  await eventually(async () => (await botOf())?.state === 'online');
  expect(await botOf()).toMatchObject({ name: '店长助手', qrcode: null });
});

it('carries a question into the inbox and the answer back, in private and in a group', async () => {
  const lin = host.person('林小姐');
  const group = host.group('会员群', [lin]);
  lin.say('有红色的吗').to(host.self);
  lin.say('几点开门', [host.self]).to(group);
  const found = await eventually(async () => {
    const { body } = await agent.call('GET', 'conversations');
    const items = (body['items'] as unknown as Summary[]).filter(({ channel }) => channel === 'wechaty');
    return items.length === 2 && items;
  });
  const inPrivate = found.find(({ preview }) => preview === '有红色的吗');
  const inGroup = found.find(({ preview }) => preview === '几点开门');
  for (const [one, text] of [
    [inPrivate, '有的，亲'],
    [inGroup, '早上九点'],
  ] as const) {
    expect(await agent.call('POST', `conversations/${one?.id}/claim`)).toMatchObject({ status: 200 });
    const key = { clientId: `client-${one?.id}` };
    const sent = await agent.call('POST', `conversations/${one?.id}/replies`, {
      ...key,
      content: { type: 'text', text },
    });
    expect([sent.status, sent.body]).toMatchObject([202, { state: 'pending', content: { text } }]);
  }
  await eventually(() => Promise.resolve(host.puppet.said.length === 2), 20_000);
  expect(host.puppet.said.toSorted((a, b) => (a.to < b.to ? -1 : 1))).toEqual(
    [
      { to: lin.id, text: '有的，亲', mentions: [] },
      { to: group.id, text: '@林小姐\u2005早上九点', mentions: [lin.id] },
    ].toSorted((a, b) => (a.to < b.to ? -1 : 1)),
  );
  const states = await eventually(async () => {
    const { body } = await agent.call('GET', `conversations/${inPrivate?.id}/messages`);
    const items = body['items'] as unknown as Array<{ direction: string; state: string }>;
    return items.some(({ state }) => state === 'sent') && items.map(({ direction, state }) => `${direction} ${state}`);
  });
  expect(states.toSorted()).toEqual(['in received', 'out sent']);
}, 60_000);

it('carries a file into the inbox, to be saved as it was sent, and a file of the staff to the phone', async () => {
  const chen = host.person('陈先生');
  host.send('Attachment', chen, { file: { name: '报价 (2).pdf', bytes: pdf } });
  const found = await eventually(async () => {
    const { body } = await agent.call('GET', 'conversations');
    return (body['items'] as unknown as Summary[]).find(({ preview }) => preview === '[文件] 报价 (2).pdf');
  });
  const { body } = await agent.call('GET', `conversations/${found.id}/messages`);
  const [{ content }] = body['items'] as unknown as [
    { content: { name: string; size: number; media: { id: string } } },
  ];
  expect(content).toMatchObject({ type: 'file', name: '报价 (2).pdf', size: pdf.length });
  const saved = await media('GET', `media/${content.media.id}?name=${encodeURIComponent(content.name)}`);
  expect(Buffer.from(await saved.arrayBuffer()).equals(pdf)).toBe(true);
  expect(saved.headers.get('Content-Disposition')).toContain(`filename*=UTF-8''%E6%8A%A5%E4%BB%B7`);

  expect((await agent.call('GET', `conversations/${found.id}`)).body).toMatchObject({
    replyKinds: ['text', 'image', 'file'],
    metered: false,
  });
  const uploaded = await media('POST', 'media/files', sheet);
  const { mediaId } = (await uploaded.json()) as { mediaId: string };
  const file = { type: 'file', mediaId, name: '../目录.xlsx' };
  const sent = await agent.call('POST', `conversations/${found.id}/replies`, {
    clientId: 'client-file',
    content: file,
  });
  expect([sent.status, sent.body]).toMatchObject([202, { content: { type: 'file', name: '目录.xlsx' } }]);
  const said = await eventually(() => Promise.resolve(host.puppet.said.find(({ to }) => to === chen.id)), 20_000);
  expect(said.file?.name).toBe('目录.xlsx');
  expect(said.file?.bytes.equals(sheet)).toBe(true);
}, 60_000);
