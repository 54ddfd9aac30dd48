import { RelaisError } from '../../src/core/errors.ts';
import type { NextPart } from './receive.ts';

/** What a form without scripts sends along with a file (RFC 7578), read as it comes: none of it is in memory as a whole. */
export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  /** What the file is called where it came from, without its folders, to be shown and logged; undefined where it has no name. */
  readonly fileName: string | undefined;
  /** Its bytes; to be read to their end before the next part is asked for. */
  readonly next: NextPart;
}

const MOST_HEADERS = 4_096;
const LINE = '\r\n';

/** The boundary that a content type names; undefined where it is no form with files. */
export const boundaryOf = (contentType: string): string | undefined => {
  const [, quoted, bare] =
    /^multipart\/form-data;.*?boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? bare;
};

/** The parts of a form, in their order. Throws `malformed` where it is none, or ends too early. */
export async function* partsOfForm(source: NextPart, boundary: string): AsyncGenerator<FormPart> {
  const form = new FormReader(source, boundary);
  // What stands before the first part belongs to nobody.
  await form.passOver();
  while (await form.hasMore()) {
    const headers = await form.headers();
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? '';
    const [, name] = /(?:^|[\s;])name="([^"]*)"/i.exec(disposition) ?? [];
    if (name === undefined) throw malformed('name');
    const [, called] = /(?:^|[\s;])filename="([^"]*)"/i.exec(disposition) ?? [];
    yield {
      name,
      isFile: /(?:^|[\s;])filename\*?=/i.test(disposition),
      fileName: shownName(called),
      next: () => form.next(),
    };
    await form.passOver();
  }
}

const MOST_NAME = 80;

/** A file's name as it may be shown: nothing is ever opened by it. Undefined where nothing is left of it. */
export const shownName = (name = ''): string | undefined => {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  return (
    last
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
      .slice(0, MOST_NAME)
      .trim() || undefined
  );
};

/** The words in a part. Throws `too-large` past `most` bytes. */
export const textOf = async ({ next }: FormPart, most: number): Promise<string> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await next(); part; part = await next()) {
    bytes += part.length;
    if (bytes > most) throw new RelaisError('too-large', { what: 'field' });
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
};

const malformed = (why: string): RelaisError => new RelaisError('malformed', { what: 'form', why });

/** Reads up to each boundary. Holds one part of the body, and what may be the beginning of a boundary. */
class FormReader {
  readonly #source: NextPart;
  readonly #delimiter: Buffer;
  /** The first boundary may be the first line. */
  #held: Buffer = Buffer.from(LINE);
  /** The boundary was met that ends the part. */
  #isOver = false;

  constructor(source: NextPart, boundary: string) {
    this.#source = source;
    this.#delimiter = Buffer.from(`${LINE}--${boundary}`, 'latin1');
  }

  /** Bytes of the part, or undefined at its end. */
  async next(): Promise<Uint8Array | undefined> {
    while (!this.#isOver) {
      const at = this.#held.indexOf(this.#delimiter);
      // A boundary may have begun in what is here.
      const sure = at < 0 ? this.#held.length - this.#delimiter.length + 1 : at;
      if (at >= 0) {
        this.#isOver = true;
        const bytes = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + this.#delimiter.length);
        if (bytes.length > 0) return bytes;
      } else if (sure > 0) {
        const bytes = this.#held.subarray(0, sure);
        this.#held = this.#held.subarray(sure);
        return bytes;
      } else await this.#more();
    }
    return undefined;
  }

  async passOver(): Promise<void> {
    while (await this.next());
  }

  /** Whether another part follows the boundary that was met. */
  async hasMore(): Promise<boolean> {
    while (this.#held.length < 2) await this.#more();
    const isLast = this.#held.subarray(0, 2).equals(Buffer.from('--'));
    if (!isLast) this.#isOver = false;
    return !isLast;
  }

  async headers(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(LINE + LINE);
      if (end >= 0 && end <= MOST_HEADERS) {
        const headers = this.#held.subarray(0, end).toString('utf8');
        this.#held = this.#held.subarray(end + 2 * LINE.length);
        return headers;
      }
      if (this.#held.length > MOST_HEADERS) throw malformed('headers');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const part = await this.#source();
    if (!part) throw malformed('cut');
    this.#held = Buffer.concat([this.#held, part]);
  }
}
