/** Files by their content: `<dataDir>/media/ab/<sha256>`. Owns the folder; what a file means, and who may see it, is decided elsewhere. */
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MAX_FILE_BYTES } from '../contracts/index.js';
import type { MediaPort } from '../contracts/index.js';
import { RequestProblem } from '../errors.js';
import { hasErrorCode } from './error-code.js';

export interface MediaStore extends MediaPort {
  /** `mimeType` as told by the sender; where the bytes say otherwise, the bytes are right. 413 too large, 415 not what was told. */
  add(bytes: Buffer, mimeType: string): Promise<{ id: string; mimeType: string; size: number }>;
  exists(id: string): Promise<boolean>;
  /** In bytes; undefined when there is no such file. */
  size(id: string): Promise<number | undefined>;
  remove(id: string): Promise<void>;
}

const UNKNOWN_TYPE = 'application/octet-stream';

export function createMediaStore(options: { dataDir: string; maxBytes?: number }): MediaStore {
  const { dataDir, maxBytes = MAX_FILE_BYTES } = options;
  const pathOf = (id: string): string | undefined =>
    /^[0-9a-f]{64}$/.test(id) ? join(dataDir, 'media', id.slice(0, 2), id) : undefined;
  const exists = async (id: string): Promise<boolean> => {
    const path = pathOf(id);
    return (
      path !== undefined &&
      (await access(path).then(
        () => true,
        () => false,
      ))
    );
  };
  return {
    exists,
    size: async (id) => {
      const path = pathOf(id);
      return path === undefined ? undefined : sizeOrNothing(path);
    },
    add: async (bytes, mimeType) => {
      if (bytes.length > maxBytes)
        throw new RequestProblem(413, 'media.tooLarge', `The file has more than ${maxBytes} bytes.`);
      if (bytes.length === 0) throw new RequestProblem(415, 'media.empty', 'The file is empty.');
      const sniffed = sniffMimeType(bytes);
      if (isPicture(mimeType) && !isPicture(sniffed)) {
        throw new RequestProblem(
          415,
          'media.typeMismatch',
          `The file is not a picture in a known format, but was sent as ${mimeType}.`,
        );
      }
      const id = createHash('sha256').update(bytes).digest('hex');
      const path = pathOf(id) ?? '';
      if (!(await exists(id))) await writeWhole(path, bytes);
      return { id, mimeType: sniffed, size: bytes.length };
    },
    read: async (id) => {
      const path = pathOf(id);
      const bytes = path === undefined ? undefined : await readOrNothing(path);
      return bytes && { bytes, mimeType: sniffMimeType(bytes) };
    },
    remove: async (id) => {
      const path = pathOf(id);
      if (path !== undefined) await rm(path, { force: true });
    },
  };
}

const isPicture = (mimeType: string): boolean => mimeType.startsWith('image/');

const signatures: ReadonlyArray<{ mimeType: string; at: number; bytes: string }> = [
  { mimeType: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { mimeType: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF87a' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF89a' },
  { mimeType: 'image/webp', at: 8, bytes: 'WEBP' },
  { mimeType: 'audio/amr', at: 0, bytes: '#!AMR' },
  { mimeType: 'audio/mpeg', at: 0, bytes: 'ID3' },
  { mimeType: 'video/mp4', at: 4, bytes: 'ftyp' },
];

/** The type by the first bytes; pictures, voice and video of the chat platforms are known, the rest is octets. */
export function sniffMimeType(bytes: Buffer): string {
  const head = bytes.subarray(0, 16).toString('latin1');
  const found = signatures.find((s) => head.startsWith(s.bytes, s.at));
  if (found?.mimeType === 'image/webp' && !head.startsWith('RIFF')) return UNKNOWN_TYPE;
  return found?.mimeType ?? (isMpegFrame(bytes) ? 'audio/mpeg' : UNKNOWN_TYPE);
}

/** An MP3 without a tag begins with a frame: eleven set bits, version 1 or 2, layer III. */
function isMpegFrame(bytes: Buffer): boolean {
  const second = bytes[1] ?? 0;
  return bytes[0] === 0xff && (second & 0xf6) === 0xf2;
}

/** A reader sees the whole file or none, and a power cut does not leave an empty one under a full name. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const readOrNothing = (path: string): Promise<Buffer | undefined> => orNothing(readFile(path));
const sizeOrNothing = async (path: string): Promise<number | undefined> => (await orNothing(stat(path)))?.size;

/** Undefined when there is no such file. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
