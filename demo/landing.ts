/** The page on `/`: what this is, the four ways in, who may sign in, the key of the shop's system. One document without any other file. */
import { landingStyle } from './landing-style.js';
import type { Login } from './logins.js';
import type { ShopKey } from './service.js';

const roleNames: Record<Login['role'], { zh: string; en: string }> = {
  agent: { zh: '客服', en: 'Agent' },
  manager: { zh: '主管', en: 'Manager' },
  marketer: { zh: '运营', en: 'Marketer' },
  admin: { zh: '管理员', en: 'Admin' },
};

interface Entry {
  href: string;
  mark: string;
  zh: [title: string, text: string];
  en: [title: string, text: string];
}

const phoneMark =
  '<rect x="15" y="6" width="18" height="36" rx="4"/><path d="M22 37h4"/><path d="M20 16h8M20 21h8M20 26h5"/>';
const cardMark = '<rect x="6" y="11" width="36" height="26" rx="4"/><path d="M6 19h36M13 30h8M29 30h6"/>';
const consoleMark =
  '<rect x="6" y="9" width="36" height="26" rx="3"/><path d="M6 17h36M17 17v18M22 23h14M22 28h9M18 41h12"/>';
const docsMark = '<path d="M12 6h17l8 8v28H12z"/><path d="M29 6v8h8"/><path d="m21 24-4 4 4 4M28 24l4 4-4 4"/>';

const entries: readonly Entry[] = [
  {
    href: '/phone/',
    mark: phoneMark,
    zh: ['顾客的手机', '扮演一位顾客：扫码关注，发一句“包邮吗”，看回复怎样到来。'],
    en: ['The customer’s phone', 'Be a customer: scan a code, follow, ask something, watch the answer arrive.'],
  },
  {
    href: '/m/',
    mark: cardMark,
    zh: ['会员小程序', '会员卡、积分、卡券、订单。在顾客的手机里点“栖木会员”打开，或在这里单独打开。'],
    en: ['The mini-program', 'Card, points, vouchers, orders. Tap it on the phone, or open it here by itself.'],
  },
  {
    href: '/console/',
    mark: consoleMark,
    zh: ['客服工作台', '换到另一边：消息自己进来，接待、回复、备注、结束会话。'],
    en: ['The staff console', 'Sit on the other side: messages come in by themselves; claim, reply, note, close.'],
  },
  {
    href: '/docs',
    mark: docsMark,
    zh: ['接口文档', '由校验请求的同一套模式生成，永远与程序一致。'],
    en: ['The API', 'Made from the same schemas that validate every request.'],
  },
];

const steps: ReadonlyArray<{ zh: string; en: string }> = [
  { zh: '打开<b>顾客的手机</b>，选一位顾客，写一句话。', en: 'Open the phone, pick a customer, write something.' },
  {
    zh: '并排打开<b>客服工作台</b>，用 <code>xiaomei</code> 登录。',
    en: 'Beside it, open the console and sign in as xiaomei.',
  },
  { zh: '在“待接待”里接下会话，回复；手机马上响应。', en: 'Claim the conversation and reply; the phone shows it.' },
  {
    zh: '在手机上写“包邮吗”：自动回复立刻到达。',
    en: 'Write 包邮吗 on the phone: the automatic answer is there at once.',
  },
  {
    zh: '在手机上打开<b>栖木会员</b>：林可还没入会，老周是金卡。',
    en: 'Open the mini-program on the phone: 林可 has not joined yet, 老周 is gold.',
  },
  {
    zh: '用 <code>chenyu</code> 登录控制台：看人群、策略库，和六天前那次群发逐人的结果。',
    en: 'Sign in as chenyu, the marketer: segments, the strategy library, and a broadcast of six days ago, person by person.',
  },
];

/** All that is shown comes from the arguments; nothing is fetched. */
export function landingPage(shop: string, logins: readonly Login[], key?: ShopKey): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>回客 Huike · ${escape(shop)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${landingStyle}</style>
</head>
<body>
<header class="top"><span class="logo">${logo}</span><span class="name">回客 <i lang="en">Huike</i></span><span class="tag">演示 <i lang="en">demo</i></span></header>
<main>
<section class="hero">
<h1>老顾客回来，<br>是因为聊得来。</h1>
<p class="lead">回客是住在聊天里的会员管理：顾客在微信里说的每句话都不丢、不重、有人接、按时答。</p>
<p class="lead en" lang="en">Huike is a member CRM that lives where customers already talk: every message kept once, answered in time, seen by the right person.</p>
<p class="note">这里是一整套真实运行的产品，只有微信是本机模拟的。示例店铺“${escape(shop)}”有 2,000 位虚构的顾客。<br><span class="en" lang="en">The whole product runs here for real; only WeChat is simulated on this machine. The sample shop has 2,000 invented customers.</span></p>
</section>
<section class="entries" aria-label="入口 Entries">${entries.map(entryCard).join('')}</section>
<section class="columns">
<div><h2>五分钟看懂 <i lang="en">Five minutes</i></h2><ol class="steps">${steps.map(stepItem).join('')}</ol></div>
<div><h2>示例登录 <i lang="en">Sample logins</i></h2>${loginTable(logins)}${key ? keyTable(key) : ''}</div>
</section>
</main>
<footer>只在本机可见，数据均为虚构。 <i lang="en">Visible on this machine only; all data is invented.</i></footer>
</body>
</html>
`;
}

function entryCard({ href, mark, zh, en }: Entry): string {
  return `<a class="card" href="${href}"><svg viewBox="0 0 48 48" aria-hidden="true">${mark}</svg><strong>${zh[0]} <i lang="en">${en[0]}</i></strong><span>${zh[1]}</span><span class="en" lang="en">${en[1]}</span><b class="go" aria-hidden="true">→</b></a>`;
}

function stepItem({ zh, en }: { zh: string; en: string }): string {
  return `<li><span>${zh}</span><span class="en" lang="en">${en}</span></li>`;
}

function loginTable(logins: readonly Login[]): string {
  const rows = logins.map(
    ({ role, name, account, password }) =>
      `<tr><td>${roleNames[role].zh} <i lang="en">${roleNames[role].en}</i><small>${escape(name)}</small></td><td><code>${escape(account)}</code></td><td><code>${escape(password)}</code></td></tr>`,
  );
  return `<table><thead><tr><th>角色 <i lang="en">Role</i></th><th>账号 <i lang="en">Account</i></th><th>密码 <i lang="en">Password</i></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function keyTable({ id, secret }: ShopKey): string {
  const rows = [
    ['标识', 'Key', id],
    ['密钥', 'Secret', secret],
  ].map(
    ([zh, en, text]) =>
      `<tr><td>${zh} <i lang="en">${en}</i></td><td><code class="long">${escape(text ?? '')}</code></td></tr>`,
  );
  return `<h2 class="next">商城系统接口 <i lang="en">/open/v1</i></h2><table><tbody>${rows.join('')}</tbody></table>`;
}

const mark = '<path d="M8 18a12 12 0 0 1 21-8l3 3M32 6v7h-7" /><path d="M32 22a12 12 0 0 1-21 8l-3-3M8 34v-7h7"/>';
const logo = `<svg viewBox="0 0 40 40" aria-hidden="true">${mark}</svg>`;
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="10" fill="#2c7a57"/><g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">${mark}</g></svg>`;

export function escape(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (one) => names[one] ?? one);
}
