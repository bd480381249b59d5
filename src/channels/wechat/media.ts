/**
 * Files to and from the platform. Owns the platform's temporary media ids: what was uploaded is used again for as long as the platform
 * keeps it. https://developers.weixin.qq.com/doc/service/api/material/temporary/api_uploadtempmedia
 */
import type { CallResult, ChannelPorts, Content, MediaRef } from '../../contracts/index.js';
import { storeKey } from './app.js';
import { download } from './client.js';
import { text } from './fields.js';
import { toCallResult } from './platform.js';
import type { Platform, PlatformResult } from './platform.js';
import { dayMs, hourMs, secondMs } from './times.js';

/** The platform keeps them three days; the margin covers a message that waits in the outbox. */
const keptMs = 3 * dayMs - 2 * hourMs;
const transferTimeoutMs = 20 * secondMs;

type UploadType = 'image' | 'voice' | 'video' | 'thumb';

/** `failed` tells what became of the upload; `missing` that there is nothing to upload. */
export type Resolved =
  | { kind: 'ready'; content: Content }
  | { kind: 'missing' }
  | { kind: 'failed'; result: Exclude<PlatformResult, { kind: 'body' | 'file' }> }
  | { kind: 'failed'; result: { kind: 'unclear'; reason: 'platform.brokenAnswer'; detail: string } };

export interface MediaOut {
  /** The same content with a platform media id wherever the platform needs one. */
  resolve(content: Content, signal: AbortSignal): Promise<Resolved>;
  /** Drops the remembered ids of this content, so that the next message uploads again. */
  forget(content: Content): Promise<void>;
}

type Slot = { name: 'media' | 'thumb'; ref: MediaRef; type: UploadType };

function slotsOf(content: Content): Slot[] {
  switch (content.type) {
    case 'image':
    case 'voice':
      return [{ name: 'media', ref: content.media, type: content.type }];
    case 'video': {
      const video: Slot = { name: 'media', ref: content.media, type: 'video' };
      return content.thumb ? [video, { name: 'thumb', ref: content.thumb, type: 'thumb' }] : [video];
    }
    case 'music':
      return [{ name: 'thumb', ref: content.thumb, type: 'thumb' }];
    case 'mini-program-card':
      // A card's picture is an image: it may be larger than the 64 kB of a thumb.
      return content.thumb ? [{ name: 'thumb', ref: content.thumb, type: 'image' }] : [];
    case 'text':
    case 'file':
    case 'location':
    case 'link':
    case 'menu':
    case 'article':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return [];
  }
}

export function createMediaOut(platform: Platform, { store, media }: Pick<ChannelPorts, 'store' | 'media'>): MediaOut {
  const keyOf = (type: UploadType, id: string): string => storeKey(platform.app, 'media', type, id);

  const known = async (slot: Slot): Promise<string | undefined> => {
    // Our own copy outlives the platform's ids, so it is preferred to an id that may have expired.
    if (!slot.ref.id) return slot.ref.platformId;
    const entry = await store.get(keyOf(slot.type, slot.ref.id));
    return entry && entry.expiresAt.getTime() > platform.now().getTime() ? entry.value : undefined;
  };
  const place = async (slot: Slot, signal: AbortSignal): Promise<string | Exclude<Resolved, { kind: 'ready' }>> => {
    const platformId = await known(slot);
    if (platformId) return platformId;
    const file = slot.ref.id ? await media.read(slot.ref.id) : undefined;
    if (!file || !slot.ref.id) return slot.ref.platformId ?? { kind: 'missing' };
    const result = await upload({ platform, type: slot.type, id: slot.ref.id, file, signal });
    if (result.kind !== 'body' && result.kind !== 'file') return { kind: 'failed', result };
    const uploaded = result.kind === 'body' && (text(result.body['media_id']) ?? text(result.body['thumb_media_id']));
    if (!uploaded) return broken('no media id');
    const expiresAt = new Date(platform.now().getTime() + keptMs);
    await store.put(keyOf(slot.type, slot.ref.id), uploaded, expiresAt);
    return uploaded;
  };

  return {
    async resolve(content, signal) {
      const placed: Record<string, MediaRef> = {};
      for (const slot of slotsOf(content)) {
        const outcome = await place(slot, signal);
        if (typeof outcome !== 'string') return outcome;
        placed[slot.name] = { ...slot.ref, platformId: outcome };
      }
      return { kind: 'ready', content: { ...content, ...placed } };
    },
    async forget(content) {
      for (const { ref, type } of slotsOf(content)) if (ref.id) await store.remove(keyOf(type, ref.id));
    },
  };
}

const broken = (detail: string): Extract<Resolved, { kind: 'failed' }> => ({
  kind: 'failed',
  result: { kind: 'unclear', reason: 'platform.brokenAnswer', detail },
});

interface Upload {
  platform: Platform;
  type: UploadType;
  id: string;
  file: { bytes: Buffer; mimeType: string };
  signal: AbortSignal;
}

function upload({ platform, type, id, file, signal }: Upload): Promise<PlatformResult> {
  const form = new FormData();
  const blob = new Blob([new Uint8Array(file.bytes)], { type: file.mimeType });
  form.append('media', blob, `${id.slice(0, 16)}.${extensionOf(file.mimeType)}`);
  const path = '/cgi-bin/media/upload';
  return platform.call({ path, query: { type }, form, timeoutMs: transferTimeoutMs, signal });
}

/** The platform judges a file by its name. */
const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
};
const extensionOf = (mimeType: string): string => extensions[mimeType] ?? 'bin';

/** A file a person sent. A video comes as an address to fetch from. https://developers.weixin.qq.com/doc/service/api/material/temporary/api_getmedia */
export async function fetchMedia(platform: Platform, platformId: string) {
  const path = '/cgi-bin/media/get';
  const result = await platform.call({ path, query: { media_id: platformId }, timeoutMs: transferTimeoutMs });
  if (result.kind === 'file') return fileOf(result);
  const address = toCallResult(result, platform.now(), (body) => text(body['video_url']));
  if (!address.ok) return address;
  const video = await download(address.value, transferTimeoutMs);
  if (video.kind === 'file') return fileOf(video);
  return { ok: false as const, reason: video.kind === 'answered' ? 'platform.brokenAnswer' : video.reason };
}

const fileOf = ({
  bytes,
  mimeType,
}: {
  bytes: Buffer;
  mimeType: string;
}): CallResult<{ bytes: Buffer; mimeType: string }> => ({
  ok: true,
  value: { bytes, mimeType },
});
