/** One client socket: cuts the stream into messages, has them handled one after the other, writes the replies. */
import type { Socket } from 'node:net';
import { MAX_MESSAGE_BYTES, ProtocolError, frameReply, parseMessage, type Request } from './message.js';

/** What became of a request: bytes to send, or the order to close the socket without a word (fault injection). */
export type Handled = { reply: Uint8Array } | { close: true };

export type Handler = (request: Request, connection: Connection) => Promise<Handled>;

/** Up to here copying a reply into one buffer costs less than a gathered write of its parts. */
const COPIED_REPLY_BYTES = 32 * 1024;

let nextId = 1;

export class Connection {
  readonly id = nextId++;
  private chunks: Buffer[] = [];
  private buffered = 0;
  private readonly waiting: Request[] = [];
  private busy = false;

  constructor(
    private readonly socket: Socket,
    private readonly handle: Handler,
    private readonly closed: (connection: Connection) => void,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.closed(this));
  }

  /** The client has gone: nobody waits for an answer. */
  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    try {
      this.cut();
    } catch {
      // Whatever a client sends can only cost it its own connection: ProtocolError, or a read past the end of the message.
      this.socket.destroy();
    }
  }

  private cut(): void {
    while (this.buffered >= 16) {
      const first = this.chunks[0] as Buffer;
      const head = first.length >= 4 ? first : this.join();
      const size = head.readInt32LE(0);
      if (size < 16 || size > MAX_MESSAGE_BYTES) throw new ProtocolError(`message of ${size} bytes`);
      if (this.buffered < size) return;
      const all = this.join();
      const message = all.subarray(0, size);
      this.chunks = all.length > size ? [all.subarray(size)] : [];
      this.buffered -= size;
      this.waiting.push(parseMessage(message));
      if (!this.busy) void this.work();
    }
  }

  private join(): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let request = this.waiting.shift(); request; request = this.waiting.shift()) {
      const handled = await this.handle(request, this);
      if ('close' in handled) {
        this.socket.destroy();
        break;
      }
      if (!request.moreToCome) this.send(frameReply(request, handled.reply));
    }
    this.busy = false;
  }

  private send(parts: readonly Buffer[]): void {
    if (this.socket.destroyed) return;
    const size = parts.reduce((total, part) => total + part.length, 0);
    if (size <= COPIED_REPLY_BYTES) {
      this.socket.write(Buffer.concat(parts, size));
      return;
    }
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }
}
