import { describe, expect, it } from '@jest/globals';
import { makeAccounts } from '../../demo/account.js';
import { offsetToTen } from '../../demo/clock.js';
import { escape, landingPage } from '../../demo/landing.js';
import { colleague, logins } from '../../demo/logins.js';
import { readOptions } from '../../demo/options.js';
import { AddStaff } from '../../src/contracts/index.js';
import { MiniProgramAccount } from '../../src/channels/mini-program/account.js';
import { OfficialAccount } from '../../src/channels/official-account/account.js';

describe('the clock of the check', () => {
  const shanghai = (ms: number): string =>
    new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' }).format(ms);
  it.each([
    '2026-01-01T00:00:00Z',
    '2026-02-28T15:59:59Z',
    '2026-02-28T16:00:00Z',
    '2026-07-05T02:00:00Z',
    '1969-12-31T12:00:00Z',
  ])('begins at 10:00 of the same day in Shanghai: %s', (text) => {
    const now = Date.parse(text);
    const moved = shanghai(now + offsetToTen(now));
    expect(moved).toBe(`${shanghai(now).slice(0, 10)} 10:00:00`);
  });
});

describe('the options', () => {
  it.each([
    [[], { kind: 'demo', port: 3000, dataDir: '/home/x/data/demo', fresh: false }],
    [['--fresh', '--port', '3100', '--data', '/tmp/y'], { kind: 'demo', port: 3100, dataDir: '/tmp/y', fresh: true }],
    [['--check'], { kind: 'check', only: undefined }],
    [['--check', '--only', 'dedupe'], { kind: 'check', only: 'dedupe' }],
    [['--help'], { kind: 'help' }],
  ])('%j', (args, asked) => {
    expect(readOptions(args, '/home/x')).toEqual(asked);
  });

  it.each([[['--nope']], [['--port', 'x']], [['--port', '70000']], [['--only', 'dedupe']], [['extra']]])(
    'refuses %j',
    (args) => {
      expect(readOptions(args, '/')).toMatchObject({ kind: 'wrong', message: expect.stringMatching(/.+/) });
    },
  );
});

describe('what the demo makes up', () => {
  it('has keys in the platform’s shapes, new ones each time', () => {
    const made = Array.from({ length: 20 }, makeAccounts);
    for (const { official, mini } of made) {
      const [{ name: _o, ...chat }, { name: _m, ...program }] = [official, mini];
      expect(OfficialAccount.safeParse({ ...chat, mode: 'safe' }).success).toBe(true);
      expect(MiniProgramAccount.safeParse({ ...program, mode: 'safe' }).success).toBe(true);
    }
    const keys = made.flatMap(({ official, mini }) => [official.encodingAesKey, mini.encodingAesKey]);
    expect(new Set(keys).size).toBe(40);
  });

  it('has logins that the product takes, one of each role', () => {
    for (const login of [...logins, colleague]) expect(AddStaff.safeParse(login).success).toBe(true);
    expect(logins.map(({ role }) => role).sort()).toEqual(['admin', 'agent', 'manager', 'marketer']);
  });
});

describe('the landing page', () => {
  const key = { id: '0123456789abcdef01234567', secret: 'huike_sec_example' };
  const page = landingPage('<b>shop</b>', [...logins, colleague], key);
  it('shows the four ways in, every login and the key of the shop’s system', () => {
    for (const text of Object.values(key)) expect(page).toContain(`>${text}</code>`);
    for (const href of ['/phone/', '/m/', '/console/', '/docs']) expect(page).toContain(`href="${href}"`);
    for (const { account, password } of [...logins, colleague])
      expect(page).toContain(`<code>${account}</code></td><td><code>${password}</code>`);
  });
  it('fetches nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(script|img|iframe|object)|@import|url\(/);
    expect(page.match(/(?:src|href)="(?!\/|data:)[^"]*"/g)).toBeNull();
  });
  it('escapes what it is given', () => {
    expect(page).not.toContain('<b>shop</b>');
    expect(escape(`<a href="x">'&`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;');
  });
});
