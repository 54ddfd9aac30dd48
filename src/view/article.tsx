import type { LibraryItem } from '../core/protocol/item.ts';
import { direction } from '../i18n/direction.ts';
import { Blocks } from './blocks.tsx';
import type { Language, ViewContext } from './context.ts';
import { Icon, Scene } from './icon.tsx';
import { SheetFields } from './sheet.tsx';
import { Origin, SourceList } from './sources.tsx';

interface ArticleProps {
  readonly v: ViewContext;
  readonly item: LibraryItem;
  /** The languages this item exists in, for "Where does this text come from?". */
  readonly languages?: readonly Language[];
}

/** A case study or a project sheet: picture, one act, text, sources. The form stands after it. */
export function Article({ v, item, languages = [] }: ArticleProps) {
  // An item shown for want of the chosen language keeps its own direction and its own voice.
  const own = item.lang === v.lang ? {} : { lang: item.lang, dir: direction(item.lang) };
  return (
    <article {...own}>
      <h1>{item.title}</h1>
      <p class="sub">{item.place}</p>
      <Scene v={v} picture={item.picture} />
      <a class="act go" href="#answer">
        <Icon v={v} name="bubble" />
        {v.t('item.answer')}
      </a>
      <p class="lead">{item.summary}</p>
      {item.kind === 'sheet' && <SheetFields v={v} fields={item.fields} />}
      <Blocks v={v} blocks={item.body} sources={item.sources} />
      <SourceList v={v} sources={item.sources} />
      <Origin v={v} item={item} languages={languages} />
    </article>
  );
}
