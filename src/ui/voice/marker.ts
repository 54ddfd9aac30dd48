import type { Sentence } from './spoken.ts';

/** Shows which sentence is being said, and keeps it in view. */

/** Name of the highlight in the sheet, and the class where a browser has none. */
const NAME = 'spoken';

/** Between what is being said and the edge of what is seen, in pixels. */
const MARGIN = 8;

const rangeOf = ({ slices }: Sentence): Range | undefined => {
  const [first] = slices;
  const last = slices.at(-1);
  // A text that was rendered anew meanwhile is shorter, or gone.
  if (!first?.node.isConnected || !last?.node.isConnected) return undefined;
  const range = document.createRange();
  range.setStart(first.node, Math.min(first.from, first.node.data.length));
  range.setEnd(last.node, Math.min(last.to, last.node.data.length));
  return range;
};

/** `panel`: what lies over the end of the page while something is read. */
export class Marker {
  readonly #panel: () => Element | null;
  #marked: Element | undefined;
  /** Whoever scrolls reads on their own; once what is said comes into view again, it is followed again. */
  #follows = true;
  readonly #away = (): void => {
    this.#follows = false;
  };

  constructor(panel: () => Element | null) {
    this.#panel = panel;
    for (const kind of ['wheel', 'touchmove']) addEventListener(kind, this.#away, { passive: true });
  }

  /** Marks a sentence; `undefined` marks nothing. */
  mark(sentence: Sentence | undefined): void {
    this.#clear();
    const range = sentence && rangeOf(sentence);
    if (!range) {
      this.#follows = true;
      return;
    }
    if ('highlights' in CSS) CSS.highlights.set(NAME, new Highlight(range));
    else {
      sentence.block.classList.add(NAME);
      this.#marked = sentence.block;
    }
    this.#follow(range, sentence.block);
  }

  leave(): void {
    this.#clear();
    for (const kind of ['wheel', 'touchmove']) removeEventListener(kind, this.#away);
  }

  #clear(): void {
    if ('highlights' in CSS) CSS.highlights.delete(NAME);
    this.#marked?.classList.remove(NAME);
    this.#marked = undefined;
  }

  /** A page turned rather than a line pushed: the text stands still until what is said leaves the view. The sheet says whether it glides or jumps. */
  #follow(range: Range, block: Element): void {
    const { top, bottom, height } = range.getBoundingClientRect();
    const low = (this.#panel()?.getBoundingClientRect().top ?? innerHeight) - MARGIN;
    const isSeen = top >= MARGIN && (bottom <= low || (height > low && top < low / 2));
    if (isSeen) this.#follows = true;
    if (!this.#follows) return;
    if (!isSeen) scrollBy({ top: top - Math.max(MARGIN, low * 0.15) });
    const box = block.closest('.scroll');
    if (!box) return;
    const [outer, inner] = [box.getBoundingClientRect(), block.getBoundingClientRect()];
    if (inner.left < outer.left || inner.width > outer.width) box.scrollBy({ left: inner.left - outer.left });
    else if (inner.right > outer.right) box.scrollBy({ left: inner.right - outer.right });
  }
}
