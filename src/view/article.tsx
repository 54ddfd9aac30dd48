import type { ComponentChild } from 'preact';
import type { Card } from '../core/protocol/card.ts';
import type { Figure, LibraryItem } from '../core/protocol/item.ts';
import { languageName } from '../i18n/translator.ts';
import { Blocks } from './blocks.tsx';
import { KIND_ICONS, Rows } from './cards.tsx';
import type { Language, ViewContext } from './context.ts';
import { PlainRecording } from './figure.tsx';
import { Icon, Scene } from './icon.tsx';
import { KindEnd, KindFacts } from './kinds.tsx';
import { ownLanguage, pageLanguage } from './language.ts';
import { PaperFoot, RegisterSheets } from './paper.tsx';
import { Script, ScriptLink } from './script.tsx';
import { Origin, SourceList } from './sources.tsx';

interface ArticleProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
  /** The centre's own name: on paper, and in the mouth of a presenter. */
  readonly centre: string;
  /** Identity of the root that signs the library; undefined where nobody knows yet. */
  readonly fingerprint: string | undefined;
  /** ISO day: a notice that ended before it is withdrawn. */
  readonly today: string;
  /** What somebody with the same problem reads next. */
  readonly related: readonly Card[];
  /** The languages this item exists in, for "Where does this text come from?". */
  readonly languages?: readonly Language[];
  /** What the device puts in the place of the browser's own: the recording above the text, each picture, and what is kept of them. */
  readonly live?: LiveMedia;
}

export interface LiveMedia {
  readonly listen: ComponentChild;
  readonly picture: (figure: Figure) => ComponentChild;
  readonly keep: ComponentChild;
}

/** An item: picture, one act, text, sources, what to read next. The form stands after it. */
export function Article({ v, item, centre, fingerprint, today, related, languages = [], live }: ArticleProps) {
  const { kind, lang, review } = item;
  const words = pageLanguage(v, lang);
  const shown = { language: languageName(v.lang), shown: languageName(lang) };
  return (
    <>
      {lang !== v.lang && <p class="sub">{v.t('item.otherLanguage', shown)}</p>}
      {review.of !== undefined && review.state === 'machine-draft' && (
        <p class="sub">
          <Icon v={v} name="pencil" /> {v.t('item.machine')}
        </p>
      )}
      {/* An item shown for want of the chosen language keeps its own direction and its own voice. */}
      <article {...ownLanguage(v, lang)}>
        <p class="kind" {...words}>
          <Icon v={v} name={KIND_ICONS[kind]} />
          {v.t(`kind.${kind}`)}
        </p>
        <h1>{item.title}</h1>
        <p class="sub">{item.place}</p>
        <Scene v={v} picture={item.picture} />
        {item.recording && (
          // Its words are the page's, whatever the text is in.
          <div {...words}>{live ? live.listen : <PlainRecording v={v} recording={item.recording} />}</div>
        )}
        <a class={item.recording ? 'act' : 'act go'} href="#answer" {...words}>
          <Icon v={v} name="bubble" />
          {v.t('item.answer')}
        </a>
        <p class="lead">{item.summary}</p>
        <KindFacts v={v} item={item} today={today} />
        <Blocks v={v} lang={lang} blocks={item.body} sources={item.sources} picture={live?.picture} />
        {live?.keep}
        <KindEnd v={v} item={item} />
        {item.sources.length > 0 && <SourceList v={v} item={item} />}
        <PaperFoot v={v} item={item} centre={centre} />
        <Origin v={v} item={item} languages={languages} centre={centre} fingerprint={fingerprint} />
        {item.kind === 'bulletin' && <ScriptLink v={v} item={item} today={today} />}
        <button type="button" class="act print" {...words}>
          {v.t('print.item')}
        </button>
        <RegisterSheets v={v} item={item} centre={centre} />
        {item.kind === 'bulletin' && <Script v={v} item={item} today={today} centre={centre} />}
      </article>
      {related.length > 0 && (
        <section class="related">
          <h2>{v.t('item.related')}</h2>
          <Rows v={v} items={related} />
        </section>
      )}
    </>
  );
}
