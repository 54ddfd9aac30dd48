import { useEffect, useRef, useState } from 'preact/hooks';
import type { Card } from '../../core/protocol/card.ts';
import { Rows } from '../../view/cards.tsx';
import type { ViewContext } from '../../view/context.ts';

interface RowsProps {
  readonly v: ViewContext;
  readonly items: readonly Card[];
}

/** Up to so many, all of them simply stand there, for whoever looks for a word in the page. */
const SIMPLE = 200;
const GROUP = 25;
/** A group is made when it comes so near, and taken apart when it is further. */
const NEAR = '1200px';
/** What a row takes until one was measured, in CSS pixels. */
const USUAL_ROW = 76;

/**
 * A list of any length: groups of rows, of which only those near the window are made. The others keep their height, so that nothing moves and
 * the scroll bar is right.
 */
export function LongRows({ v, items }: RowsProps) {
  if (items.length <= SIMPLE) return <Rows v={v} items={items} />;
  const groups = Array.from({ length: Math.ceil(items.length / GROUP) }, (_, n) =>
    items.slice(n * GROUP, (n + 1) * GROUP),
  );
  return (
    <>
      {groups.map((group, n) => (
        // By place: another choice of filters brings other items into the same groups.
        <Group key={`${n}`} v={v} items={group} isFirst={n < 2} />
      ))}
    </>
  );
}

/** Heights of rows differ with the width of the window and the size of letters: the last one that was seen is the best guess. */
let rowHeight = USUAL_ROW;

function Group({ v, items, isFirst }: RowsProps & { readonly isFirst: boolean }) {
  const holder = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(isFirst);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        // Whoever stands in it with the keyboard must not lose the place.
        const isHeld = element.contains(document.activeElement);
        if (!entry.isIntersecting && element.childElementCount > 0 && !isHeld) {
          rowHeight = entry.boundingClientRect.height / items.length;
          element.style.blockSize = `${entry.boundingClientRect.height}px`;
        }
        setNear(entry.isIntersecting || isHeld);
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [items.length]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    if (isNear) element.style.blockSize = '';
    else if (element.style.blockSize === '') element.style.blockSize = `${rowHeight * items.length}px`;
  }, [isNear, items.length]);

  return <div ref={holder}>{isNear && <Rows v={v} items={items} />}</div>;
}
