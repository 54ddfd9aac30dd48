import type { IatiActivity } from './activity.ts';
import { documentTree } from './tree.ts';
import type { XmlElement } from './xml.ts';

/** A text that XML cannot carry. What comes from people is checked before; `check-iati.ts` tells it with its line. */
export class UnwritableError extends Error {}

/** What XML 1.0 has no way to write, not even as a number. Halves of surrogate pairs too. */
const UNWRITABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

export const isWritable = (text: string): boolean => !UNWRITABLE.test(text);

/**
 * Activities as one document of IATI 2.03, UTF-8. `generated` is its `generated-datetime`: the same input gives the same
 * bytes. Throws `UnwritableError` for control characters. The schema wants at least one activity.
 */
export const writeIati = (activities: readonly IatiActivity[], generated?: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${lines(documentTree(activities, generated), '').join('\n')}\n`;

const lines = (element: XmlElement, indent: string): string[] => {
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join('');
  const start = `${indent}<${element.name}${attributes}`;
  if (element.children.length > 0) {
    const inner = element.children.flatMap((child) => lines(child, `${indent}  `));
    return [`${start}>`, ...inner, `${indent}</${element.name}>`];
  }
  return element.text === '' ? [`${start}/>`] : [`${start}>${escapeText(element.text)}</${element.name}>`];
};

const escaped = (text: string): string => {
  if (!isWritable(text))
    throw new UnwritableError(`A text has a control character: ${JSON.stringify(text.slice(0, 80))}`);
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
};

const escapeText = (text: string): string => escaped(text);

/** Line ends and tabs as numbers: in an attribute a reader makes spaces of them. */
const escapeAttribute = (text: string): string =>
  escaped(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
