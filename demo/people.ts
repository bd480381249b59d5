/**
 * Puts people onto the simulated phone at every start, for its state is in memory: they follow already, and what was said
 * stands in their chats at its own time. The server hears nothing of it: until it runs, the platform calls a listener that only says `success`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DemoAccounts } from './account.js';
import { scenes } from './sample-shop/scenes.js';
import { planShop } from './sample-shop/plan.js';
import { phoneOf } from './sample-shop/members.js';
import type { PlannedCustomer, PlannedLine } from './sample-shop/plan.js';
import { platformCall, platformToken } from './platform.js';
import { SEND } from './sim-client.js';
import type { Backstage } from './stage.js';

/** At the bottom of the official account's chat. */
export function menu({ mini }: DemoAccounts): readonly unknown[] {
  const page = (name: string, pagepath: string) => ({
    ...{ name, type: 'miniprogram', appid: mini.appId, pagepath },
    url: 'https://example.com/member',
  });
  return [
    {
      name: '逛逛',
      sub_button: [
        { name: '新品上架', type: 'view', url: 'https://example.com/new' },
        { name: '本周热卖', type: 'click', key: 'hot' },
      ],
    },
    {
      name: '会员中心',
      sub_button: [
        page('会员卡', 'pages/home/index'),
        page('我的订单', 'pages/orders/index'),
        page('卡券', 'pages/vouchers/index'),
      ],
    },
    { name: '联系客服', type: 'click', key: 'service' },
  ];
}

/** Registers everybody who can be written to now and gives them their past. */
export async function peopleOnPhone(backstage: Backstage, filledAt: Date): Promise<void> {
  const { sim } = backstage;
  const before = await sim.clock();
  await withSilentCallback(async (callbackUrl) => {
    await backstage.register({ official: callbackUrl, mini: callbackUrl });
    const present = planShop(filledAt).customers.filter((customer) => customer.onPhone);
    // The phone lists by what was said last, so the latest go last.
    present.sort((a, b) => lastSaid(a) - lastSaid(b));
    await makeCodes(backstage);
    for (const customer of present) await relive(backstage, customer);
  });
  const after = await sim.clock();
  await sim.advance(before.offsetMs - after.offsetMs);
}

async function relive({ sim, accounts, simulator }: Backstage, customer: PlannedCustomer): Promise<void> {
  const { openid, unionid, onPhone, scene } = customer;
  const { official, mini } = accounts;
  const age = onPhone?.age === undefined ? {} : { age: onPhone.age };
  const openids = { [official.appId]: openid, [mini.appId]: miniOpenid(openid) };
  await sim.addPerson({ name: customer.name, unionid, ...age, phone: phoneOf(customer), openids });
  await sim.setClock(customer.followedAt);
  await sim.follow(openid, scene);
  for (const line of shownOnPhone(customer)) {
    await sim.setClock(line.at);
    if (line.from === 'customer') await sim.say(openid, { content: line.text });
    else await sendText({ apiBase: simulator.apiBase, account: official }, openid, line.text);
  }
  await sim.markRead(openid);
}

/** The same person's openid at the mini-program. */
const miniOpenid = (openid: string): string => `oM${openid.slice(2)}`;

const lastSaid = ({ lines }: PlannedCustomer): number => lines.at(-1)?.at.getTime() ?? Infinity;

/** The latest part of the chat; notes are the staff's own. */
function shownOnPhone({ lines }: PlannedCustomer): PlannedLine[] {
  return lines.filter((line) => line.from !== 'note').slice(-12);
}

async function sendText(at: Parameters<typeof platformToken>[0], openid: string, content: string): Promise<void> {
  const body = { touser: openid, msgtype: 'text', text: { content } };
  // What a rule of the platform refuses today was said under an older credit; the phone simply does not show it.
  await platformCall(at.apiBase, SEND, await platformToken(at), body);
}

/** The printed codes of the shop, for the phone's scanner; the first start has made them already. */
async function makeCodes({ sim, simulator, accounts }: Backstage): Promise<void> {
  const at = { apiBase: simulator.apiBase, account: accounts.official };
  const made = new Set((await sim.codes()).map(({ scene }) => scene));
  for (const { scene } of scenes.filter((one) => !made.has(one.scene))) {
    const body = { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: scene } } };
    await platformCall(at.apiBase, '/cgi-bin/qrcode/create', await platformToken(at), body);
  }
}

export async function withSilentCallback<T>(work: (callbackUrl: string) => Promise<T>): Promise<T> {
  const silent = createServer((req, res) => {
    req.resume();
    res.end('success');
  });
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  try {
    return await work(`http://127.0.0.1:${String((silent.address() as AddressInfo).port)}/`);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
}
