/** Takes pictures of every room at two widths against a running mock: `node dev-mock/look.mjs <folder> [room …]`. */
import { chromium } from 'playwright-core';

const [folder = '.', ...only] = process.argv.slice(2);
const base = 'http://127.0.0.1:4170/console/';
const rooms = [
  'inbox',
  'inbox/000000000000000000000064',
  'customers',
  'customers/0000000000000000000000c8',
  'customers/0000000000000000000000c8?tab=points',
  'customers/0000000000000000000000c8?tab=vouchers',
  'customers/0000000000000000000000c8?tab=orders',
  'customers/proposals',
  'orders',
  'membership',
  'membership?tab=coupons',
  'service-scenes',
  'imports',
  'keys',
  'auto-replies',
  'qr-codes',
  'channels',
  'staff',
  'audit',
  'account',
];
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
for (const width of [1280, 375]) {
  const page = await browser.newPage({ viewport: { width, height: width === 375 ? 760 : 800 } });
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && console.log(width, message.type(), message.text()),
  );
  page.on('pageerror', (error) => console.log(width, 'page error', error.message));
  await page.request.delete(`${base}v1/session`);
  await page.goto(base);
  await page.getByTestId('signin-account').waitFor();
  if (!only.length) await page.screenshot({ path: `${folder}/signin-${width}.png` });
  await page.getByTestId('signin-account').fill('admin');
  await page.getByTestId('signin-password').fill('huike-demo');
  await page.getByTestId('signin-submit').click();
  await page.waitForURL('**/inbox');
  for (const room of rooms.filter((one) => !only.length || only.includes(one))) {
    await page.goto(base + room);
    await page.waitForTimeout(900);
    await page.screenshot({ path: `${folder}/${room.replaceAll(/[/?=]/g, '-')}-${width}.png` });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) console.log(width, room, 'overflows by', wide);
  }
}
await browser.close();
