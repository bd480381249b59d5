/** Message fields of the platform → Content. Pure; whatever lacks what its type needs is content of type `unknown`. */
import type { Content } from '../../contracts/index.js';
import { number, present, text } from './fields.js';
import type { Fields } from './xml.js';

type Reader = (fields: Fields) => Content | undefined;

const readers: Readonly<Record<string, Reader>> = {
  text: (fields) => ({ type: 'text', text: text(fields['Content']) ?? '' }),
  image: (fields) => {
    const media = present({ platformId: text(fields['MediaId']), url: text(fields['PicUrl']) });
    return media.platformId || media.url ? { type: 'image', media } : undefined;
  },
  voice: (fields) => {
    const platformId = text(fields['MediaId']);
    const more = present({ format: text(fields['Format']), recognition: text(fields['Recognition']) });
    return platformId ? { type: 'voice', media: { platformId }, ...more } : undefined;
  },
  video: video,
  shortvideo: video,
  location: (fields) => {
    const latitude = number(fields['Location_X']);
    const longitude = number(fields['Location_Y']);
    if (latitude === undefined || longitude === undefined) return undefined;
    const scale = present({ scale: number(fields['Scale']) });
    return { type: 'location', latitude, longitude, ...scale, ...present({ label: text(fields['Label']) }) };
  },
  link: (fields) => {
    const url = text(fields['Url']);
    const title = text(fields['Title']) ?? '';
    return url ? { type: 'link', title, description: text(fields['Description']) ?? '', url } : undefined;
  },
  miniprogrampage: (fields) => {
    const appId = text(fields['AppId']);
    if (!appId) return undefined;
    const thumb = present({ platformId: text(fields['ThumbMediaId']), url: text(fields['ThumbUrl']) });
    return {
      type: 'mini-program-card',
      title: text(fields['Title']) ?? '',
      appId,
      pagePath: text(fields['PagePath']) ?? '',
      ...(thumb.platformId || thumb.url ? { thumb } : {}),
    };
  },
};

function video(fields: Fields): Content | undefined {
  const platformId = text(fields['MediaId']);
  const thumb = text(fields['ThumbMediaId']);
  if (!platformId) return undefined;
  return { type: 'video', media: { platformId }, ...(thumb ? { thumb: { platformId: thumb } } : {}) };
}

export function contentOf(fields: Fields): Content {
  const type = text(fields['MsgType']) ?? '';
  const reader = Object.hasOwn(readers, type.toLowerCase()) ? readers[type.toLowerCase()] : undefined;
  return reader?.(fields) ?? { type: 'unknown', platformType: type };
}
