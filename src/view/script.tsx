import { isOver } from '../core/protocol/card.ts';
import type { Block, BulletinItem, Inline } from '../core/protocol/item.ts';
import { paceOf, secondsFor } from '../core/text/speech.ts';
import { formatters } from '../i18n/formatters.ts';
import type { ViewContext } from './context.ts';
import { ownLanguage, pageLanguage } from './language.ts';

/** One thing that a presenter says, and how long it takes. */
export interface Spoken {
  readonly part: 'greeting' | 'what' | 'when' | 'do' | 'help' | 'repeat' | 'close';
  /** Sentences, each on a line of its own. */
  readonly lines: readonly string[];
  readonly seconds: number;
}

/** More than three acts are not remembered. */
const MOST_ACTS = 3;

const wordsOf = (nodes: readonly Inline[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : 'c' in node ? wordsOf(node.c) : '')).join('');

/** What the text's own list asks for: the first entries of its first list. */
const actsOf = (blocks: readonly Block[]): readonly string[] => {
  const lists = blocks.flatMap((block) => (block.t === 'ol' || block.t === 'ul' ? [block.c] : []));
  return (lists[0] ?? []).slice(0, MOST_ACTS).map(wordsOf);
};

const sentence = (text: string): string => (/[.!?؟।。…]$/u.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/**
 * A notice as it is read on the radio, part by part. Its author's words come first; where there are none, title and summary, area and last day, and the
 * entries of its first list stand in, between a greeting and a sign-off in the centre's name. What is most urgent is repeated. Our own words stand in
 * only where they are in the language of the notice: nobody reads out two.
 */
export const scriptOf = (v: ViewContext, item: BulletinItem, centre: string): readonly Spoken[] => {
  const { script = {} } = item;
  const pace = paceOf(item.lang);
  const isOurs = item.lang === v.words;
  const own = (key: string, values?: Readonly<Record<string, string>>): readonly string[] =>
    isOurs ? [v.t(`script.words.${key}`, values)] : [];
  const until = (isOurs ? v.formatters : formatters(item.lang)).day(item.until);
  const what = script.what === undefined ? [sentence(item.title), sentence(item.summary)] : [script.what];
  const stated = isOurs ? own('when', { area: item.area, until }) : [`${item.area} · ${until}`];
  const when = script.when === undefined ? stated : [script.when];
  const acts = script.do ?? actsOf(item.body);
  const repeat = [...own('repeat'), ...what, ...when, ...acts];
  const said = (text: string | undefined, key: string): readonly string[] =>
    text === undefined ? own(key, { centre }) : [text];
  const parts: readonly (readonly [Spoken['part'], readonly string[]])[] = [
    ['greeting', said(script.greeting, 'greeting')],
    ['what', what],
    ['when', when],
    ['do', acts],
    ['help', said(script.help, 'help')],
    ['repeat', item.urgency === 1 ? repeat : []],
    ['close', said(script.close, 'close')],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([part, lines]) => ({ part, lines, seconds: secondsFor(lines.join(' '), pace) }));
};

interface ScriptProps {
  readonly v: ViewContext;
  readonly item: BulletinItem;
  readonly today: string;
  readonly centre: string;
}

/** The way to the script; none for a notice that no longer holds. */
export function ScriptLink({ v, item, today }: Omit<ScriptProps, 'centre'>) {
  if (isOver(item, today)) return null;
  return (
    <a class="act" href="#script" {...pageLanguage(v, item.lang)}>
      {v.t('script.read')}
    </a>
  );
}

/** The presenter's sheet: shown by its link, and printed in large type. */
export function Script({ v, item, today, centre }: ScriptProps) {
  if (isOver(item, today)) return null;
  const parts = scriptOf(v, item, centre);
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const sources = item.sources.map(({ title, by }) => (by === undefined ? title : `${title}, ${by}`));
  return (
    <section class="sheet script" id="script" tabindex={-1} {...pageLanguage(v, item.lang)}>
      <h2>{v.t('script.read')}</h2>
      <p>
        <b>{v.t('script.total', { count: total })}</b>{' '}
        <span class="sub">{v.t('script.pace', { wpm: paceOf(item.lang) })}</span>
      </p>
      <p>
        {v.t('bulletin.until', { until: v.formatters.day(item.until) })}
        {item.urgency === 1 && ` ${v.t('script.often')}`}
      </p>
      {sources.length > 0 && <p>{v.t('script.from', { sources: sources.join(' · ') })}</p>}
      <dl class="fields">
        {parts.map(({ part, lines, seconds }) => (
          <div key={part}>
            <dt>
              {v.t(`script.part.${part}`)} · {v.t('script.seconds', { seconds })}
            </dt>
            <dd {...ownLanguage(v, item.lang)}>
              {lines.map((line) => (
                <p>{line}</p>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" class="act print" data-sheet="script">
        {v.t('script.print')}
      </button>
    </section>
  );
}
