/** Words of others as Markdown of ours: nothing in them is markup, and each paragraph names its source. */

const LONGEST_PARAGRAPH = 320;

export const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** `text` at its longest, cut between words, with what was cut away as `…`. */
export const cut = (text: string, max: number): string => {
  const clean = oneLine(text);
  if (clean.length <= max) return clean;
  const short = clean.slice(0, max - 1);
  const space = short.lastIndexOf(' ');
  return `${safeEnd(space > max / 2 ? short.slice(0, space) : short).trimEnd()}…`;
};

/** Not in the middle of a pair of surrogates. */
const safeEnd = (text: string): string => (/[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text);

/** A text in parts of at most `max`: at its line ends, then at its sentences, then between words. No word is lost. */
export const pieces = (text: string, max: number): readonly string[] =>
  text
    .split(/\s*\n\s*/)
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const parts: string[] = [];
      for (const word of line
        .trim()
        .split(/(?<=[.!?…])\s+/)
        .flatMap((sentence) => (sentence.length > max ? chunks(sentence, max) : [sentence]))) {
        const last = parts.at(-1);
        if (last !== undefined && last.length + 1 + word.length <= max) parts[parts.length - 1] = `${last} ${word}`;
        else parts.push(word);
      }
      return parts;
    });

const chunks = (sentence: string, max: number): string[] => {
  const parts: string[] = [];
  for (const word of sentence.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${max}}`, 'gsu')) ?? [])) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= max) parts[parts.length - 1] = `${last} ${word}`;
    else parts.push(word);
  }
  return parts;
};

export const citedParagraphs = (text: string, source: string): readonly string[] =>
  pieces(text, LONGEST_PARAGRAPH).map((piece) => `${escapeMarkdown(piece)}[^${source}]`);

/**
 * Every sign that Markdown could take for markup, and what begins a list, a heading or a quotation at the start. Of
 * addresses only those with https: may be links, and only our own note names a source: a sign that nobody sees holds
 * the others apart.
 */
const escapeMarkdown = (text: string): string =>
  text
    .replace(/(http|ftp):(?=\/\/)|www(?=\.)|@|\[(?=\^)/gi, `$&${WORD_JOINER}`)
    .replace(/[\\`*_{}[\]<>|~&#]/g, '\\$&')
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2');

const WORD_JOINER = '\u2060';
