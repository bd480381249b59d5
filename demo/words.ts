/** What the demo says in the terminal: Chinese first, English beside. */
import { colleague, logins } from './logins.js';
import type { ShopKey } from './service.js';
import type { Stage } from './stage.js';

const roleNames = {
  agent: '客服 agent',
  manager: '主管 manager',
  marketer: '运营 marketer',
  admin: '管理员 admin',
} as const;

/** Chinese characters take two columns of a terminal. */
function padded(text: string, columns: number): string {
  const width = [...text].reduce((sum, one) => sum + ((one.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1), 0);
  return text + ' '.repeat(Math.max(1, columns - width));
}

interface About {
  seconds: number;
  file: string;
  keys: readonly ShopKey[];
}

function running({ front: { url }, simulator }: Stage, about: About): void {
  const rows = [...logins, colleague].map(
    ({ role, account, password }) => `    ${padded(roleNames[role], 18)}${padded(account, 12)}${password}`,
  );
  const keys = about.keys.map(({ id, secret }) => `    标识 Key ${id}   密钥 Secret ${secret}`);
  console.log(`
  回客 Huike 已就绪 · ready in ${about.seconds.toFixed(1)} s

    首页 Start here       ${url}/
    顾客手机 Phone        ${url}/phone/
    小程序 Mini-program   ${url}/m/
    客服工作台 Console    ${url}/console/
    接口文档 API docs     ${url}/docs

  登录 Sample logins
${rows.join('\n')}

  商城系统接口 /open/v1 for the shop's system
${keys.join('\n')}

    模拟器控制接口 Simulator control API  ${simulator.controlUrl}
    脚本用的全部地址 Everything for scripts  ${about.file}

  按 Ctrl-C 停止 · Ctrl-C stops it
`);
}

export const say = { running, stopping: (): void => console.log('\n  正在停止 … Stopping …') };
