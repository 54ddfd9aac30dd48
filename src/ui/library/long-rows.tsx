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
/** So many groups are one to the browser as long as they are far away: it looks at each one that it is told of with every frame. */
const GROUPS_IN_ONE = 20;
/** A group is made when it comes so near, and taken apart when it is further. */
const NEAR = '1200px';
/** What comes near and is gone again sooner than this only rushes by: nobody reads it, and to make it costs more than to pass over it. */
const PASSING_MS = 80;
/** What a row takes until one was measured, in CSS pixels. */
const USUAL_ROW = 76;

/**
 * A list of any length: groups of rows, of which only those near the window are made. The others keep their height, so that nothing moves and
 * the scroll bar is right.
 */
export function LongRows({ v, items }: RowsProps) {
  if (items.length <= SIMPLE) return <Rows v={v} items={items} />;
  // A box of its own: as boxes of the page's grid, all groups would be laid out anew whenever one changes.
  return (
    <div>
      <Groups v={v} items={items} size={GROUP * GROUPS_IN_ONE} isFirst />
    </div>
  );
}

interface GroupsProps extends RowsProps {
  /** So many items are one group. */
  readonly size: number;
  /** They stand at the beginning of the list. */
  readonly isFirst: boolean;
}

/** Items in groups of `size`; by place, since another choice of filters brings other items into the same groups. */
function Groups({ v, items, size, isFirst }: GroupsProps) {
  const groups = Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );
  return (
    <>
      {groups.map((group, n) => (
        <Group key={`${n}`} v={v} items={group} isFirst={isFirst && n < 2} />
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
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (!entry) return;
        clearTimeout(timer);
        // Whoever stands in it with the keyboard must not lose the place.
        const isHeld = element.contains(document.activeElement);
        if (!entry.isIntersecting && element.childElementCount > 0 && !isHeld) {
          rowHeight = entry.boundingClientRect.height / items.length;
          element.style.blockSize = `${entry.boundingClientRect.height}px`;
        }
        // Groups of groups are empty boxes: these are made at once.
        if (entry.isIntersecting && items.length <= GROUP) timer = setTimeout(() => setNear(true), PASSING_MS);
        else setNear(entry.isIntersecting || isHeld);
      },
      { rootMargin: NEAR },
    );
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [items.length]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    if (isNear) element.style.blockSize = '';
    else if (element.style.blockSize === '') element.style.blockSize = `${rowHeight * items.length}px`;
  }, [isNear, items.length]);

  return (
    <div ref={holder}>
      {isNear &&
        (items.length > GROUP ? (
          <Groups v={v} items={items} size={GROUP} isFirst={isFirst} />
        ) : (
          <Rows v={v} items={items} />
        ))}
    </div>
  );
}
