import { useEffect, useRef, useState } from 'preact/hooks';
import type { ViewContext } from '../../view/context.ts';
import { drawCode } from '../paper/code.ts';

interface CodesProps {
  readonly v: ViewContext;
  /** What each code opens. */
  readonly links: readonly string[];
  /** What whoever photographs them gets. */
  readonly hint: string;
}

/** Codes to be photographed by another phone, one at a time: the smaller each is, the better a cheap camera reads it. */
export function Codes({ v, links, hint }: CodesProps) {
  const [wish, setWish] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const at = Math.min(wish, links.length - 1);
  const link = links[at] ?? '';
  useEffect(() => box.current?.replaceChildren(drawCode(link)), [link]);
  const number = (n: number): string => v.formatters.number(n);
  return (
    <div class="more">
      <p>{hint}</p>
      <div ref={box} class="code" role="img" aria-label={v.t('carry.code')} />
      {links.length > 1 && (
        <>
          <p role="status">{v.t('carry.codeOf', { n: number(at + 1), all: number(links.length) })}</p>
          <div class="choices">
            {at < links.length - 1 && (
              <button type="button" class="act" onClick={() => setWish(at + 1)}>
                {v.t('all.next')}
              </button>
            )}
            {at > 0 && (
              <button type="button" class="act" onClick={() => setWish(at - 1)}>
                {v.t('all.before')}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}
