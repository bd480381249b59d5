/** Fetches one picture from a platform: bounded in time and size, pictures only, whatever its label says. */
import { RequestProblem } from '../errors.js';
import { sniffMimeType } from './media-store.js';

const TIMEOUT_MS = 8_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** @throws RequestProblem 502 when the platform gives none. */
export async function fetchPicture(url: string): Promise<{ bytes: Buffer; mimeType: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const bytes = await readUpTo(MAX_BYTES, response);
    const mimeType = sniffMimeType(bytes);
    if (!mimeType.startsWith('image/')) throw new Error('not a picture in a known format');
    return { bytes, mimeType };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'failed';
    throw new RequestProblem(502, 'platform.failed', `The picture could not be fetched: ${why}.`);
  }
}

/** Stops reading as soon as it is too much: an answer without end must not fill the memory first. */
async function readUpTo(maxBytes: number, response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
