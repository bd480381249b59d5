/** Cuts chunks of bytes into lines, holding no more than one line at a time. */

export const MAX_LINE_BYTES = 256 * 1024;

/** `bytes` is undefined when the line is longer than allowed; it is passed over. Numbers count from 1, blank lines too. */
export interface Line {
  line: number;
  bytes: Buffer | undefined;
}

const NEWLINE = 0x0a;

/** Lines that are not blank. The last one needs no newline. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, maxBytes = MAX_LINE_BYTES): AsyncGenerator<Line> {
  const current = collector(maxBytes);
  let line = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      current.add(chunk.subarray(from, end));
      const bytes = current.take();
      if (!isBlank(bytes)) yield { line, bytes };
      line += 1;
      from = end + 1;
    }
    current.add(chunk.subarray(from));
  }
  const bytes = current.take();
  if (!isBlank(bytes)) yield { line, bytes };
}

const isBlank = (bytes: Buffer | undefined): boolean => bytes !== undefined && bytes.toString('latin1').trim() === '';

function collector(maxBytes: number) {
  let parts: Buffer[] = [];
  let size = 0;
  return {
    add: (part: Buffer): void => {
      size += part.length;
      if (size <= maxBytes) parts.push(part);
      else parts = [];
    },
    take: (): Buffer | undefined => {
      const bytes = size <= maxBytes ? Buffer.concat(parts) : undefined;
      parts = [];
      size = 0;
      return bytes;
    },
  };
}
