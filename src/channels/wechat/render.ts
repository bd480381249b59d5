/** Content → bodies of the customer message call, as far as every kind of account writes them alike. Pure. */
import type { Content, MediaRef } from '../../contracts/index.js';

export type JsonBody = Readonly<Record<string, unknown>>;
export type Of<T extends Content['type']> = Extract<Content, { type: T }>;

/** `{msgtype, <msgtype>: body}`, the platform's way of writing variants. */
export const of = (msgtype: string, body: JsonBody): JsonBody => ({ msgtype, [msgtype]: body });

/** Undefined when the platform does not hold the file yet. */
export function withMedia(ref: MediaRef | undefined, then: (platformId: string) => JsonBody): JsonBody | undefined {
  return ref?.platformId ? then(ref.platformId) : undefined;
}

export const textMessage = ({ text }: Of<'text'>): JsonBody => of('text', { content: text });

export const fileMessage = ({ type, media }: Of<'image' | 'voice'>): JsonBody | undefined =>
  withMedia(media, (media_id) => of(type, { media_id }));

/** The platform wants a picture on a card, so one without cannot go. */
export function miniProgramCard(card: Of<'mini-program-card'>): JsonBody | undefined {
  const texts = { title: card.title, appid: card.appId, pagepath: card.pagePath };
  return withMedia(card.thumb, (thumb_media_id) => of('miniprogrampage', { ...texts, thumb_media_id }));
}
