/** The sample logins. They are printed and shown on the landing page: the demo listens on loopback alone and holds invented people. */
import type { StaffRole } from '../src/contracts/index.js';

export interface Login {
  role: StaffRole;
  account: string;
  name: string;
  password: string;
}

export const logins: readonly [Login, ...Login[]] = [
  { role: 'agent', account: 'xiaomei', name: '林小美', password: 'demo-agent-2026' },
  { role: 'manager', account: 'zhoulan', name: '周岚', password: 'demo-manager-2026' },
  { role: 'marketer', account: 'chenyu', name: '陈屿', password: 'demo-marketer-2026' },
  { role: 'admin', account: 'admin', name: '管理员', password: 'demo-admin-2026' },
];

/** A second agent, so that assigning and losing a claim can be tried. */
export const colleague: Login = { role: 'agent', account: 'ahao', name: '何浩', password: 'demo-agent2-2026' };
