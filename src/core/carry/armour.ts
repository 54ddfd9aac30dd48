import { RelaisError } from '../errors.ts';
import { fromBase64, toBase64, utf8 } from '../protocol/bytes.ts';
import { through } from './streams.ts';
import type { Archive } from './transport.ts';
import { isZip, openZip, type Source } from './zip.ts';

/**
 * An archive as text: what phones pass to one another. Chromium's Web Share takes neither ZIP nor JSON, but `.txt`. It is packed first, since
 * base64 makes it a third longer.
 */
const BEGIN = '-----BEGIN RELAIS-----';
const END = '-----END RELAIS-----';
const LINE = 76;
/** What a phone can hold in memory three times over. */
const MOST_TEXT = 32 << 20;
const MOST_BYTES = 64 << 20;
/** An archive that makes a text which can be read again, whatever is in it. */
export const MOST_ARMOURED = 16 << 20;

/** `words`: for people who open the file, above the rest. `archive`: at most `MOST_ARMOURED` bytes. */
export const toArmour = async (archive: Uint8Array, words: string): Promise<string> => {
  const packed = toBase64(await through(new CompressionStream('gzip'), archive, MOST_BYTES));
  const lines = packed.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `${words}\n\n${BEGIN}\n${lines.join('\n')}\n${END}\n`;
};

/** Opens what was carried, whether it is an archive or one as text. Throws `malformed`, `truncated` or `too-large`. */
export const openCarried = async (source: Source): Promise<Archive> => {
  // A copy that was never finished.
  if (source.size === 0) throw new RelaisError('truncated', { what: 'file', size: 0 });
  if (isZip(await source.read(0, 4))) return openZip(source);
  if (source.size > MOST_TEXT) throw new RelaisError('malformed', { what: 'no zip', size: source.size });
  const bytes = await fromArmour(await source.read(0, source.size));
  return openZip({ size: bytes.length, read: async (from, to) => bytes.slice(from, to) });
};

const fromArmour = async (bytes: Uint8Array): Promise<Uint8Array> => {
  // Whatever mended the text on its way: other ends of lines, marks in front, quotes.
  const text = new TextDecoder().decode(bytes);
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END, from);
  if (from < 0) throw new RelaisError('malformed', { what: 'no armour', size: bytes.length });
  if (to < 0) throw new RelaisError('truncated', { what: 'armour', size: bytes.length });
  const packed = fromBase64(text.slice(from + BEGIN.length, to).replace(/[^A-Za-z0-9+/=]/g, ''));
  return through(new DecompressionStream('gzip'), packed, MOST_BYTES);
};

/** What people find in an archive beside its files. */
export const readme = (words: string): { readonly path: string; readonly bytes: Uint8Array } => ({
  path: 'LISEZ-MOI.txt',
  bytes: utf8(`${words}\n`),
});
