import type { AnswerState, ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { KeepNumber } from './number.tsx';
import { StateBadge } from './state.tsx';

export interface MyAnswer {
  readonly number: string;
  readonly state: AnswerState;
  /** Title of the item that was answered. */
  readonly title: string;
  /** Who has it, for the state `organisation`. */
  readonly organisation?: string;
  /** The hub in between that has it, for `held`, where its name is known. */
  readonly holder?: string | undefined;
}

export interface AnswerCounts {
  readonly kept: number;
  /** Those of which a hub in between has a copy. */
  readonly held: number;
  readonly arrived: number;
  readonly attention: number;
}

/** What is known of a number that somebody typed. */
export type Found = Omit<MyAnswer, 'title'> | 'unknown';

interface AnswersProps {
  readonly v: ViewContext;
  /** What this visitor sent since the last "Fini"; nothing of anybody else. */
  readonly mine: readonly MyAnswer[];
  /** Of everybody on this phone: numbers only, no content. */
  readonly counts: AnswerCounts;
  readonly found?: Found;
  /** A page that knows nothing of this phone: it counts nothing, and can look nothing up. */
  readonly plain?: boolean;
}

const COUNTS = [
  ['kept', 'clock'],
  ['held', 'arrow'],
  ['arrived', 'tick'],
  ['attention', 'hand'],
] as const;
/** Said of none, too. */
const ALWAYS: ReadonlySet<string> = new Set(['kept', 'arrived']);

function Finder({ v, found }: Pick<AnswersProps, 'v' | 'found'>) {
  return (
    <form class="form" id="find" method="post" autocomplete="off">
      <div class="words">
        <label for="find-number">{v.t('answers.find')}</label>
        <input id="find-number" name="number" inputmode="numeric" autocomplete="off" maxlength={9} dir="ltr" />
      </div>
      <p role="status" id="find-result">
        {found === 'unknown' && v.t('answers.unknown')}
        {found !== undefined && found !== 'unknown' && (
          <>
            <KeepNumber number={found.number} /> <StateBadge v={v} {...found} />
          </>
        )}
      </p>
      <button class="act" type="submit">
        {v.t('answers.see')}
      </button>
    </form>
  );
}

/** "My answer": this visitor's answers, how many wait on this phone, and a number looked up. */
export function MyAnswers({ v, mine, counts, found, plain = false }: AnswersProps) {
  return (
    <section class="answers">
      <h1>{v.t('answers.title')}</h1>
      {mine.length === 0 && <p>{v.t('answers.empty')}</p>}
      {mine.length > 0 && (
        <ul class="rows">
          {mine.map((answer) => (
            <li key={answer.number}>
              <b>{answer.title}</b>
              <StateBadge v={v} {...answer} />
              <KeepNumber number={answer.number} />
            </li>
          ))}
        </ul>
      )}
      {!plain && (
        <>
          <h2>{v.t('answers.onPhone')}</h2>
          <ul class="counts">
            {COUNTS.filter(([key]) => ALWAYS.has(key) || counts[key] > 0).map(([key, icon]) => (
              <li key={key}>
                <b>{v.formatters.number(counts[key])}</b>
                <span>
                  <Icon v={v} name={icon} />
                  {key === 'held' ? v.t('state.held') : v.t(`answers.counts.${key}`, { count: counts[key] })}
                </span>
              </li>
            ))}
          </ul>
          {counts.attention > 0 && (
            <form class="form" id="retry" method="post">
              <button class="act" type="submit">
                {v.t('form.retry')}
              </button>
            </form>
          )}
          <Finder v={v} {...(found === undefined ? {} : { found })} />
        </>
      )}
    </section>
  );
}
