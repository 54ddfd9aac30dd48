import type { Card } from '../core/protocol/card.ts';
import type { Facet, FacetNames, Tag } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { ownLanguage } from './language.ts';

/** The drawing of each kind of item. */
export const KIND_ICONS = {
  case: 'person',
  sheet: 'slate',
  guide: 'hand',
  bulletin: 'horn',
  story: 'bubble',
  reference: 'book',
} as const;

/** The drawing of each need. */
export const NEED_ICONS = {
  livestock: 'cow',
  fields: 'millet',
  health: 'pouch',
  money: 'coins',
  school: 'slate',
  notices: 'horn',
} as const;

/** Where the list of what is filed under a tag stands: `/fr/-/need-money`. */
export const tagPath = (lang: string, tag: Tag): string => `/${lang}/-/${tag.replace(':', '-').toLowerCase()}`;

/** What a code is called; the code itself where nobody named it. */
export const nameOfCode = (names: readonly FacetNames[], facet: Facet, code: string): string =>
  names.find((one) => one.facet === facet)?.values.find(([known]) => known === code)?.[1] ?? code;

interface ListProps {
  readonly v: ViewContext;
  readonly items: readonly Card[];
}

/** Items as pictures with their names. */
export function Cards({ v, items }: ListProps) {
  return (
    <ul class="cards">
      {items.map(({ id, title, place, picture, lang }) => (
        <li key={id}>
          <a href={`/${v.lang}/${id}`} {...ownLanguage(v, lang)}>
            <Icon v={v} name={picture} size="l" />
            <b>{title}</b>
            <small>{place}</small>
          </a>
        </li>
      ))}
    </ul>
  );
}

interface RowsProps extends ListProps {
  /** Drawings are backgrounds, by a class each, as `addDrawings` of the interface makes them. */
  readonly isDrawn?: boolean;
}

/** Items as lines, for lists that are read from top to bottom. */
export function Rows({ v, items, isDrawn = false }: RowsProps) {
  return (
    <ul class="list">
      {items.map((item) => (
        <Row key={item.id} v={v} item={item} isDrawn={isDrawn} />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly v: ViewContext;
  readonly item: Card;
  readonly isDrawn: boolean;
}

function Row({ v, item: { id, kind, title, place, picture, lang }, isDrawn }: RowProps) {
  return (
    <li>
      <a href={`/${v.lang}/${id}`} class={isDrawn ? `drawn d-${picture}` : undefined}>
        {!isDrawn && <Icon v={v} name={picture} size="m" />}
        <span>
          <b {...ownLanguage(v, lang)}>{title}</b>
          <small>
            {v.t(`kind.${kind}`)} · <bdi {...ownLanguage(v, lang)}>{place}</bdi>
          </small>
        </span>
      </a>
    </li>
  );
}
