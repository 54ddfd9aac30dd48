import { type Span, sentencesOf } from '../../core/text/sentences.ts';

/**
 * What a voice says of an item, in the order of the text, and where each sentence of it stands. Read from the page itself, so that a page of the publisher
 * and one that the device renders are read alike; nothing of it is changed.
 */

/** A part of one text node. */
interface Slice {
  readonly node: Text;
  readonly from: number;
  readonly to: number;
}

/** What is said in one go. */
export interface Sentence {
  readonly text: string;
  /** Where it stands; what is said besides (a heading of a table, a number of a step) stands elsewhere. */
  readonly slices: readonly Slice[];
  /** The closest block around it. */
  readonly block: Element;
  /** 0 above the first heading of level 2; each such heading begins the next. */
  readonly section: number;
}

/** What is seen and not said: references, drawings, controls, where the text comes from, the ruled lines of a register. */
const SILENT =
  'sup, svg, img, audio, video, button, form, script, style, .act, .kind, .paper, .sheet, .listen, .voice, .sound, .sources, .origin, .vh, [hidden], [aria-hidden=true], [role=status]';

const BLOCKS = new Set('ARTICLE ASIDE DD DIV DL DT FIGCAPTION FIGURE H1 H2 H3 LI OL P SECTION TABLE UL'.split(' '));

/** The headings that begin a section: those that get a sound button. */
export const headingsOf = (article: Element): readonly Element[] =>
  [...article.querySelectorAll('h2')].filter((heading) => !heading.closest(SILENT));

/** All that is said of an item. `lang`: BCP 47 tag of its text. */
export const sentencesIn = (article: Element, lang: string): readonly Sentence[] => {
  const said = new Said(lang, headingsOf(article));
  said.walk(article);
  return said.sentences;
};

class Said {
  readonly sentences: Sentence[] = [];
  readonly #lang: string;
  readonly #headings: readonly Element[];
  #section = 0;
  constructor(lang: string, headings: readonly Element[]) {
    this.#lang = lang;
    this.#headings = headings;
  }

  /** `before` is said before the first sentence of this element. */
  walk(element: Element, before = ''): void {
    if (element.matches(SILENT)) return;
    if (this.#headings.includes(element)) this.#section++;
    // The example of a register is to be looked at: heard, a row of figures says nothing.
    const title = element.matches('.register') ? element.querySelector('figcaption b') : null;
    if (title) this.#inside(title, '');
    else if (element.tagName === 'TABLE') this.#table(element as HTMLTableElement);
    else this.#inside(element, before);
  }

  #inside(element: Element, before: string): void {
    let run: Node[] = [];
    let lead = before;
    const flush = (): void => {
      if (this.#say(element, run, lead)) lead = '';
      run = [];
    };
    let step = Number((element as HTMLOListElement).start ?? 1);
    for (const child of element.childNodes) {
      if (!(child instanceof Element && BLOCKS.has(child.tagName))) {
        run.push(child);
        continue;
      }
      flush();
      this.walk(child, element.tagName === 'OL' ? `${step++}. ` : lead);
      lead = '';
    }
    flush();
  }

  /** Row by row, each cell after the heading of its column. */
  #table(table: HTMLTableElement): void {
    const headings = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => wordsOf([cell]).trim());
    for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
      if (row.matches('.ruled')) continue;
      [...row.cells].forEach((cell, i) => {
        this.walk(cell, headings[i] ? `${headings[i]} : ` : '');
      });
    }
  }

  /** Says inline nodes that follow one another in a block. Returns whether there was anything to say. */
  #say(block: Element, nodes: readonly Node[], before: string): boolean {
    const texts = nodes.flatMap(textsIn);
    const whole = texts.map(({ data }) => data).join('');
    const spans = sentencesOf(whole, this.#lang);
    spans.forEach((span, i) => {
      const text = forVoice((i === 0 ? before : '') + whole.slice(span.from, span.to));
      this.sentences.push({ text, slices: slicesOf(texts, span), block, section: this.#section });
    });
    return spans.length > 0;
  }
}

const textsIn = (node: Node): readonly Text[] => {
  if (node instanceof Text) return [node];
  if (!(node instanceof Element) || node.matches(SILENT)) return [];
  return [...node.childNodes].flatMap(textsIn);
};

const wordsOf = (nodes: readonly Node[]): string =>
  nodes
    .flatMap(textsIn)
    .map(({ data }) => data)
    .join('');

const slicesOf = (texts: readonly Text[], span: Span): readonly Slice[] => {
  const slices: Slice[] = [];
  let start = 0;
  for (const node of texts) {
    const from = Math.max(span.from - start, 0);
    const to = Math.min(span.to - start, node.data.length);
    if (from < to) slices.push({ node, from, to });
    start += node.data.length;
  }
  return slices;
};

/** A sentence as a voice takes it: figures in one piece (12 500 is not twelve, five hundred), signs that only the eye needs as pauses. */
const forVoice = (text: string): string =>
  text
    .replace(/(\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))/g, '$1')
    .replaceAll('\u00ad', '')
    .replace(/\s*[·→|]\s*/g, ', ')
    .replace(/\s+/g, ' ')
    .trim();
