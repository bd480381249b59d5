/**
 * Receives one file of any kind from the multipart field `file` into a folder of its own that only this process may read, with the text
 * fields beside it. What the file is, is for whoever asked for it to find out. The folder is deleted when the request has been handled.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import multer from '@koa/multer';
import type { HttpContext } from '../context.js';
import type { FileUpload, ReceivedFile } from '../route.js';
import { badUpload, expectMultipart, uploadProblem } from './upload.js';
import { validate } from './validate.js';

/** 415 request.wrongType, 413 request.tooLarge, 400 request.badUpload, 400 request.invalid for the fields. */
export async function receiveFile(ctx: HttpContext, { maxBytes, fields }: FileUpload): Promise<ReceivedFile<unknown>> {
  expectMultipart(ctx);
  const folder = await mkdtemp(join(tmpdir(), 'huike-upload-'));
  try {
    const storage = multer.diskStorage({ destination: folder, filename: (_req, _file, named) => named(null, 'file') });
    const limits = { fileSize: maxBytes, files: 1, fields: 10, parts: 11, fieldSize: 1000 };
    const parse = multer({ storage, limits }).single('file');
    await parse(ctx as unknown as Parameters<typeof parse>[0], () => Promise.resolve()).catch((error: unknown) => {
      throw uploadProblem(error, maxBytes);
    });
    const { file } = ctx as { file?: { path: string; originalname: string } };
    if (!file) throw badUpload('The field `file` is missing.');
    const told = (ctx.request as { body?: Record<string, unknown> }).body ?? {};
    const [given] = await validate([{ schema: fields, input: { ...told } }]);
    const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
    return { path: file.path, fileName: nameOf(file.originalname), fields: given, discard };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Browsers write the name in UTF-8, and it is read byte by byte (RFC 7578, 4.2); a name told as `filename*` is right already. */
function nameOf(told: string): string {
  const bytes = Buffer.from(told, 'latin1');
  if (bytes.toString('latin1') !== told) return told;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return told;
  }
}
