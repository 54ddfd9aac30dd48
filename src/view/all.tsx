import type { ViewContext } from './context.ts';
import { Cards, type HomeItem } from './home.tsx';

interface AllProps {
  readonly v: ViewContext;
  readonly items: readonly HomeItem[];
  /** What stands in the filter; undefined where no script can filter. */
  readonly query?: string | undefined;
}

/** Every item of the library, with a filter of titles where a script can work it. */
export function All({ v, items, query }: AllProps) {
  return (
    <div class="home">
      <h1>{v.t('all.title')}</h1>
      {query !== undefined && (
        <div class="words">
          <label for="filter">{v.t('all.filter')}</label>
          <input id="filter" type="search" autocomplete="off" dir="auto" />
        </div>
      )}
      <p role="status" class="sub">
        {query && items.length === 0 ? v.t('all.none') : ''}
      </p>
      <Cards v={v} items={items} />
    </div>
  );
}
