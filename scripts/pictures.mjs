// Renews docs/images from a running demo: `npm run demo -- --data data/pictures`, then `node scripts/pictures.mjs data/pictures`.
// Needs Debian's chromium, fonts-noto-cjk and fonts-noto-color-emoji.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './prepare.mjs';

const data = process.argv[2] ?? 'data/demo';
const demo = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8'));
const folder = join(root, 'docs/images');
mkdirSync(folder, { recursive: true });
const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
const faults = [];
const person = '苏晴';

async function open(path, width, height) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${path}: ${error.message}`));
  await page.goto(new URL(path, demo.addresses.landing).href);
  return page;
}

async function signedIn(role, width, height) {
  const login = demo.logins.find((one) => one.role === role);
  const page = await open('/console/', width, height);
  await page.getByTestId('signin-account').fill(login.account);
  await page.getByTestId('signin-password').fill(login.password);
  await page.getByTestId('signin-password').press('Enter');
  await page.getByTestId('signin-submit').waitFor({ state: 'detached' });
  return page;
}

/** The mini-program as this person's phone shows it. */
async function miniProgram(page) {
  const { appId } = demo.accounts.find((one) => one.channel === 'mini-program');
  const { items } = await (
    await fetch(new URL(`/phone/wx/people?search=${encodeURIComponent(person)}`, demo.addresses.landing))
  ).json();
  return open(`/m/?openid=${items[0].openid}&appid=${appId}#/pages/${page}/index`, 375, 812);
}

async function take(page, name) {
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

await take(await open('/', 1280, 860), 'landing');

const phone = await open('/phone/', 1180, 820);
await phone.getByTestId('phone-person-苏晴').click();
await take(phone, 'phone');

const inbox = await signedIn('agent', 1440, 900);
await inbox.getByTestId('box-mine').click();
await inbox.getByTestId('conversation-item').first().click();
await take(inbox, 'inbox');

const small = await signedIn('agent', 375, 780);
await small.getByTestId('conversation-item').first().click();
await take(small, 'inbox-phone');

const admin = await signedIn('admin', 1440, 900);
for (const room of ['strategies', 'scenes', 'customers', 'staff', 'orders', 'membership', 'serviceScenes', 'imports']) {
  await admin.getByTestId(`menu-${room}`).click();
  await take(admin, room);
}
// The person with the most to show, in the console and in the mini-program.
await admin.getByTestId('menu-customers').click();
await admin.getByText(person).first().click();
await take(admin, 'customer');
await admin.getByRole('tab', { name: '积分' }).click();
await take(admin, 'customer-points');
for (const page of ['home', 'points', 'vouchers', 'orders', 'code'])
  await take(await miniProgram(page), `mini-program-${page}`);

// What the marketer works with.
const marketer = await signedIn('marketer', 1440, 900);
const go = async (room) => marketer.getByTestId(`menu-${room}`).click();
const openBroadcast = async (states) => {
  await go('broadcasts');
  const rows = marketer.getByTestId('broadcast-row');
  await rows.first().waitFor();
  await rows.filter({ hasText: states }).first().getByRole('link').click();
};
await go('segments');
await marketer.getByRole('link', { name: '近 30 天活跃未下单' }).first().click();
await marketer.getByTestId('segment-sample').waitFor();
await take(marketer, 'segment');
await openBroadcast(/草稿|待审批/);
await marketer.getByTestId('step-review').click();
await marketer.getByTestId('forecast-reachable').waitFor();
await take(marketer, 'broadcast-forecast');
await openBroadcast(/已完成|已结束|进行中/);
await marketer.getByTestId('results').waitFor();
await take(marketer, 'broadcast-results');
await go('strategies');
await marketer.getByTestId('strategy-tabs').getByRole('tab', { name: '策略库' }).click();
await marketer.getByTestId('library-entry').first().waitFor();
await take(marketer, 'strategy-library');
await go('plans');
await take(marketer, 'plans');
await go('scores');
await marketer.getByTestId('scores').waitFor();
// The cells of the grid are counted one by one.
await marketer.waitForLoadState('networkidle');
await take(marketer, 'scores');
await take(await signedIn('manager', 1440, 900), 'dashboard');
await take(await signedIn('manager', 390, 844), 'dashboard-phone');

// Last, since it moves the demo's clock: two days later the window is closed.
await fetch(`${demo.control}/clock`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ advanceMs: 49 * 3_600_000 }),
});
const later = await signedIn('agent', 1440, 900);
await later.getByTestId('box-mine').click();
await later.getByTestId('conversation-item').first().click();
await take(later, 'window-closed');
await browser.close();
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
