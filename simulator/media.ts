/** Temporary media (docs/wechat.md 2.10): upload with its limits, download, and the file behind PicUrl. */
import { Binary, type AccountCall, type ApiCall } from './call.js';
import { checkMedia } from './checks.js';
import { PlatformError } from './errors.js';
import { opaque, type Media, type World } from './state.js';

const MB = 1024 * 1024;
const limits = {
  image: { bytes: 10 * MB, tooLarge: 40009, types: ['image/png', 'image/jpeg', 'image/jpg', 'image/gif'] },
  voice: { bytes: 2 * MB, tooLarge: 40010, types: ['audio/amr', 'audio/mpeg', 'audio/mp3'] },
  video: { bytes: 10 * MB, tooLarge: 40011, types: ['video/mp4'] },
  thumb: { bytes: 64 * 1024, tooLarge: 40012, types: ['image/jpeg', 'image/jpg'] },
} as const;

const byExtension: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  amr: 'audio/amr',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
};

/** POST /cgi-bin/media/upload?type=, multipart field `media`. */
export async function uploadMedia({ world, account, query, raw, contentType }: AccountCall): Promise<unknown> {
  const type = query.get('type') ?? '';
  if (!isType(type)) throw new PlatformError(40004);
  const file = await filePart(raw, contentType);
  if (file.size === 0) throw new PlatformError(41005);
  const limit = limits[type];
  const mime = byExtension[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? file.type;
  if (!(limit.types as readonly string[]).includes(mime)) throw new PlatformError(40005);
  if (file.size > limit.bytes) throw new PlatformError(limit.tooLarge);
  const bytes = Buffer.from(await file.arrayBuffer());
  const media = keepMedia(world, { appId: account.appId, type, contentType: mime, bytes });
  const id = type === 'thumb' ? { thumb_media_id: media.id } : { media_id: media.id };
  return { type, ...id, created_at: Math.floor(media.createdAt / 1000) };
}

function isType(type: string): type is keyof typeof limits {
  return Object.hasOwn(limits, type);
}

async function filePart(raw: Buffer, contentType: string): Promise<File> {
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => undefined);
  const part = form?.get('media');
  if (part === null || part === undefined || typeof part === 'string') throw new PlatformError(41005);
  return part;
}

export function keepMedia(world: World, input: Omit<Media, 'id' | 'createdAt'>): Media {
  const media = { ...input, id: opaque(64), createdAt: world.clock.now() };
  world.media.set(media.id, media);
  return media;
}

/** GET /cgi-bin/media/get: the bytes, or for a video a JSON with its address. */
export function downloadMedia({ world, account, query }: AccountCall): unknown {
  const id = query.get('media_id') ?? '';
  if (id === '') throw new PlatformError(41006);
  checkMedia({ world, account, id });
  const media = world.media.get(id);
  if (media === undefined) throw new PlatformError(40007);
  if (media.type === 'video') return { video_url: fileUrl(world, media.id) };
  return new Binary(media.contentType, media.bytes);
}

/** Where a PicUrl or video_url points: the simulator itself, without a token, as the platform's picture hosts do. */
export function fileUrl(world: World, id: string): string {
  return `${world.apiBase}/sim-media/${id}`;
}

/** GET /sim-media/<id>. */
export function serveFile({ world, path }: Pick<ApiCall, 'world' | 'path'>): Binary {
  const media = world.media.get(path.split('/').at(-1) ?? '');
  if (media === undefined) return new Binary('text/plain', Buffer.from('no such file'), 404);
  return new Binary(media.contentType, media.bytes);
}
