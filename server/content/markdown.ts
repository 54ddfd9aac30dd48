import type {
  BlockContent,
  Code,
  DefinitionContent,
  Image,
  Link,
  List,
  PhrasingContent,
  RootContent,
  Table,
} from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import * as v from 'valibot';
import type { Block, Inline } from '../../src/core/protocol/item.ts';
import { slug } from '../../src/core/protocol/shapes.ts';
import type { Has } from './item-memory.ts';
import type { Problems } from './problems.ts';
import { isRefused, type MediaReader } from './read-media.ts';
import { registerBlock } from './schema.ts';
import { readYaml } from './yaml.ts';

/** Markdown to the typed tree of `core/protocol/item.ts`. What the tree has no place for is a problem, never dropped in silence. */
export interface MarkdownOptions {
  /** Line of the text's first line in its file. */
  readonly firstLine: number;
  /** Ids of the item's sources; any where nobody knows them. */
  readonly sources?: ReadonlySet<string>;
  /** Ids of all items, for links among them. */
  readonly items: Has;
  readonly problems: Problems;
  /** Most words of a sentence; not looked at where it is not told. */
  readonly longestSentence?: number;
  /** The item's pictures; it has none where they are not told. */
  readonly media?: MediaReader;
}

type Node = RootContent | BlockContent | DefinitionContent | PhrasingContent;

const LONGEST_PARAGRAPH = 320;
/** What a picture shows is heard in one go; the line under it is read in one. */
const LONGEST_ALT = 400;
const LONGEST_CAPTION = 160;

/** Reads Markdown. Problems go to `options.problems`; what could be read is returned. */
export const readMarkdown = (text: string, options: MarkdownOptions): readonly Block[] =>
  new MarkdownReader(options).blocks(parse(text));

/** A footnote without a definition stays text in Markdown: `#text` finds it there, since our definitions are the sources. */
const parse = (text: string): readonly RootContent[] =>
  fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children;

class MarkdownReader {
  readonly #options: MarkdownOptions;
  constructor(options: MarkdownOptions) {
    this.#options = options;
  }

  blocks(nodes: readonly Node[]): readonly Block[] {
    return nodes.flatMap((node) => this.#block(node) ?? []);
  }

  #block(node: Node): Block | undefined {
    switch (node.type) {
      case 'heading':
        if (node.depth !== 2 && node.depth !== 3)
          return this.#refuse(node, `A heading of level ${node.depth}.`, 'Use ## or ###.');
        return { t: 'h', l: node.depth, c: this.#inlines(node.children) };
      case 'paragraph': {
        const [only, ...others] = node.children;
        if (only?.type === 'image' && others.length === 0) return this.#figure(only);
        const c = this.#inlines(node.children);
        const length = plainText(c).length;
        if (length > LONGEST_PARAGRAPH) {
          this.#refuse(
            node,
            `A paragraph of ${length} characters.`,
            `Cut it: at most ${LONGEST_PARAGRAPH} are read on a small screen.`,
          );
        }
        this.#needsSource(node, c);
        this.#checkSentences(node, c);
        return { t: 'p', c };
      }
      case 'list':
        return this.#list(node);
      case 'table':
        return this.#table(node);
      case 'blockquote':
        return this.#callOut(node, node.children);
      case 'code':
        return this.#fenced(node);
      case 'thematicBreak':
        return undefined;
      case 'html':
        return this.#refuse(node, 'HTML in the text.', 'Write Markdown: items are never HTML.');
      default:
        return this.#refuse(node, `"${node.type}" has no place in an item.`, 'See docs/content.md for what there is.');
    }
  }

  #list(node: List): Block {
    const c = node.children.map((entry) => {
      const [first, ...others] = entry.children;
      if (first?.type !== 'paragraph' || others.length > 0) {
        this.#refuse(
          entry,
          'A list entry of several blocks.',
          'One sentence an entry; lists inside lists are not read on a small screen.',
        );
        return [];
      }
      const inlines = this.#inlines(first.children);
      this.#needsSource(entry, inlines);
      this.#checkSentences(entry, inlines);
      return inlines;
    });
    return { t: node.ordered ? 'ol' : 'ul', c };
  }

  #table(node: Table): Block {
    const rows = node.children.map((row) => row.children.map((cell) => this.#inlines(cell.children)));
    const [head = [], ...body] = rows;
    if (!head.some(hasCite)) {
      body.forEach((cells, i) => {
        if (cells.some(hasDigit) && !cells.some(hasCite)) this.#missingSource(node.children[i + 1] ?? node);
      });
    }
    return { t: 'table', head, rows: body };
  }

  /** Arithmetic, one line each; or a paper register, as YAML. */
  #fenced(node: Code): Block | undefined {
    if (node.lang === 'formula') return { t: 'formula', lines: node.value.split('\n').filter((line) => line.trim()) };
    if (node.lang !== 'register')
      return this.#refuse(node, 'A block of code.', 'Name it `formula` or `register`: see docs/content.md.');
    const { firstLine, problems } = this.#options;
    const line = (node.position?.start.line ?? 1) + firstLine;
    const block = readYaml(node.value, line, registerBlock, problems);
    if (!block) return undefined;
    const { title, columns, rows, example } = block;
    if (example.some((cells) => cells.length !== columns.length))
      this.#refuse(node, 'An example of another number of cells than columns.', `Write ${columns.length} in each.`);
    return { t: 'register', title, columns, example, lines: rows };
  }

  /** A picture on a line of its own: its words, its name, the line under it. */
  #figure(node: Image): Block | undefined {
    const alt = node.alt?.trim() ?? '';
    if (alt === '')
      return this.#refuse(
        node,
        'A picture without words.',
        'Say in the square brackets what it shows: many listen, and some have no pictures.',
      );
    if (alt.length > LONGEST_ALT)
      this.#refuse(node, `A picture with ${alt.length} characters of words.`, `Say it in ${LONGEST_ALT}.`);
    const caption = node.title?.trim() ?? '';
    if (caption.length > LONGEST_CAPTION)
      this.#refuse(node, `A line of ${caption.length} characters under a picture.`, `Cut it to ${LONGEST_CAPTION}.`);
    const c = caption === '' ? [] : this.#text(caption, node);
    this.#needsSource(node, c);
    const picture = this.#options.media?.picture(node.url) ?? {
      what: `There is no picture "${node.url}".`,
      remedy: 'Only items have pictures.',
    };
    if (isRefused(picture)) return this.#refuse(node, picture.what, picture.remedy);
    return { t: 'figure', alt, c, ...picture };
  }

  #callOut(node: Node, children: readonly (BlockContent | DefinitionContent)[]): Block | undefined {
    const first = children[0];
    const opening = first?.type === 'paragraph' && first.children[0]?.type === 'text' ? first.children[0] : undefined;
    const match = opening && /^\[!(unsure|note)\]\s*/.exec(opening.value);
    if (!opening || !match) {
      return this.#refuse(
        node,
        'A quotation.',
        'Begin a call-out with [!unsure] or [!note]; quotations are not invented here.',
      );
    }
    opening.value = opening.value.slice(match[0].length);
    return { t: 'note', k: match[1] as 'unsure' | 'note', c: this.blocks(children) };
  }

  #inlines(nodes: readonly PhrasingContent[]): readonly Inline[] {
    return nodes.flatMap((node) => this.#inline(node));
  }

  #inline(node: PhrasingContent): readonly Inline[] {
    switch (node.type) {
      case 'text':
        return this.#text(node.value, node);
      case 'break':
        return [' '];
      case 'strong':
        return [{ t: 'b', c: this.#inlines(node.children) }];
      case 'emphasis':
        return [{ t: 'i', c: this.#inlines(node.children) }];
      case 'link':
        return this.#link(node);
      case 'image':
        return this.#refuse(node, 'A picture inside a sentence.', 'Put it on a line of its own.') ?? [];
      default:
        return (
          this.#refuse(node, `"${node.type}" has no place in a sentence.`, 'See docs/content.md for what there is.') ??
          []
        );
    }
  }

  /** Text, with `[^id]` as references to sources. */
  #text(value: string, node: Node): readonly Inline[] {
    const out: Inline[] = [];
    const clean = value.replaceAll('\n', ' ');
    let at = 0;
    for (const match of clean.matchAll(/\[\^([^\]]*)\]/g)) {
      const id = match[1] ?? '';
      if (match.index > at) out.push(clean.slice(at, match.index));
      if (this.#options.sources?.has(id) ?? true) out.push({ t: 'cite', s: id });
      else this.#refuse(node, `There is no source "${id}".`, 'Add it to `sources` in item.yml, or correct the id.');
      at = match.index + match[0].length;
    }
    if (at < clean.length) out.push(clean.slice(at));
    return out;
  }

  #link(node: Link): readonly Inline[] {
    const { url } = node;
    const words = this.#inlines(node.children);
    if (/^(https:\/\/[\w-]+(\.[\w-]+)+|tel:\+?\d)/.test(url) || this.#options.items.has(url))
      return [{ t: 'a', href: url, c: words }];
    if (!v.is(slug, url))
      return this.#refuse(node, `A link to "${url}".`, 'Link to https:, tel:, or the id of an item.') ?? [];
    // An item that was taken down must not be kept in the library by those that link to it.
    const what = `A link to "${url}", which is no item: only its words are shown.`;
    this.#options.problems.warn(this.#lineOf(node), 'missing-item', what, 'Correct the id, or take the link out.');
    return words;
  }

  #needsSource(node: Node, inlines: readonly Inline[]): void {
    if (hasDigit(inlines) && !hasCite(inlines)) this.#missingSource(node);
  }

  #missingSource(node: { readonly position?: Node['position'] }): void {
    const what = 'A figure without its source.';
    this.#options.problems.warn(
      this.#lineOf(node),
      'missing-source',
      what,
      'Add [^id] of a source, or say it without a figure.',
    );
  }

  #checkSentences(node: Node, inlines: readonly Inline[]): void {
    const most = this.#options.longestSentence;
    if (most === undefined) return;
    for (const sentence of plainText(inlines).split(/(?<=[.!?…:;])\s+/)) {
      const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
      if (words > most)
        this.#options.problems.warn(
          this.#lineOf(node),
          'long-sentence',
          `A sentence of ${words} words ("${sentence.slice(0, 40)}…").`,
          'Cut it in two: about twelve words are heard in one breath.',
        );
    }
  }

  #refuse(node: { readonly position?: Node['position'] }, what: string, remedy: string): undefined {
    this.#options.problems.add(this.#lineOf(node), what, remedy);
    return undefined;
  }

  #lineOf(node: { readonly position?: Node['position'] }): number {
    return (node.position?.start.line ?? 1) + this.#options.firstLine - 1;
  }
}

/** The words of inlines, without references. */
export const plainText = (inlines: readonly Inline[]): string =>
  inlines.map((inline) => (typeof inline === 'string' ? inline : 'c' in inline ? plainText(inline.c) : '')).join('');

const hasDigit = (inlines: readonly Inline[]): boolean => /\p{Nd}/u.test(plainText(inlines));

const hasCite = (inlines: readonly Inline[]): boolean =>
  inlines.some((inline) => typeof inline !== 'string' && (inline.t === 'cite' || ('c' in inline && hasCite(inline.c))));
