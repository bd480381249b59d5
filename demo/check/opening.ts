/** What the check's shop has set up before its day begins: staff, coupons, a key, and who speaks in which scene. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepAccounts } from '../account.js';
import { offsetToTen, writeOffset } from '../clock.js';
import { writeConfig } from '../config-file.js';
import { logins } from '../logins.js';
import type { Login } from '../logins.js';
import { makeCoupons, makeKey, openService } from '../service.js';
import { openInProcess } from '../stage.js';
import type { Backstage } from '../stage.js';
import type { Shop } from './lab.js';
import { CHECK_SOURCE } from './shop.js';

/** A shop opened once; each run that begins with it has a copy of its own. */
export interface OpenedShop {
  shop: Shop;
  copyTo(dataDir: string): void;
  remove(): void;
}

export async function openShop({ openApp, accounts }: Pick<Backstage, 'openApp' | 'accounts'>): Promise<Shop> {
  const app = await openApp();
  try {
    for (const { account, name, role, password } of logins) await app.staff.addStaff({ account, name, role, password });
    const { name } = login('admin');
    const by = { staffId: '0'.repeat(24), name, role: 'admin', requestId: 'check' } as const;
    const coupons = await makeCoupons(app, by, app.clock.now());
    const key = await makeKey(app, CHECK_SOURCE, name);
    await openService(app, accounts, by);
    return { key, coupons };
  } finally {
    await app.close();
  }
}

/** Needs no platform: what a stage knows of addresses it writes itself. */
export async function openShopOnce(): Promise<OpenedShop> {
  const folder = mkdtempSync(join(tmpdir(), 'huike-opened-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const accounts = keepAccounts(folder);
    const files = { dataDir: folder, configFile: join(folder, 'huike.json'), clockFile: join(folder, 'clock') };
    writeOffset(files.clockFile, offsetToTen(Date.now()));
    writeConfig(files.configFile, { publicUrl: 'http://localhost', apiBase: 'http://localhost', accounts });
    const shop = await openShop({ accounts, openApp: () => openInProcess(files) });
    return { shop, copyTo: (dataDir) => cpSync(folder, dataDir, { recursive: true }), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

export function login(role: Login['role']): Login {
  const found = logins.find((one) => one.role === role);
  if (!found) throw new Error(`no sample login for ${role}`);
  return found;
}
