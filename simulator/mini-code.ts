/** Codes of a mini-program without a limit of number (docs/wechat.md 3.6): a picture that opens one page with a scene. */
import { Binary, type AccountCall } from './call.js';
import { objectOf, textOf, type Fields } from './checks.js';
import { PlatformError } from './errors.js';
import { checkPage } from './notice.js';
import { drawCode } from './png.js';
import { keepCode } from './qrcode.js';
import { countMinute } from './tokens.js';

const VERSIONS = ['release', 'trial', 'develop'];
const CODES_A_MINUTE = 5000;

/** POST /wxa/getwxacodeunlimit: the bytes of a PNG; the picture is of one size whatever `width` asks for. */
export function unlimitedCode({ world, account, body }: AccountCall): Binary {
  const input = objectOf(body());
  const scene = checkedScene(input);
  const page = textOf(input, 'page');
  if (page.includes('?') || page.startsWith('/')) throw new PlatformError(41030);
  if (input['check_path'] !== false) checkPage(account, page);
  checkLook(input);
  countMinute(world, account, { path: '/wxa/getwxacodeunlimit', limit: CODES_A_MINUTE, errcode: 45009 });
  const known = [...world.codes.values()].find(
    (code) => code.appId === account.appId && code.scene === scene && code.page === page,
  );
  const code = known ?? keepCode(world, { appId: account.appId, scene, isText: true, expiresAt: null, page });
  return new Binary('image/png', drawCode(code.ticket));
}

function checkedScene(input: Fields): string {
  const scene = textOf(input, 'scene');
  if (scene.length > 32) throw new PlatformError(40129);
  if (!/^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+$/.test(scene)) throw new PlatformError(40169);
  return scene;
}

function checkLook(input: Fields): void {
  const { env_version: version = 'release', width = 430 } = input;
  if (typeof version !== 'string' || !VERSIONS.includes(version)) throw new PlatformError(40097);
  if (typeof width !== 'number' || width < 280 || width > 1280) throw new PlatformError(40097);
}
