import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { fetchPicture } from '../../src/infra/fetch-picture.js';

async function fetchFrom(answer: (res: ServerResponse) => void) {
  const server = createServer((_req, res) => answer(res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await fetchPicture(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}
const png = Buffer.from('89504e470d0a1a0a00', 'hex');
const failed = { status: 502, code: 'platform.failed' };

describe('a picture from a platform', () => {
  it('is what its bytes say, whatever its label', async () => {
    const got = await fetchFrom((res) => res.setHeader('Content-Type', 'image/jpeg').end(png));
    expect(got).toEqual({ bytes: png, mimeType: 'image/png' });
  });

  it.each(['image/svg+xml', 'image/png', 'text/html'])('is none when it is markup sent as %s', async (type) => {
    const asked = fetchFrom((res) => res.setHeader('Content-Type', type).end('<svg onload="x"/>'));
    await expect(asked).rejects.toMatchObject(failed);
  });

  it('without end is cut off at once', async () => {
    let sent = 0;
    const asked = fetchFrom((res) => {
      res.setHeader('Content-Type', 'image/png');
      const more = (): void => {
        sent += 1;
        if (!res.destroyed && sent < 200) res.write(Buffer.alloc(256 * 1024), more);
      };
      res.write(png, more);
    });
    await expect(asked).rejects.toMatchObject({ ...failed, message: expect.stringContaining('too large') });
    expect(sent).toBeLessThan(200);
  });

  it('elsewhere is not followed', async () => {
    const asked = fetchFrom((res) => res.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end());
    await expect(asked).rejects.toMatchObject(failed);
  });
});
