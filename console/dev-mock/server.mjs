/** A stand-in for the product's server with plausible data in memory, for looking at the console alone: `npm run mock`. Never shipped. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answer, onEvent } from './data.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

async function file(path, response) {
  const name = extname(path) ? path.replace('/console', '') : '/index.html';
  const bytes = await readFile(dist + name).catch(() => undefined);
  response.writeHead(bytes ? 200 : 404, {
    'Content-Type': types[extname(name)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
  });
  response.end(bytes ?? 'not found');
}

function stream(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(': hello\n\n');
  const stop = onEvent((event) =>
    response.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`),
  );
  const ping = setInterval(() => response.write(': ping\n\n'), 15_000);
  response.on('close', () => (stop(), clearInterval(ping)));
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return request.headers['content-type']?.includes('json') && text ? JSON.parse(text) : {};
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (!url.pathname.startsWith('/console/v1/')) return file(url.pathname, response);
  if (url.pathname.endsWith('/stream')) return stream(response);
  const result = answer(
    request.method,
    url.pathname.slice('/console/v1/'.length),
    url.searchParams,
    await bodyOf(request),
  );
  const headers = {
    'Content-Type': result.type ?? (result.status >= 400 ? 'application/problem+json' : 'application/json'),
    ...result.headers,
  };
  response.writeHead(result.status, headers);
  response.end(result.status === 204 ? undefined : result.type ? result.body : JSON.stringify(result.body));
});
server.listen(Number(process.env.PORT ?? 4170), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/console/  (any account, password "huike-demo")`),
);
