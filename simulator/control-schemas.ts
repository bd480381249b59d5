/** Bodies of the control API. Unknown fields are refused, every wrong field is named. */
import { z } from 'zod';
import { MenuInput } from './menu.js';

export { FaultInput } from './faults.js';

const name = z.string().trim().min(1).max(60);
const scene = z.union([z.string().min(1).max(64), z.int().min(1)]).transform(String);

const TemplateInput = z.strictObject({
  templateId: z.string().min(1),
  /** Without it: a template message of an official account, a one-time notice of a mini-program. */
  kind: z.enum(['template', 'one-time', 'long-term']).optional(),
  title: z.string().min(1),
  fields: z.record(z.string().regex(/^[a-z_]+[0-9]*$/, 'for example thing1'), z.string()),
});

/** What every account has, whatever its kind. */
const shared = {
  appId: z.string().min(1),
  secret: z.string().min(1),
  owner: z.string().min(1).default('owner'),
  dataFormat: z.enum(['xml', 'json']).default('xml'),
  originalId: z.string().min(1).optional(),
  name: name.optional(),
  templates: z.array(TemplateInput).optional(),
  /** Calls a day by path; above it 45009. */
  dailyLimits: z.record(z.string(), z.int().min(0)).default({}),
};
const callback = {
  token: z.string().min(3).max(32),
  encodingAesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, '43 letters and digits'),
  mode: z.enum(['plain', 'compatible', 'safe']),
  callbackUrl: z.url({ protocol: /^https?$/ }),
};

const ArticleInput = z.strictObject({
  mediaId: z.string().min(1),
  title: z.string().min(1),
  description: z.string().default(''),
  url: z.string().default(''),
  picurl: z.string().default(''),
});

const OfficialInput = z.strictObject({
  kind: z.literal('official-account').optional(),
  ...shared,
  ...callback,
  menu: MenuInput.optional(),
  templateIds: z.array(z.string()).optional(),
  articles: z.array(ArticleInput).optional(),
});

/** A mini-program without a callback address is never pushed to; one with it needs the token too, and the key to encrypt. */
const MiniInput = z
  .strictObject({
    kind: z.literal('mini-program'),
    ...shared,
    token: callback.token.optional(),
    encodingAesKey: callback.encodingAesKey.optional(),
    mode: callback.mode.default('plain'),
    callbackUrl: callback.callbackUrl.optional(),
    pages: z.array(z.string().regex(/^[^/?][^?]*$/, 'no leading / and no query')).optional(),
    previewUrl: z.string().min(1).optional(),
  })
  .refine((input) => input.callbackUrl === undefined || input.token !== undefined, {
    path: ['token'],
    message: 'pushes need a token to be signed with',
  })
  .refine((input) => input.mode === 'plain' || input.encodingAesKey !== undefined, {
    path: ['encodingAesKey'],
    message: 'pushes of this mode need a key',
  });

export const AccountInput = z.discriminatedUnion('kind', [OfficialInput, MiniInput]);

export const PersonInput = z.strictObject({
  name,
  unionid: z.string().min(1).optional(),
  age: z.int().min(0).max(130).optional(),
  phone: z.string().min(3).max(20).optional(),
  openids: z.record(z.string(), z.string().min(1).max(64)).optional(),
});

export const FollowInput = z.strictObject({ scene: scene.optional(), ticket: z.string().optional() });
export const ScanInput = z
  .strictObject({ scene: scene.optional(), ticket: z.string().optional() })
  .refine((input) => input.scene !== undefined || input.ticket !== undefined, {
    path: ['scene'],
    message: 'scene or ticket is needed',
  });
export const BlockInput = z.strictObject({ on: z.boolean().default(true) });
/** Without `openids` it goes to every follower. */
export const ConsoleMassInput = z.strictObject({
  text: z.string().min(1).max(2000),
  openids: z.array(z.string().min(1)).min(1).optional(),
});
export const EmptyInput = z.strictObject({});

const when = {
  /** Seconds since 1970. */
  createTime: z.int().min(0).optional(),
  msgId: z
    .string()
    .regex(/^[0-9]{1,20}$/, 'digits of a 64-bit number')
    .optional(),
};
const base64 = z.base64().min(1).optional();
/** Only types that no browser runs: the phone page serves these files from its own origin. */
const imageType = z.enum(['image/png', 'image/jpeg', 'image/gif']).optional();
const voiceType = z.enum(['audio/amr', 'audio/mpeg']).optional();

export const SayInput = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), content: z.string().min(1).max(20_000), ...when }),
  z.strictObject({ type: z.literal('image'), base64, contentType: imageType, ...when }),
  z.strictObject({ type: z.literal('voice'), base64, contentType: voiceType, ...when }),
  z.strictObject({
    type: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    scale: z.int().default(16),
    label: z.string().default(''),
    ...when,
  }),
  z.strictObject({
    type: z.literal('link'),
    title: z.string(),
    description: z.string().default(''),
    url: z.string(),
    ...when,
  }),
  z.strictObject({
    type: z.literal('miniprogrampage'),
    title: z.string(),
    pagePath: z.string().min(1),
    thumbUrl: z.string().default(''),
    ...when,
  }),
]);

/** Which account is meant; without it the only mini-program there is. */
const appId = z.string().min(1).optional();
const templateId = z.string().min(1);
export const CodeInput = z.strictObject({ appId });
export const EnterInput = z.strictObject({ appId, from: z.string().max(1000).default('') });
export const GrantInput = z.strictObject({ appId, templateId, accept: z.boolean() });

const openid = z.string().min(1);
/** Bodies of what a mini-program's page asks of its client, below `/phone/wx`. */
export const WxInput = {
  code: z.strictObject({ openid, appId }),
  phone: z.strictObject({ openid, phone: z.string().regex(/^1[0-9]{10}$/, '11 digits of a mobile phone') }),
  subscribe: z.strictObject({
    openid,
    appId,
    answers: z.array(z.strictObject({ templateId, accept: z.boolean() })).min(1),
  }),
  contact: z.strictObject({ openid, appId, sessionFrom: z.string().max(1000).default('') }),
};

export const TapInput = z.union([
  z.strictObject({ menuKey: z.string().min(1) }),
  z.strictObject({ menuId: z.union([z.string().min(1), z.int()]).transform(String) }),
]);

export const ClockInput = z.union([
  z.strictObject({ advanceMs: z.number().min(-4e12).max(4e12) }),
  z.strictObject({ set: z.union([z.iso.datetime({ offset: true }), z.number()]) }),
]);
