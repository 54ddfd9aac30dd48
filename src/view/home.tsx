import type { ComponentChildren } from 'preact';
import { type Card, needsOf, noticesOf } from '../core/protocol/card.ts';
import type { FacetNames } from '../core/protocol/item.ts';
import { Cards, NEED_ICONS, nameOfCode, Rows, tagPath } from './cards.tsx';
import type { Language, ViewContext } from './context.ts';
import { Languages } from './frame.tsx';
import { Icon } from './icon.tsx';
import { ownLanguage } from './language.ts';

interface HomeProps {
  readonly v: ViewContext;
  readonly centre: string;
  /** All of the library, in its order. */
  readonly items: readonly Card[];
  /** Urgent notices that are here before the rest. */
  readonly early?: readonly Card[];
  /** That topics are still to come, where they are. */
  readonly coming?: ComponentChildren;
  /** Ids of what came lately, newest first. */
  readonly news?: readonly string[];
  /** ISO day. */
  readonly today: string;
  readonly names: readonly FacetNames[];
  readonly languages: readonly Language[];
}

/** More targets than this and nobody finds theirs. */
const MOST = 6;
/** More notices than this, and none is read. */
const MOST_NOTICES = 2;
const MOST_NEWS = 3;
const MOST_LOCAL = 3;

/** What `<main>` holds on the first page: languages, notices, a picture of each need, what is new, and the ways to all of it. */
export function Home({ v, centre, items, early = [], coming, news = [], today, names, languages }: HomeProps) {
  const needs = needsOf(items);
  const local = items.filter((item) => item.local && item.kind !== 'bulletin').slice(0, MOST_LOCAL);
  const fresh = news.flatMap((id) => items.find((item) => item.id === id) ?? []).slice(0, MOST_NEWS);
  return (
    <div class="home">
      <h1 class="vh">{v.t('home.title', { centre })}</h1>
      <Languages v={v} languages={languages} />
      {v.draft && (
        <a class="sub" href={`/${v.lang}/-/more`}>
          <Icon v={v} name="pencil" /> {v.t('drafts.home')}
        </a>
      )}
      {noticesOf([...early, ...items], today)
        .slice(0, MOST_NOTICES)
        .map(({ id, title, place, urgency, lang }) => (
          <a key={id} class={urgency === 1 ? 'notice is-danger' : 'notice'} href={`/${v.lang}/${id}`}>
            <Icon v={v} name="horn" size="m" />
            <span {...ownLanguage(v, lang)}>
              <b>{title}</b>
              <small>{place}</small>
            </span>
          </a>
        ))}
      {coming || (items.length === 0 && <p>{v.t('home.empty')}</p>)}
      {needs.length > 1 ? (
        <ul class="cards needs">
          {needs.map((need) => (
            <li key={need}>
              <a href={tagPath(v.lang, `need:${need}`)}>
                <Icon v={v} name={NEED_ICONS[need]} size="l" />
                <b {...ownLanguage(v, v.lang)}>{nameOfCode(names, 'need', need)}</b>
              </a>
            </li>
          ))}
        </ul>
      ) : (
        <Cards v={v} items={items.slice(0, MOST)} />
      )}
      {(needs.length > 1 || items.length > MOST) && (
        <a class="act go" href={`/${v.lang}/-/all`}>
          <Icon v={v} name="book" />
          {v.t('all.title')}
        </a>
      )}
      {local.length > 0 && (
        <section>
          <h2>{v.t('home.local')}</h2>
          <Rows v={v} items={local} />
        </section>
      )}
      {fresh.length > 0 && (
        <section>
          <h2>{v.t('home.news')}</h2>
          <Rows v={v} items={fresh} />
        </section>
      )}
      <a class="act" href={`/${v.lang}/-/partners`}>
        <Icon v={v} name="person" />
        {v.t('partners.title')}
      </a>
      <a class="act" href={`/${v.lang}/-/more`}>
        <Icon v={v} name="more" />
        {v.t('more.title')}
      </a>
    </div>
  );
}
