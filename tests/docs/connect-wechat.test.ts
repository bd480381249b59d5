/** Holds the example of a personal account in docs/connect-wechat.md to what the configuration takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { WechatyAccount } from '../../src/channels/wechaty/account.js';
import { routeTable } from '../../src/domain/contact/routes.js';

const text = readFileSync('docs/connect-wechat.md', 'utf8');
const section = text.split(/^## /m).find((part) => part.includes('by wechaty')) ?? '';
const [, example = ''] = /^```\n(channels:[^]*?)^```/m.exec(section) ?? [];
const { channels } = parse(example) as { channels: { wechaty: unknown[] } };

describe('a personal account in docs/connect-wechat.md', () => {
  it('is taken as it stands, and not without somebody who accepts the risk', () => {
    const [account] = channels.wechaty;
    expect(WechatyAccount.safeParse(account).success).toBe(true);
    const { risk: _risk, ...without } = account as Record<string, unknown>;
    expect(WechatyAccount.safeParse(without).success).toBe(false);
  });

  it('names the usual pace', () => {
    const risk = { acceptedBy: 'somebody', acceptedAt: '2026-12-01' };
    const { limits, rooms } = WechatyAccount.parse({ id: 'x', puppet: 'service', risk });
    expect(channels.wechaty).toEqual([expect.objectContaining({ limits, rooms })]);
    expect(section).toContain(`两条之间隔 ${limits.delaySeconds.join('–')} 秒，每天最多 ${limits.perDay} 条`);
  });

  it('begins with the risk, and says that it only answers', () => {
    expect(section.split('\n').find((line) => line.startsWith('**'))).toMatch(/风险/);
    const { reply, ...others } = routeTable.wechaty;
    expect([reply, new Set(Object.values(others))]).toEqual(['yes', new Set(['no'])]);
  });
});
