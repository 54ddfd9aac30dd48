import type { Card } from '../core/protocol/card.ts';
import { languageName } from '../i18n/translator.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { ownLanguage } from './language.ts';

/** A stretch of a text; `hit`: it is what was looked for. */
export interface Stretch {
  readonly text: string;
  readonly hit: boolean;
}

/** An item that was found: its title and a passage, with the words marked. */
export interface Hit {
  readonly card: Card;
  readonly title: readonly Stretch[];
  readonly passage: readonly Stretch[];
}

interface HitsProps {
  readonly v: ViewContext;
  readonly hits: readonly Hit[];
  /** Ids whose page in this language shows another text than the one that was found. */
  readonly elsewhere: ReadonlySet<string>;
}

/** What was found, as lines. A text in another language than the page's says which, and leads to its page in that language. */
export function Hits({ v, hits, elsewhere }: HitsProps) {
  return (
    <ul class="list">
      {hits.map(({ card: { id, kind, lang, picture }, title, passage }) => (
        <li key={id}>
          <a href={`/${elsewhere.has(id) ? lang : v.lang}/${id}`}>
            <Icon v={v} name={picture} size="m" />
            <span>
              <b {...ownLanguage(v, lang)}>
                <Marked text={title} />
              </b>
              <small>
                {v.t(`kind.${kind}`)}
                {lang !== v.lang && (
                  <>
                    {' · '}
                    <bdi lang={lang}>{languageName(lang)}</bdi>
                  </>
                )}
              </small>
              <small {...ownLanguage(v, lang)}>
                <Marked text={passage} />
              </small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Text nodes and marks: what an item says never becomes markup. */
function Marked({ text }: { readonly text: readonly Stretch[] }) {
  return <>{text.map(({ text, hit }) => (hit ? <mark>{text}</mark> : text))}</>;
}
