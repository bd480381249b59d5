/** What a message says, in words that belong to no platform. Channels turn it into their own shapes and back. */
import { z } from 'zod';

/**
 * One file. `id` is our own media store's (SHA-256 of the bytes, hex); `platformId` the platform's media id, which expires;
 * `url` the platform's public address. At least one is present.
 */
export const MediaRef = z
  .strictObject({ id: z.string().optional(), platformId: z.string().optional(), url: z.string().optional() })
  .refine((ref) => ref.id || ref.platformId || ref.url, { message: 'one of id, platformId, url is needed' });
export type MediaRef = z.infer<typeof MediaRef>;

const text = z.strictObject({ type: z.literal('text'), text: z.string() });
const image = z.strictObject({ type: z.literal('image'), media: MediaRef });
const voice = z.strictObject({
  type: z.literal('voice'),
  media: MediaRef,
  format: z.string().optional(),
  /** What the platform's speech recognition heard, when it is on. */
  recognition: z.string().optional(),
});
const video = z.strictObject({
  type: z.literal('video'),
  media: MediaRef,
  thumb: MediaRef.optional(),
  title: z.string().optional(),
  description: z.string().optional(),
});
/** Any other file, to be saved and never shown by itself. `name` as `safeFileName` leaves it; `size` in bytes, where it is known. */
const file = z.strictObject({
  type: z.literal('file'),
  media: MediaRef,
  name: z.string().min(1),
  size: z.int().min(0).optional(),
});
const music = z.strictObject({
  type: z.literal('music'),
  title: z.string(),
  description: z.string(),
  url: z.string(),
  hqUrl: z.string(),
  thumb: MediaRef,
});
const location = z.strictObject({
  type: z.literal('location'),
  latitude: z.number(),
  longitude: z.number(),
  scale: z.number().optional(),
  label: z.string().optional(),
});
/** A titled web page: WeChat's one-article news message, or a link card. */
const link = z.strictObject({
  type: z.literal('link'),
  title: z.string(),
  description: z.string(),
  url: z.string(),
  pictureUrl: z.string().optional(),
});
/** Choices to tap; the tap comes back as a message that names the entry. */
const menu = z.strictObject({
  type: z.literal('menu'),
  head: z.string(),
  entries: z.array(z.strictObject({ id: z.string(), text: z.string() })).min(1),
  tail: z.string().optional(),
});
const miniProgramCard = z.strictObject({
  type: z.literal('mini-program-card'),
  title: z.string(),
  appId: z.string(),
  pagePath: z.string(),
  thumb: MediaRef.optional(),
});
/** An article of the account: by the publish API's id, or by a permanent material's media id (older). */
const article = z.strictObject({
  type: z.literal('article'),
  articleId: z.string().optional(),
  materialId: z.string().optional(),
});
const couponCard = z.strictObject({ type: z.literal('coupon-card'), cardId: z.string() });
const template = z.strictObject({
  type: z.literal('template'),
  templateId: z.string(),
  url: z.string().optional(),
  miniProgram: z.strictObject({ appId: z.string(), pagePath: z.string() }).optional(),
  data: z.record(z.string(), z.string()),
});
/** A notice with named fields, made from a template that the platform approved; `page` opens in the mini-program. */
const notice = z.strictObject({
  type: z.literal('notice'),
  templateId: z.string(),
  page: z.string().optional(),
  data: z.record(z.string(), z.string()),
});
/** Something a channel could not understand; kept so that a person can look, never acted on. */
const unknown = z.strictObject({ type: z.literal('unknown'), platformType: z.string() });

export const Content = z.discriminatedUnion('type', [
  text,
  image,
  voice,
  video,
  file,
  music,
  location,
  link,
  menu,
  miniProgramCard,
  article,
  couponCard,
  template,
  notice,
  unknown,
]);
export type Content = z.infer<typeof Content>;
export type ContentType = Content['type'];
