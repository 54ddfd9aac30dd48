import type { Language, ViewContext } from './context.ts';
import { Languages } from './frame.tsx';
import { Icon } from './icon.tsx';

export interface HomeItem {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  /** Name of a drawing in the icon sprite. */
  readonly picture: string;
}

/** Items as pictures with their names. */
export function Cards({ v, items }: { readonly v: ViewContext; readonly items: readonly HomeItem[] }) {
  return (
    <ul class="cards">
      {items.map(({ id, title, place, picture }) => (
        <li key={id}>
          <a href={`/${v.lang}/${id}`}>
            <Icon v={v} name={picture} size="l" />
            <b>{title}</b>
            <small>{place}</small>
          </a>
        </li>
      ))}
    </ul>
  );
}

interface HomeProps {
  readonly v: ViewContext;
  readonly centre: string;
  readonly items: readonly HomeItem[];
  readonly languages: readonly Language[];
  /** Where the page with everything else is, if there is one. */
  readonly moreHref?: string;
}

/** More targets than this and nobody finds theirs. */
const MOST = 6;

/** What `<main>` holds on the first page: languages, at most six pictures, and the way to all others. */
export function Home({ v, centre, items, languages, moreHref }: HomeProps) {
  return (
    <div class="home">
      <h1 class="vh">{v.t('home.title', { centre })}</h1>
      <Languages v={v} languages={languages} />
      {items.length === 0 && <p>{v.t('home.empty')}</p>}
      <Cards v={v} items={items.slice(0, MOST)} />
      {items.length > MOST && (
        <a class="act go" href={`/${v.lang}/-/all`}>
          <Icon v={v} name="slate" />
          {v.t('all.title')}
        </a>
      )}
      {moreHref !== undefined && (
        <a class="act" href={moreHref}>
          <Icon v={v} name="more" />
          {v.t('more.title')}
        </a>
      )}
    </div>
  );
}
