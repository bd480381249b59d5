/** Pictures that staff send and files that customers sent. */
import { z } from 'zod';
import { UploadedMedia } from '../../contracts/index.js';
import type { MediaLibraryPort } from '../ports.js';
import { file, json, route } from '../route.js';
import type { Route } from '../route.js';

const MAX_BYTES = 2 * 1024 * 1024;
const ByMediaId = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of a file in hexadecimal'),
});

export function mediaRoutes(media: MediaLibraryPort): Route[] {
  return [
    route({
      method: 'POST',
      path: '/console/v1/media',
      access: { permission: 'inbox.reply' },
      limit: 'console',
      audit: 'media.add',
      summary: 'Upload a picture of at most 2 MB to send',
      body: { kind: 'upload', maxBytes: MAX_BYTES, mimeTypes: ['image/png', 'image/jpeg', 'image/gif'] },
      response: json(UploadedMedia, 201),
      refusals: ['request.badUpload', 'media.wrongType'],
      handle: async ({ body, by }) => media.add(body.bytes, body.mimeType, by),
    }),
    route({
      method: 'GET',
      path: '/console/v1/media/:id',
      access: { permission: 'inbox.read' },
      limit: 'console',
      summary: 'A file of a conversation',
      params: ByMediaId,
      response: file('image/*'),
      refusals: ['media.notFound'],
      handle: async ({ params }) => media.read(params.id),
    }),
  ];
}
