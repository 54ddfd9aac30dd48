const HEAD_LIMIT = 65_536;
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

type Part = { kind: 'head' | 'body' | 'raw'; data: Buffer } | { kind: 'done' };

/** Cuts a stream of HTTP/1.1 requests into heads and bodies; what is no HTTP comes out raw. */
export class RequestScanner {
  #state: 'head' | 'length' | 'size' | 'chunk' | 'trailer' | 'raw' = 'head';
  #pending: Buffer = NOTHING;
  #left = 0;

  /** From here on the stream is no HTTP, e.g. a WebSocket. */
  makeRaw(): void {
    this.#state = 'raw';
  }

  /** The start of a head that will not come to its end. */
  rest(): Buffer {
    const rest = this.#pending;
    this.#pending = NOTHING;
    return rest;
  }

  *feed(bytes: Buffer): Generator<Part> {
    let data = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    this.#pending = NOTHING;
    while (data.length > 0) {
      if (this.#state === 'raw') {
        yield { kind: 'raw', data };
        return;
      }
      if (this.#state === 'head') {
        const end = data.indexOf(HEAD_END);
        const plausible = /^[A-Z]/.test(data.toString('latin1', 0, 1)) && data.length < HEAD_LIMIT;
        if (end < 0 && plausible) {
          this.#pending = data;
          return;
        }
        if (end < 0 || !/^[A-Z]+ \S+ HTTP\/1\.\d\r\n/.test(data.toString('latin1', 0, end + 2))) {
          this.#state = 'raw';
          continue;
        }
        const head = data.subarray(0, end + HEAD_END.length);
        data = data.subarray(head.length);
        const text = head.toString('latin1');
        this.#left = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
        if (/^transfer-encoding:.*chunked/im.test(text)) this.#state = 'size';
        else if (this.#left > 0) this.#state = 'length';
        yield { kind: 'head', data: head };
        if (this.#state === 'head') yield { kind: 'done' };
        continue;
      }
      if (this.#state === 'length' || this.#state === 'chunk') {
        const part = data.subarray(0, this.#left);
        data = data.subarray(part.length);
        this.#left -= part.length;
        const whole = this.#left === 0;
        const last = whole && this.#state === 'length';
        if (whole) this.#state = last ? 'head' : 'size';
        yield { kind: 'body', data: part };
        if (last) yield { kind: 'done' };
        continue;
      }
      const lineEnd = data.indexOf('\n');
      if (lineEnd < 0) {
        this.#pending = data;
        return;
      }
      const line = data.subarray(0, lineEnd + 1);
      data = data.subarray(line.length);
      const text = line.toString('latin1').trim();
      let last = false;
      if (this.#state === 'size') {
        const size = Number.parseInt(text, 16) || 0;
        this.#state = size > 0 ? 'chunk' : 'trailer';
        // The data's own line end counts as part of the chunk.
        this.#left = size + 2;
      } else if (text === '') {
        this.#state = 'head';
        last = true;
      }
      yield { kind: 'body', data: line };
      if (last) yield { kind: 'done' };
    }
  }
}
