/** Error codes of the platform with their texts (docs/wechat.md 0, 2). Owns no rule about when a code is answered. */
import { randomBytes } from 'node:crypto';

const texts: Record<number, string> = {
  [-1]: 'system error',
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40010: 'invalid voice size',
  40011: 'invalid video size',
  40012: 'invalid thumb size',
  40013: 'invalid appid',
  40016: 'invalid button size',
  40017: 'invalid button type',
  40018: 'invalid button name size',
  40019: 'invalid button key size',
  40023: 'invalid sub button size',
  40031: 'invalid openid list',
  40032: 'invalid openid list size',
  40033: 'invalid charset. please check your request, if include \\uxxxx will create fail!',
  40029: 'invalid code',
  40037: 'invalid template_id',
  40052: 'invalid action name',
  40053: 'invalid action info',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40129: 'scene is too long, at most 32 characters',
  40130: 'at least two openids are needed',
  40163: 'code been used',
  40165: 'invalid weapp pagepath',
  40169: 'invalid length or characters of scene',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing',
  41006: 'media_id missing',
  41008: 'missing code',
  41030: 'invalid page',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43004: 'require subscribe',
  43101: 'user refuse to accept the msg',
  43104: 'appid openid not match',
  44004: 'empty content',
  45001: 'media size out of limit',
  45002: 'content size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit mustslower retry next minute',
  45015: 'response out of time limit or subscription is canceled',
  45028: 'has no masssend quota',
  45047: 'out of response count limit',
  45065: 'clientmsgid exist',
  45066: 'the same clientmsgid is retried too fast, wait a minute',
  45067: 'clientmsgid size out of limit',
  45072: 'command value error',
  45080: 'typing needs an interaction in the last 30 seconds',
  45081: 'already typing',
  45159: 'invalid tag_id',
  46003: 'menu no exist',
  47001: 'data format error',
  47003: 'argument invalid!',
  48001: 'api unauthorized',
  48002: 'user block',
  48003: 'user not agree mass-send protocol',
  48006: 'forbid to clear quota because of reaching the limit',
  48008: 'no permission for this msgtype',
  61010: 'code is expired',
  65401: 'invalid kf_account',
  87007: 'session_key is expired',
  87008: 'invalid sig_method',
  87009: 'invalid signature',
};

/** Thrown by handlers of the platform API; becomes HTTP 200 with `errcode` (docs/wechat.md 0.2). */
export class PlatformError extends Error {
  constructor(
    readonly errcode: number,
    message?: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message ?? texts[errcode] ?? 'error');
  }
}

/** The body of a failure; `errmsg` ends in a request id, so nobody can compare whole texts. */
export function failure(error: PlatformError): Record<string, unknown> {
  const rid = [0, 0, 0].map(() => randomBytes(4).toString('hex')).join('-');
  return { errcode: error.errcode, errmsg: `${error.message} rid: ${rid}`, ...error.extra };
}
