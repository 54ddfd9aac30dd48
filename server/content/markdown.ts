import type { BlockContent, DefinitionContent, List, PhrasingContent, RootContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Block, Inline } from '../../src/core/protocol/item.ts';
import type { Problems } from './problems.ts';

/** Markdown to the typed tree of `core/protocol/item.ts`. What the tree has no place for is a problem, never dropped in silence. */
export interface MarkdownOptions {
  /** Line of the text's first line in its file. */
  readonly firstLine: number;
  /** Ids of the item's sources. */
  readonly sources: ReadonlySet<string>;
  /** Ids of all items, for links among them. */
  readonly items: ReadonlySet<string>;
  readonly problems: Problems;
}

type Node = RootContent | BlockContent | DefinitionContent | PhrasingContent;

const LONGEST_PARAGRAPH = 320;

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
        return { t: 'p', c };
      }
      case 'list':
        return this.#list(node);
      case 'table':
        return this.#table(node);
      case 'blockquote':
        return this.#callOut(node, node.children);
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
        return this.#isAllowed(node.url)
          ? [{ t: 'a', href: node.url, c: this.#inlines(node.children) }]
          : (this.#refuse(node, `A link to "${node.url}".`, 'Link to https:, tel:, or the id of an item.') ?? []);
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
      if (this.#options.sources.has(id)) out.push({ t: 'cite', s: id });
      else
        this.#refuse(
          node,
          `There is no source "${id}".`,
          'Add it to `sources` in the front matter, or correct the id.',
        );
      at = match.index + match[0].length;
    }
    if (at < clean.length) out.push(clean.slice(at));
    return out;
  }

  #isAllowed(url: string): boolean {
    return /^(https:\/\/|tel:)/.test(url) || this.#options.items.has(url);
  }

  #needsSource(node: Node, inlines: readonly Inline[]): void {
    if (hasDigit(inlines) && !hasCite(inlines)) this.#missingSource(node);
  }

  #missingSource(node: { readonly position?: Node['position'] }): void {
    this.#refuse(node, 'A figure without its source.', 'Add [^id] of a source, or say it without a figure.');
  }

  #refuse(node: { readonly position?: Node['position'] }, what: string, remedy: string): undefined {
    this.#options.problems.add((node.position?.start.line ?? 1) + this.#options.firstLine - 1, what, remedy);
    return undefined;
  }
}

/** The words of inlines, without references. */
export const plainText = (inlines: readonly Inline[]): string =>
  inlines.map((inline) => (typeof inline === 'string' ? inline : 'c' in inline ? plainText(inline.c) : '')).join('');

const hasDigit = (inlines: readonly Inline[]): boolean => /\p{Nd}/u.test(plainText(inlines));

const hasCite = (inlines: readonly Inline[]): boolean =>
  inlines.some((inline) => typeof inline !== 'string' && (inline.t === 'cite' || ('c' in inline && hasCite(inline.c))));
