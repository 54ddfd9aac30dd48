import { isOver } from '../core/protocol/card.ts';
import type { BulletinItem, GuideItem, LibraryItem, ReferenceItem, StoryItem } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { ownLanguage, pageLanguage } from './language.ts';
import { SheetFields } from './sheet.tsx';

interface KindProps<T extends LibraryItem> {
  readonly v: ViewContext;
  readonly item: T;
}

const URGENCY = { 1: 'bulletin.now', 2: 'bulletin.soon', 3: 'bulletin.know' } as const;

/** For whom a notice is, how urgent it is, until when it holds; or that it no longer does. */
function Validity({ v, item, today }: KindProps<BulletinItem> & { readonly today: string }) {
  const until = v.formatters.day(item.until);
  const words = pageLanguage(v, item.lang);
  if (isOver(item, today)) {
    return (
      <div class="aside unsure over" role="note" {...words}>
        <b>{v.t('bulletin.over')}</b>
        <p>{v.t('bulletin.overSince', { until })}</p>
      </div>
    );
  }
  return (
    <div class={item.urgency === 1 ? 'notice is-danger' : 'aside'} role="note" {...words}>
      <div>
        <b>{v.t(URGENCY[item.urgency])}</b>
        <p {...ownLanguage(v, item.lang)}>{item.area}</p>
        <p>{v.t('bulletin.until', { until })}</p>
        {item.approved && <p>{v.t('bulletin.approved', item.approved)}</p>}
      </div>
    </div>
  );
}

/** Who does it, how long it takes, what it takes. */
function GuideBox({ v, item: { lang, who, time, tools = [] } }: KindProps<GuideItem>) {
  if (who === undefined && time === undefined && tools.length === 0) return null;
  const words = pageLanguage(v, lang);
  const row = (key: string, value: string | undefined) =>
    value !== undefined && (
      <div>
        <dt {...words}>{v.t(key)}</dt>
        <dd>{value}</dd>
      </div>
    );
  return (
    <dl class="fields">
      {row('guide.who', who)}
      {row('guide.time', time)}
      {tools.length > 0 && (
        <div>
          <dt {...words}>{v.t('guide.tools')}</dt>
          <dd>
            <ul>
              {tools.map((tool) => (
                <li>{tool}</li>
              ))}
            </ul>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Whose story it is, and by what right it is told here. */
function Teller({ v, item: { lang, community, told, consent, sources } }: KindProps<StoryItem>) {
  const words = pageLanguage(v, lang);
  const source = sources.find(({ id }) => id === told);
  return (
    <div class="aside" role="note">
      <b>{community}</b>
      {source && <p {...words}>{v.t('story.told', { source: source.title })}</p>}
      {consent && <p {...words}>{v.t('story.consent', { on: v.formatters.day(consent.on) })}</p>}
    </div>
  );
}

/** What is known of a thing that may be no more. */
function Gone({ v, item }: KindProps<ReferenceItem>) {
  return (
    <div class="aside unsure" role="note" {...pageLanguage(v, item.lang)}>
      <p>
        <Icon v={v} name="clock" /> {v.t('reference.gone')}
      </p>
    </div>
  );
}

function Terms({ item: { terms = [] } }: KindProps<ReferenceItem>) {
  return (
    <dl class="fields">
      {terms.map(({ term, says }) => (
        <div key={term}>
          <dt>
            <dfn>{term}</dfn>
          </dt>
          <dd>{says}</dd>
        </div>
      ))}
    </dl>
  );
}

interface FactsProps extends KindProps<LibraryItem> {
  /** ISO day. */
  readonly today: string;
}

/** What only items of this kind have, above the text. */
export function KindFacts({ v, item, today }: FactsProps) {
  switch (item.kind) {
    case 'sheet':
      return <SheetFields v={v} lang={item.lang} fields={item.fields} />;
    case 'guide':
      return <GuideBox v={v} item={item} />;
    case 'bulletin':
      return <Validity v={v} item={item} today={today} />;
    case 'story':
      return <Teller v={v} item={item} />;
    case 'reference':
      return item.gone ? <Gone v={v} item={item} /> : null;
    default:
      return null;
  }
}

/** What only items of this kind have, below the text. */
export function KindEnd({ v, item }: KindProps<LibraryItem>) {
  return item.kind === 'reference' && item.terms ? <Terms v={v} item={item} /> : null;
}
