import { afterAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMediaStore, sniffMimeType } from '../../src/infra/media-store.js';

const dataDir = mkdtempSync(join(tmpdir(), 'huike-media-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const store = createMediaStore({ dataDir, maxBytes: 100 });
const png = (text: string): Buffer => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(text)]);
const filesBelow = (): string[] =>
  readdirSync(join(dataDir, 'media'), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => e.name);

describe('the media store', () => {
  it('gives back what was added, by its content, once', async () => {
    const bytes = png('one');
    const added = await store.add(bytes, 'image/png');
    expect(added).toEqual({
      id: createHash('sha256').update(bytes).digest('hex'),
      mimeType: 'image/png',
      size: bytes.length,
    });
    await Promise.all([store.add(bytes, 'image/png'), store.add(bytes, 'image/png')]);
    expect(filesBelow()).toEqual([added.id]);
    expect(await store.read(added.id)).toEqual({ bytes, mimeType: 'image/png' });
    expect(await store.exists(added.id)).toBe(true);
    expect(await store.size(added.id)).toBe(bytes.length);
    expect([await store.size('0'.repeat(64)), await store.size('../../etc/passwd')]).toEqual([undefined, undefined]);
  });

  it('leaves one whole file when the same new content is added at once', async () => {
    const bytes = png('together');
    const added = await Promise.all(Array.from({ length: 8 }, () => store.add(bytes, 'image/png')));
    expect(new Set(added.map((a) => a.id)).size).toBe(1);
    expect(filesBelow().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('removes, and removing again is no error', async () => {
    const { id } = await store.add(png('gone'), 'image/png');
    await store.remove(id);
    await store.remove(id);
    expect([await store.exists(id), await store.read(id)]).toEqual([false, undefined]);
  });

  it.each(['', '../../etc/passwd', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}/x`])(
    'knows no file under the id %p',
    async (id) => {
      writeFileSync(join(dataDir, 'outside'), 'x');
      expect([await store.exists(id), await store.read(id)]).toEqual([false, undefined]);
      await store.remove(id);
    },
  );

  it('refuses what is too large, empty, or not the picture it claims to be, and writes nothing', async () => {
    const before = filesBelow().length;
    await expect(store.add(png('x'.repeat(93)), 'image/png')).rejects.toMatchObject({
      status: 413,
      code: 'media.tooLarge',
    });
    await expect(store.add(Buffer.alloc(0), 'image/png')).rejects.toMatchObject({ status: 415 });
    await expect(store.add(Buffer.from('<svg onload=alert(1)>'), 'image/png')).rejects.toMatchObject({
      code: 'media.typeMismatch',
    });
    expect(filesBelow()).toHaveLength(before);
    expect((await store.add(png('x'.repeat(92)), 'image/png')).size).toBe(100);
  });

  it('believes the bytes, not the sender', async () => {
    expect((await store.add(png('really'), 'image/jpeg')).mimeType).toBe('image/png');
    expect((await store.add(Buffer.from('plain'), 'text/html')).mimeType).toBe('application/octet-stream');
  });
});

describe('types by the first bytes', () => {
  const cases: Array<[string, Buffer | string]> = [
    ['image/png', png('')],
    ['image/jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
    ['image/gif', 'GIF89a…'],
    ['image/gif', 'GIF87a…'],
    ['image/webp', 'RIFF\0\0\0\0WEBPVP8 '],
    ['audio/amr', '#!AMR\n'],
    ['audio/mpeg', 'ID3\u0003'],
    ['audio/mpeg', Buffer.from('fffb9064', 'hex')],
    ['video/mp4', '\0\0\0\u0018ftypmp42'],
    ['application/octet-stream', 'RIFX\0\0\0\0WEBP'],
    ['application/octet-stream', 'RIFF\0\0\0\0WAVE'],
    ['application/octet-stream', '<html>'],
    ['application/octet-stream', 'GIF88a'],
    ['application/octet-stream', ''],
  ];
  it.each(cases)('%s', (mimeType, bytes) => {
    expect(sniffMimeType(Buffer.from(bytes as string))).toBe(mimeType);
  });
});
