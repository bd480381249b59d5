/** Codes with a scene (docs/wechat.md 2.9): created by the API, shown as a picture, scanned by people. */
import { Binary, type AccountCall, type ApiCall } from './call.js';
import { objectOf, partOf, textOf, type Fields } from './checks.js';
import { PlatformError } from './errors.js';
import { drawCode } from './png.js';
import { opaque, type Code, type World } from './state.js';

const LONGEST_S = 2_592_000;
const DEFAULT_S = 60;
const PERMANENT_MOST = 100_000;
const OVERFLOW = 4_294_967_295;
const actions = {
  QR_SCENE: { permanent: false, text: false },
  QR_STR_SCENE: { permanent: false, text: true },
  QR_LIMIT_SCENE: { permanent: true, text: false },
  QR_LIMIT_STR_SCENE: { permanent: true, text: true },
} as const;

/** POST /cgi-bin/qrcode/create → `{ticket, expire_seconds?, url}`. */
export function createCode({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const name = textOf(input, 'action_name');
  if (!Object.hasOwn(actions, name)) throw new PlatformError(40052);
  const action = actions[name as keyof typeof actions];
  const scene = sceneOf(partOf(partOf(input, 'action_info'), 'scene'), action);
  const seconds = action.permanent ? null : lifetime(input['expire_seconds']);
  const expiresAt = seconds === null ? null : world.clock.now() + seconds * 1000;
  const code = keepCode(world, { appId: account.appId, scene, isText: action.text, expiresAt });
  const url = `http://weixin.qq.com/q/${code.ticket.slice(-24)}`;
  return { ticket: code.ticket, ...(seconds === null ? {} : { expire_seconds: seconds }), url };
}

function sceneOf(scene: Fields, action: { permanent: boolean; text: boolean }): string {
  if (action.text) {
    const text = textOf(scene, 'scene_str');
    if (text.length < 1 || text.length > 64) throw new PlatformError(40053);
    return text;
  }
  const id = scene['scene_id'];
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1) throw new PlatformError(40053);
  return String(id > (action.permanent ? PERMANENT_MOST : OVERFLOW) ? OVERFLOW : id);
}

function lifetime(value: unknown): number {
  if (value === undefined) return DEFAULT_S;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LONGEST_S) {
    throw new PlatformError(40053, 'invalid expire_seconds');
  }
  return value;
}

/** Gives a code its ticket and keeps it. */
export function keepCode(world: World, input: Omit<Code, 'ticket'>): Code {
  const code = { ...input, ticket: `gQ${opaque(92)}==` };
  world.codes.set(code.ticket, code);
  world.changed({ type: 'people' });
  return code;
}

/** GET /cgi-bin/showqrcode?ticket= without a token; a ticket nobody made is HTTP 404. */
export function showCode({ world, query }: ApiCall): Binary {
  const ticket = query.get('ticket') ?? '';
  if (!world.codes.has(ticket)) return new Binary('text/plain', Buffer.from('not found'), 404);
  return new Binary('image/png', drawCode(ticket));
}

/** The code of a scene that still works, else an expired one, else undefined. */
export function findCode(world: World, appId: string, scene: string): Code | undefined {
  const codes = [...world.codes.values()].filter((code) => code.appId === appId && code.scene === scene);
  return codes.findLast((code) => isLive(world, code)) ?? codes.at(-1);
}

export function isLive(world: World, code: Code): boolean {
  return code.expiresAt === null || code.expiresAt > world.clock.now();
}

/** The code of a scene; one printed outside the API (the account's own console makes such too) is made on first use. */
export function codeForScene(world: World, appId: string, scene: string): Code {
  return (
    findCode(world, appId, scene) ??
    keepCode(world, { appId, scene, isText: !/^[1-9][0-9]*$/.test(scene), expiresAt: null })
  );
}
