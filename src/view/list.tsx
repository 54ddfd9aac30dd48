import type { ComponentChildren } from 'preact';
import type { Card } from '../core/protocol/card.ts';
import type { FacetNames, Tag } from '../core/protocol/item.ts';
import { Rows, tagPath } from './cards.tsx';
import type { ViewContext } from './context.ts';
import { ownLanguage } from './language.ts';

interface ListPageProps {
  readonly v: ViewContext;
  readonly title: string;
  /** The title is a name of the library's own, in the language of its texts. */
  readonly isName?: boolean;
  readonly items: readonly Card[];
  /** That topics are still to come, where they are. */
  readonly coming?: ComponentChildren;
  /** What stands above the list: a search, filters. */
  readonly children?: ComponentChildren;
  /** The list itself, where a device makes it as somebody scrolls. */
  readonly rows?: ComponentChildren;
  /** What was found, above the items or instead of them. */
  readonly found?: ComponentChildren;
  /** Where a long list goes on. */
  readonly pages?: { readonly before: string | undefined; readonly after: string | undefined };
  /** What stands at its end: that there is more elsewhere. */
  readonly end?: ComponentChildren;
}

/** A list of items under its name. */
export function ListPage({
  v,
  title,
  isName = false,
  items,
  coming,
  children,
  found,
  rows,
  pages,
  end,
}: ListPageProps) {
  return (
    <div class="home">
      <h1 {...(isName && ownLanguage(v, v.lang))}>{title}</h1>
      {children}
      {found}
      {coming || (items.length === 0 && !found && <p>{v.t('all.none')}</p>)}
      {rows ?? <Rows v={v} items={items} />}
      {pages?.after !== undefined && (
        <a class="act go" href={pages.after} rel="next">
          {v.t('all.next')}
        </a>
      )}
      {pages?.before !== undefined && (
        <a class="act" href={pages.before} rel="prev">
          {v.t('all.before')}
        </a>
      )}
      {end}
    </div>
  );
}

interface CollectionWaysProps {
  readonly v: ViewContext;
  readonly collections: readonly { readonly id: string; readonly name: string; readonly items: number }[];
}

/** The ways to what is set apart, so that lists stay short. */
export function CollectionWays({ v, collections }: CollectionWaysProps) {
  return (
    <section>
      <h2>{v.t('all.others')}</h2>
      <ul class="codes">
        {collections.map(({ id, name, items }) => (
          <li key={id}>
            <a href={tagPath(v.lang, `collection:${id}`)}>
              <span {...ownLanguage(v, v.lang)}>{name}</span>
              {` · ${v.t('all.count', { count: items })}`}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface WaysProps {
  readonly v: ViewContext;
  readonly names: readonly FacetNames[];
  readonly items: readonly Card[];
}

/** Everything that items are filed under, each code with its number of items: a way in that needs no script. */
export function Ways({ v, names, items }: WaysProps) {
  const counts = new Map<Tag, number>();
  for (const tag of items.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return (
    <>
      {names.map(({ facet, values }) => {
        const used = values.filter(([code]) => counts.has(`${facet}:${code}`));
        return (
          used.length > 0 && (
            <section key={facet}>
              <h2>{v.t(`facet.${facet}`)}</h2>
              <ul class="codes">
                {used.map(([code, name]) => (
                  <li key={code}>
                    <a href={tagPath(v.lang, `${facet}:${code}`)}>
                      {/^[CTI]-?\w+$/.test(code) && <bdi>{code} </bdi>}
                      <span {...ownLanguage(v, v.lang)}>{name}</span> (
                      {v.formatters.number(counts.get(`${facet}:${code}`) ?? 0)})
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          )
        );
      })}
    </>
  );
}
