/** The account's menu at the bottom of the chat (docs/wechat.md 2.4). */
import { z } from 'zod';
import type { AccountCall } from './call.js';
import { refuseEscapes } from './checks.js';
import { PlatformError } from './errors.js';

const types = [
  'click',
  'view',
  'scancode_push',
  'scancode_waitmsg',
  'pic_sysphoto',
  'pic_photo_or_album',
  'pic_weixin',
  'location_select',
  'media_id',
  'view_limited',
  'miniprogram',
  'article_id',
  'article_view_limited',
];

const Leaf = z.object({
  name: z.string(),
  type: z.string().optional(),
  key: z.string().optional(),
  url: z.string().optional(),
  appid: z.string().optional(),
  pagepath: z.string().optional(),
});
export const MenuInput = z.array(Leaf.extend({ sub_button: z.array(Leaf).optional() }));
type Button = z.infer<typeof MenuInput>[number];

const OK = { errcode: 0, errmsg: 'ok' };

/** POST /cgi-bin/menu/create: at most three entries, each with at most five below it. */
export function createMenu({ account, raw, body }: AccountCall): unknown {
  refuseEscapes(raw);
  const input = z.object({ button: MenuInput }).safeParse(body());
  if (!input.success) throw new PlatformError(47001);
  const buttons = input.data.button;
  if (buttons.length < 1 || buttons.length > 3) throw new PlatformError(40016);
  for (const button of buttons) {
    checkName(button.name, 16);
    if ((button.sub_button?.length ?? 0) > 5) throw new PlatformError(40023);
    for (const leaf of button.sub_button ?? []) {
      checkName(leaf.name, 60);
      checkLeaf(leaf);
    }
    if ((button.sub_button?.length ?? 0) === 0) checkLeaf(button);
  }
  account.menu = buttons;
  return OK;
}

function checkName(name: string, bytes: number): void {
  if (name === '' || Buffer.byteLength(name) > bytes) throw new PlatformError(40018);
}

function checkLeaf(leaf: Button): void {
  if (leaf.type === undefined || !types.includes(leaf.type)) throw new PlatformError(40017);
  if (leaf.type !== 'view' && Buffer.byteLength(leaf.key ?? '') > 128) throw new PlatformError(40019);
  if (leaf.type === 'click' && (leaf.key ?? '') === '') throw new PlatformError(40019);
}

/** GET /cgi-bin/menu/get; 46003 when there is none. */
export function getMenu({ account }: AccountCall): unknown {
  if (account.menu.length === 0) throw new PlatformError(46003);
  return { menu: { button: account.menu.map((button) => ({ ...button, sub_button: button.sub_button ?? [] })) } };
}

/** GET /cgi-bin/menu/delete. */
export function deleteMenu({ account }: AccountCall): unknown {
  account.menu = [];
  return OK;
}
