import { SaxesParser } from 'saxes';
import type { Findings } from './findings.ts';

/** XML with the line of every element, and without what an attacker or an accident could put into it. */
export interface XmlElement {
  /** Without a prefix; with its namespace in braces where it is of another. */
  readonly name: string;
  readonly line: number;
  /** Without those of other namespaces; `xml:lang` is one of ours. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly inside, as it stands. */
  readonly text: string;
}

/** Whether it has words in any language. */
export const hasNarrative = ({ children }: XmlElement): boolean =>
  children.some(({ name, text }) => name === 'narrative' && text.trim() !== '');

export const MAX_BYTES = 20 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 1_000_000;
/** One slip makes many complaints further down. */
const MAX_COMPLAINTS = 20;

const XML = 'http://www.w3.org/XML/1998/namespace';

/**
 * Reads a file's bytes. Undefined where it is not read, for reasons that are in `findings`: not well-formed, too large,
 * in an encoding that is not read, or with a document type, which could make it grow without end or fetch other files.
 */
export const parseXml = (bytes: Uint8Array, findings: Findings): XmlElement | undefined => {
  const text = decode(bytes, findings);
  return text === undefined ? undefined : new Reader(text, findings).read();
};

const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  'windows-1252': 'windows-1252',
};

const decode = (bytes: Uint8Array, findings: Findings): string | undefined => {
  const refuse = (line: number, what: string, remedy = 'Save it as UTF-8.'): undefined => {
    findings.error(line, 'xml', what, remedy);
    return undefined;
  };
  if (bytes.length > MAX_BYTES) {
    return refuse(
      1,
      `The file has ${Math.ceil(bytes.length / 2 ** 20)} MB: at most 20 are read.`,
      'Cut it into files of fewer activities.',
    );
  }
  if (bytes.length === 0) return refuse(1, 'The file is empty.', 'Fetch it again.');
  const [a, b] = bytes;
  const utf16 = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
  if (utf16) return withFatal(utf16, bytes) ?? refuse(1, 'The file begins like UTF-16 and is not.');
  if (a === 0 || b === 0) return refuse(1, 'The file looks like UTF-16 without its mark.');
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, 200));
  const declared = /^(?:ï»¿)?<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']/.exec(start)?.[1];
  const encoding = ENCODINGS[(declared ?? 'utf-8').toLowerCase()];
  if (!encoding) return refuse(1, `The file says that it is written in "${declared}", which is not read.`);
  return (
    withFatal(encoding, bytes) ??
    refuse(lineOfWrongByte(bytes), `The file says that it is UTF-8, and has bytes that are not.`)
  );
};

const withFatal = (encoding: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const lineOfWrongByte = (bytes: Uint8Array): number => {
  const readable = new TextDecoder().decode(bytes);
  const at = readable.indexOf('\uFFFD');
  return at < 0 ? 1 : readable.slice(0, at).split('\n').length;
};

interface Open extends XmlElement {
  readonly children: Open[];
  text: string;
}

class Reader {
  readonly #text: string;
  readonly #findings: Findings;
  readonly #open: Open[] = [];
  #root: Open | undefined;
  #elements = 0;
  #refused = false;
  #complaints = 0;
  /** Counted on from the last place that was asked for: an element never stands before the one before it. */
  #line = 1;
  #lineEnd: number;

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#lineEnd = text.indexOf('\n');
    this.#findings = findings;
  }

  read(): XmlElement | undefined {
    // XML 1.1 would let control characters in.
    const parser = new SaxesParser({ xmlns: true, position: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
    let start = 1;
    parser.on('error', (error) => {
      const [, line = '1', message = error.message] = /^(\d+):\d+: (.*)$/s.exec(error.message) ?? [];
      this.#refuse(Number(line), `This is not XML: ${message.replace(/\.?\s*$/, '.')}`, 'Mend the line.');
    });
    parser.on('doctype', () => {
      this.#refuse(
        this.#lineAt(parser.position),
        'The file has a document type (<!DOCTYPE ...>).',
        'Take it out: IATI files have none, and entities or files that it names are not read.',
      );
    });
    parser.on('opentagstart', () => {
      start = this.#lineAt(this.#text.lastIndexOf('<', parser.position - 1));
    });
    parser.on('opentag', ({ local, uri, attributes }) => {
      this.#elements += 1;
      if (this.#open.length >= MAX_DEPTH)
        this.#refuse(start, `More than ${MAX_DEPTH} elements inside each other.`, 'This is no IATI file.');
      if (this.#elements > MAX_ELEMENTS)
        this.#refuse(start, `More than ${MAX_ELEMENTS} elements.`, 'Cut it into files of fewer activities.');
      const own = Object.values(attributes).flatMap(({ local: name, prefix, uri: from, value }): [string, string][] =>
        from === '' && prefix === '' && name !== 'xmlns'
          ? [[name, value]]
          : from === XML
            ? [[`xml:${name}`, value]]
            : [],
      );
      const element: Open = {
        name: uri === '' ? local : `{${uri}}${local}`,
        line: start,
        attributes: new Map(own),
        children: [],
        text: '',
      };
      this.#open.at(-1)?.children.push(element);
      this.#root ??= element;
      this.#open.push(element);
    });
    const addText = (text: string): void => {
      const element = this.#open.at(-1);
      if (element) element.text += text;
    };
    parser.on('text', addText);
    parser.on('cdata', addText);
    parser.on('closetag', () => {
      this.#open.pop();
    });
    try {
      parser.write(this.#text).close();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    return this.#refused ? undefined : this.#root;
  }

  /** Told a number of times, then given up: what follows from the first slip only hides it. */
  #refuse(line: number, what: string, remedy: string): void {
    this.#refused = true;
    this.#findings.error(line, 'xml', what, remedy);
    this.#complaints += 1;
    if (this.#complaints >= MAX_COMPLAINTS || !what.startsWith('This is not XML')) throw new Stop();
  }

  #lineAt(position: number): number {
    while (this.#lineEnd >= 0 && this.#lineEnd < position) {
      this.#line += 1;
      this.#lineEnd = this.#text.indexOf('\n', this.#lineEnd + 1);
    }
    return this.#line;
  }
}

class Stop extends Error {}
