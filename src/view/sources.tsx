import type { LibraryItem, Review } from '../core/protocol/item.ts';
import { languageName } from '../i18n/translator.ts';
import type { Language, ViewContext } from './context.ts';
import { ownLanguage, pageLanguage } from './language.ts';

interface ListProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
}

/** The sources, numbered as the text cites them. Addresses are text: many are gone. */
export function SourceList({ v, item: { sources, lang } }: ListProps) {
  return (
    <section class="sources">
      <h2 {...pageLanguage(v, lang)}>{v.t('item.sources')}</h2>
      <ol>
        {sources.map(({ id, title, by, date, at }) => (
          <li key={id} id={`s-${id}`} tabindex={-1}>
            <span dir="auto">{title}</span>
            {[by, date].map(
              (part) =>
                part !== undefined && (
                  <span>
                    {' · '}
                    <span dir="auto">{part}</span>
                  </span>
                ),
            )}
            {at !== undefined && <bdi>{at}</bdi>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Who checked a text, in a sentence. */
export function reviewed(v: ViewContext, { state, by, on }: Review): string {
  if (state !== 'reviewed') return v.t(`review.${state}`);
  if (by === undefined) return v.t('review.reviewed');
  return on === undefined
    ? v.t('review.reviewedBy', { by })
    : v.t('review.reviewedByOn', { by, on: v.formatters.day(on) });
}

interface OriginProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
  readonly languages: readonly Language[];
  /** The centre's own name, and the identity of the root that signs its library. */
  readonly centre: string;
  readonly fingerprint: string | undefined;
}

/** So much of an identity is enough to compare by eye; all of it stands under `Plus`. */
const SHORT = 9;

/** Behind "Where does this text come from?": why this language, who checked it, how sure the sources are, who signed, the licence. */
export function Origin({ v, item, languages, centre, fingerprint }: OriginProps) {
  return (
    <details class="origin" {...pageLanguage(v, item.lang)}>
      <summary>{v.t('origin.title')}</summary>
      <dl>
        {item.lang !== v.lang && (
          <>
            <dt>{v.t('origin.why')}</dt>
            <dd>{v.t('origin.closest', { language: languageName(v.lang), shown: languageName(item.lang) })}</dd>
          </>
        )}
        <dt>{v.t('origin.review')}</dt>
        <dd>{reviewed(v, item.review)}</dd>
        {languages.length > 0 && (
          <>
            <dt>{v.t('origin.languages')}</dt>
            <dd>
              {languages.map(({ lang, name, href }, index) => (
                <>
                  {index > 0 && ' · '}
                  <a href={href} lang={lang} hreflang={lang}>
                    {name}
                  </a>
                </>
              ))}
            </dd>
          </>
        )}
        <dt>{v.t('origin.certainty')}</dt>
        {item.sources.map(({ id, title, certainty, note }, index) => (
          <dd key={id}>
            {v.formatters.number(index + 1)}. <span dir="auto">{title}</span>
            {v.t('origin.is')}
            <b>{v.t(`certainty.${certainty}`)}</b>
            {note !== undefined && <small {...ownLanguage(v, item.lang)}>{note}</small>}
          </dd>
        ))}
        {fingerprint !== undefined && (
          <>
            <dt>{v.t('origin.signer')}</dt>
            <dd>
              <span dir="auto">{centre}</span> · <bdi>{fingerprint.slice(0, SHORT)}</bdi>
            </dd>
          </>
        )}
        <dt>{v.t('origin.licence')}</dt>
        <dd>
          <bdi>{item.licence}</bdi>
        </dd>
      </dl>
    </details>
  );
}
