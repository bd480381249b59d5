/**
 * Draws the picture of a simulated code: a square pattern with three finder marks that follows from the ticket, and the
 * word SIMULATED under it. It is honest: no camera reads it; the ticket is in the file's own text (`tEXt ticket`).
 */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const MODULES = 33;
const SCALE = 8;
const MARGIN = 4;
const LABEL_ROWS = 9;
const WIDTH = (MODULES + 2 * MARGIN) * SCALE;
const HEIGHT = WIDTH + LABEL_ROWS * SCALE;

const glyphs: Record<string, string> = {
  S: '111100111001111',
  I: '111010010010111',
  M: '101111111101101',
  U: '101101101101111',
  L: '100100100100111',
  A: '111101111101101',
  T: '111010010010010',
  E: '111100111100111',
  D: '110101101101110',
};

/** A PNG, the same bytes for the same ticket. */
export function drawCode(ticket: string): Buffer {
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT, 255);
  for (let y = 0; y < HEIGHT; y += 1) rows[y * (WIDTH + 1)] = 0;
  const fill = (column: number, row: number, size = SCALE) => {
    for (let y = row; y < row + size; y += 1)
      rows.fill(0, y * (WIDTH + 1) + 1 + column, y * (WIDTH + 1) + 1 + column + size);
  };
  const bits = pattern(ticket);
  for (let y = 0; y < MODULES; y += 1) {
    for (let x = 0; x < MODULES; x += 1) {
      if (dark(bits, x, y)) fill((x + MARGIN) * SCALE, (y + MARGIN) * SCALE);
    }
  }
  drawLabel(fill);
  return file(rows, ticket);
}

function pattern(ticket: string): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index < Math.ceil((MODULES * MODULES) / 256); index += 1) {
    parts.push(
      createHash('sha256')
        .update(`${String(index)} ${ticket}`)
        .digest(),
    );
  }
  return Buffer.concat(parts);
}

function dark(bits: Buffer, x: number, y: number): boolean {
  const far = MODULES - 1;
  for (const [cx, cy] of [
    [3, 3],
    [far - 3, 3],
    [3, far - 3],
  ] as const) {
    const distance = Math.max(Math.abs(x - cx), Math.abs(y - cy));
    if (distance <= 4) return distance === 3 || distance <= 1;
  }
  const index = y * MODULES + x;
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function drawLabel(fill: (column: number, row: number, size: number) => void): void {
  const word = 'SIMULATED';
  const dot = 6;
  const left = Math.floor((WIDTH - word.length * 4 * dot) / 2);
  const top = WIDTH + SCALE;
  for (const [place, letter] of [...word].entries()) {
    for (const [index, bit] of [...(glyphs[letter] ?? '')].entries()) {
      if (bit === '1') fill(left + (place * 4 + (index % 3)) * dot, top + Math.floor(index / 3) * dot, dot);
    }
  }
}

function file(rows: Buffer, ticket: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`Comment\0simulated code, ticket ${ticket}`, 'latin1')),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, check]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
