/** Reads one uploaded file from the multipart field `file`, and believes its bytes rather than its label. */
import multer from '@koa/multer';
import { RequestProblem } from '../../errors.js';
import type { HttpContext } from '../context.js';
import type { Upload, UploadedFile } from '../route.js';
import { tooLarge } from './body.js';

/** What the first bytes say the file is. */
const signatures: ReadonlyArray<{ mimeType: string; starts: Buffer }> = [
  { mimeType: 'image/png', starts: Buffer.from('89504e470d0a1a0a', 'hex') },
  { mimeType: 'image/jpeg', starts: Buffer.from('ffd8ff', 'hex') },
  { mimeType: 'image/gif', starts: Buffer.from('GIF87a') },
  { mimeType: 'image/gif', starts: Buffer.from('GIF89a') },
];

/** 415 request.wrongType or media.wrongType, 413 request.tooLarge, 400 request.badUpload. */
export async function readUpload(ctx: HttpContext, { maxBytes, mimeTypes }: Upload): Promise<UploadedFile> {
  expectMultipart(ctx);
  const limits = { fileSize: maxBytes, files: 1, fields: 5, parts: 6, fieldSize: 1000 };
  const parse = multer({ storage: multer.memoryStorage(), limits }).single('file');
  try {
    await parse(ctx as unknown as Parameters<typeof parse>[0], () => Promise.resolve());
  } catch (error) {
    throw uploadProblem(error, maxBytes);
  }
  const file = 'file' in ctx ? (ctx.file as { buffer: Buffer } | undefined) : undefined;
  if (!file) throw badUpload('The field `file` is missing.');
  const found = signatures.find(({ starts }) => file.buffer.subarray(0, starts.length).equals(starts));
  if (mimeTypes === 'any') return { bytes: file.buffer, mimeType: found?.mimeType ?? 'application/octet-stream' };
  if (!found || !mimeTypes.includes(found.mimeType)) {
    throw new RequestProblem(415, 'media.wrongType', `The file must be one of ${mimeTypes.join(', ')}.`);
  }
  return { bytes: file.buffer, mimeType: found.mimeType };
}

/** 415 request.wrongType. */
export function expectMultipart(ctx: HttpContext): void {
  if (ctx.is('multipart/form-data')) return;
  throw new RequestProblem(415, 'request.wrongType', 'The body must be multipart/form-data.');
}

export function uploadProblem(error: unknown, maxBytes: number): RequestProblem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'LIMIT_FILE_SIZE') return tooLarge(maxBytes);
  return badUpload('The multipart body cannot be read: one file in the field `file` is expected.');
}

export function badUpload(message: string): RequestProblem {
  return new RequestProblem(400, 'request.badUpload', message);
}
