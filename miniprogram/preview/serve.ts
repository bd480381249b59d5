/** Serves the built preview, with a policy that lets nothing from elsewhere in and evaluates no text as code. Knows nothing of the API. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

export const previewPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

export type PreviewHandler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

/**
 * Answers requests below `base` from the folder `buildPreview` filled; `base` without its slash is sent there.
 * Gives false, having answered nothing, for any other path.
 */
export function createPreviewHandler(folder: string, base = '/m/'): PreviewHandler {
  return async (req, res) => {
    const [path = '/', query] = (req.url ?? '/').split('?');
    if (path === base.slice(0, -1)) {
      res.writeHead(302, { location: query === undefined ? base : `${base}?${query}` }).end();
      return true;
    }
    if (!path.startsWith(base)) return false;
    await answer(res, join(folder, normalize(`${sep}${decodePath(path.slice(base.length)) || 'index.html'}`)));
    return true;
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return 'no-such-file';
  }
}

async function answer(res: ServerResponse, file: string): Promise<void> {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return void res.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
  const headers = {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'cache-control': 'no-cache',
    'content-security-policy': previewPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  res.writeHead(200, headers).end(bytes);
}
