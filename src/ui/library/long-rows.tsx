import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Card } from '../../core/protocol/card.ts';
import { Rows } from '../../view/cards.tsx';
import type { ViewContext } from '../../view/context.ts';

interface RowsProps {
  readonly v: ViewContext;
  readonly items: readonly Card[];
}

/** Up to so many, all of them simply stand there, for whoever looks for a word in the page. */
const SIMPLE = 200;
const GROUP = 50;
/** So many groups are one to the browser as long as they are far away: it looks at each one that it is told of with every frame. */
const GROUPS_IN_ONE = 10;
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
  return <AllGroups v={v} items={items} />;
}

/** A box of its own: as boxes of the page's grid, all groups would be laid out anew whenever one changes. */
function AllGroups({ v, items }: RowsProps) {
  const holder = useRef<HTMLDivElement>(null);
  const isDrawn = useDrawings(v.icon);
  // Heights of rows differ with the width of the window and the size of letters: those that are seen first are the best guess.
  useLayoutEffect(() => {
    const list = holder.current?.querySelector('ul');
    if (list) holder.current?.style.setProperty('--row', `${list.offsetHeight / list.childElementCount}px`);
  }, []);
  return (
    <div ref={holder}>
      <Groups v={v} items={items} isDrawn={isDrawn} size={GROUP * GROUPS_IN_ONE} isFirst />
    </div>
  );
}

/** Whether rows can have their drawings as backgrounds; until then each has its own. */
function useDrawings(file: string): boolean {
  const [areThere, setThere] = useState(false);
  useEffect(() => {
    let isLeft = false;
    let remove: (() => void) | undefined;
    import('../parts.ts').then(
      ({ addDrawings }) => {
        if (!isLeft) remove = addDrawings(file, () => setThere(true));
      },
      () => {},
    );
    return () => {
      isLeft = true;
      remove?.();
    };
  }, [file]);
  return areThere;
}

interface GroupProps extends RowsProps {
  /** The drawings can be had as backgrounds. */
  readonly isDrawn: boolean;
  /** They stand at the beginning of the list. */
  readonly isFirst: boolean;
}

interface GroupsProps extends GroupProps {
  /** So many items are one group. */
  readonly size: number;
}

/** Items in groups of `size`; by place, since another choice of filters brings other items into the same groups. */
function Groups({ v, items, size, isDrawn, isFirst }: GroupsProps) {
  const groups = Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );
  return (
    <>
      {groups.map((group, n) => (
        <Group key={`${n}`} v={v} items={group} isDrawn={isDrawn} isFirst={isFirst && n === 0} />
      ))}
    </>
  );
}

function Group({ v, items, isDrawn, isFirst }: GroupProps) {
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
        if (!entry.isIntersecting && element.childElementCount > 0 && !isHeld)
          element.style.blockSize = `${entry.boundingClientRect.height}px`;
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
    else if (element.style.blockSize === '')
      element.style.blockSize = `calc(var(--row, ${USUAL_ROW}px) * ${items.length})`;
  }, [isNear, items.length]);

  return (
    <div ref={holder}>
      {isNear &&
        (items.length > GROUP ? (
          <Groups v={v} items={items} size={GROUP} isDrawn={isDrawn} isFirst={isFirst} />
        ) : (
          <Rows v={v} items={items} isDrawn={isDrawn} />
        ))}
    </div>
  );
}
