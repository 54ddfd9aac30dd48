/** Numbers of 7 bits a byte, lowest first, into an array that grows. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  constructor(size = 1024) {
    this.#bytes = new Uint8Array(size);
  }

  #room(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + more, Math.ceil(this.#bytes.length * 1.5)));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  number(value: number): void {
    this.#room(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** What was written. Shares memory with the writer. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}

/** FNV-1a over 32-bit words, the last bytes one by one: finds torn writes and flipped bits, is no signature. */
export const checksum = (bytes: Uint8Array): number => {
  let sum = 0x811c9dc5;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) sum = Math.imul(sum ^ view.getUint32(i, true), 0x01000193);
  for (let i = whole; i < bytes.length; i++) sum = Math.imul(sum ^ (bytes[i] as number), 0x01000193);
  return (sum ^ (sum >>> 15)) >>> 0;
};
