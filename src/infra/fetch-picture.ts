/** Fetches one picture from a platform: bounded in time and size, pictures only. */
import { RequestProblem } from '../errors.js';

const TIMEOUT_MS = 8_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** @throws RequestProblem 502 when the platform gives none. */
export async function fetchPicture(url: string): Promise<{ bytes: Buffer; mimeType: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const mimeType = response.headers.get('content-type')?.split(';')[0] ?? '';
    if (!response.ok || !mimeType.startsWith('image/')) throw new Error(`status ${response.status}, type ${mimeType}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (bytes.length > MAX_BYTES) throw new Error('too large');
    return { bytes, mimeType };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'failed';
    throw new RequestProblem(502, 'platform.failed', `The picture could not be fetched: ${why}.`);
  }
}
