/** Pictures and files that staff send, and those that customers sent. */
import { z } from 'zod';
import { MAX_FILE_BYTES, UploadedMedia, safeFileName } from '../../contracts/index.js';
import type { MediaLibraryPort } from '../ports.js';
import { file, json, route } from '../route.js';
import type { Route } from '../route.js';

const MAX_PICTURE_BYTES = 2 * 1024 * 1024;
const ByMediaId = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of a file in hexadecimal'),
});

/** Any name will do: it is only what the download is saved under. */
const SavedAs = z.strictObject({ name: z.string().min(1).max(255).optional() });

export function mediaRoutes(media: MediaLibraryPort): Route[] {
  return [
    route({
      method: 'POST',
      path: '/console/v1/media',
      access: { permission: 'inbox.reply' },
      limit: 'console',
      audit: 'media.add',
      summary: 'Upload a picture of at most 2 MB to send',
      body: { kind: 'upload', maxBytes: MAX_PICTURE_BYTES, mimeTypes: ['image/png', 'image/jpeg', 'image/gif'] },
      response: json(UploadedMedia, 201),
      refusals: ['request.badUpload', 'media.wrongType'],
      handle: async ({ body, by }) => media.add(body.bytes, body.mimeType, by),
    }),
    route({
      method: 'POST',
      path: '/console/v1/media/files',
      access: { permission: 'inbox.reply' },
      limit: 'console',
      audit: 'media.add',
      summary: 'Upload a file of any kind, of at most 20 MB, to send where a conversation carries files',
      body: { kind: 'upload', maxBytes: MAX_FILE_BYTES, mimeTypes: 'any' },
      response: json(UploadedMedia, 201),
      refusals: ['request.badUpload', 'media.empty'],
      handle: async ({ body, by }) => media.add(body.bytes, body.mimeType, by),
    }),
    route({
      method: 'GET',
      path: '/console/v1/media/:id',
      access: { permission: 'inbox.read' },
      limit: 'console',
      summary: 'A file of a conversation; with `name` a download under that name, never shown by the browser itself',
      params: ByMediaId,
      query: SavedAs,
      response: file('image/*'),
      refusals: ['media.notFound'],
      handle: async ({ params, query: { name } }) => ({
        ...(await media.read(params.id)),
        ...(name === undefined ? {} : { saveAs: safeFileName(name) }),
      }),
    }),
  ];
}
