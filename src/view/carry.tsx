import type { ComponentChildren } from 'preact';
import type { ErrorCode } from '../core/errors.ts';
import type { CarriedIn, CarryView } from '../core/protocol/carried.ts';
import { CarryChoices, CarryHand, CarryLines } from './carry-parts.tsx';
import { type Refused, refusedWords } from './carry-refusal.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { sizeText } from './size.ts';

/** How far a file is that is made or taken, and what came of it. */
export type CarryProgress =
  | Working
  | { readonly what: 'saved'; readonly name: string }
  | ({ readonly what: 'taken'; readonly result: CarriedIn } & Refused)
  /** Made for another phone: it waits for a second tap. */
  | { readonly what: 'ready' }
  | ({ readonly what: 'failed'; readonly code: ErrorCode | 'heavy' | 'notWritten' } & Refused);

interface Working {
  readonly what: 'making' | 'taking';
  readonly done: number;
  readonly total: number;
}

const isWorking = (progress: CarryProgress | undefined): progress is Working =>
  progress?.what === 'making' || progress?.what === 'taking';

interface CarryProps {
  readonly v: ViewContext;
  /** Undefined: not known yet. Null: what reads it has not come, and is tried for again. */
  readonly view: CarryView | null | undefined;
  /** It takes long enough to say so. */
  readonly isLate: boolean;
  readonly chosen: ReadonlySet<string>;
  readonly media: boolean;
  readonly progress: CarryProgress | undefined;
  /** Name of a file that another app has handed over. */
  readonly received: string | undefined;
  /** Another app here takes such a file. */
  readonly canShare: boolean;
  /** Receipts as codes, once somebody has asked for them. */
  readonly codes?: ComponentChildren;
}

/** What goes by hand: taking a file, and making one. Buttons have ids; what they do is the screen's. */
export function Carry({ v, view, isLate, chosen, media, progress, received, canShare, codes }: CarryProps) {
  const isBusy = isWorking(progress);
  const texts = (view?.shelves ?? []).filter(({ lang }) => chosen.has(lang));
  const bytes = texts.reduce((sum, one) => sum + one.bytes, media ? (view?.media ?? 0) : 0);
  const isEmpty = view && view.shelves.length === 0 && view.waiting === 0;
  return (
    <section class="more">
      <h1>{v.t('carry.title')}</h1>
      <p>{v.t('carry.intro')}</p>
      <div role="status" id="carry-status">
        {progress && <Progress v={v} progress={progress} />}
        {!progress && received !== undefined && <p>{v.t('carry.received', { name: received })}</p>}
      </div>
      <button type="button" class="act go" id="carry-take" aria-disabled={isBusy || undefined}>
        {v.t('carry.take')}
      </button>
      <p class="sub">{v.t('carry.takeHint')}</p>
      <h2>{v.t('carry.copy')}</h2>
      {view === undefined && <p role="status">{isLate && v.t('link.busy')}</p>}
      {view === null && <CarryHand v={v}>{v.t('network.why.no-link')}</CarryHand>}
      {isEmpty && <p>{v.t('carry.empty')}</p>}
      {view && !isEmpty && (
        <>
          <CarryChoices v={v} shelves={view.shelves} mediaBytes={view.media} chosen={chosen} media={media} />
          {view.waiting > 0 && <p id="carry-answers">{v.t('carry.answers', { count: view.waiting })}</p>}
          <button type="button" class="act" id="carry-save" aria-disabled={isBusy || undefined}>
            {`${v.t('carry.save')} · ${sizeText(v, bytes)}`}
          </button>
          {canShare && (
            <button type="button" class="act" id="carry-share" aria-disabled={isBusy || undefined}>
              {v.t('carry.share')}
            </button>
          )}
        </>
      )}
      {view && view.receipts > 0 && (
        <>
          <h2>{v.t('carry.receipts')}</h2>
          {codes || (
            <button type="button" class="act" id="carry-codes" aria-disabled={isBusy || undefined}>
              {v.t('carry.codes')}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function Progress({ v, progress }: { readonly v: ViewContext; readonly progress: CarryProgress }) {
  if (isWorking(progress)) {
    const words = v.t(progress.what === 'making' ? 'carry.making' : 'carry.taking');
    return (
      <>
        <p>{words}</p>
        <progress max={Math.max(1, progress.total)} value={progress.done} aria-label={words} />
      </>
    );
  }
  if (progress.what === 'saved')
    return (
      <p class="state is-centre">
        <Icon v={v} name="tick" />
        <span>{v.t('carry.saved', { name: progress.name })}</span>
      </p>
    );
  if (progress.what === 'ready') return <p>{v.t('carry.ready')}</p>;
  if (progress.what === 'failed') return <Problem v={v} code={progress.code} refused={progress} />;
  const { changed, media, answers, elsewhere, arrived, problem, part } = progress.result;
  const lines = [
    ...(changed > 0 ? [v.t('carry.items', { count: changed })] : []),
    ...(media > 0 ? [v.t('carry.pictures', { count: media })] : []),
    ...(arrived > 0 ? [v.t('carry.arrived', { count: arrived })] : []),
    ...(answers > 0 ? [v.t('carry.passed', { count: answers })] : []),
  ];
  if (lines.length === 0 && !problem && elsewhere === 0) lines.push(v.t('carry.nothing'));
  return (
    <>
      <CarryLines v={v} lines={lines} />
      {elsewhere > 0 && <CarryHand v={v}>{v.t('carry.elsewhere', { count: elsewhere })}</CarryHand>}
      {problem && <Problem v={v} code={problem} refused={{ ...progress, part }} />}
    </>
  );
}

interface ProblemProps {
  readonly v: ViewContext;
  readonly code: ErrorCode | 'heavy' | 'notWritten';
  readonly refused: Refused;
}

function Problem({ v, code, refused }: ProblemProps) {
  const isOwn = code === 'busy' || code === 'heavy' || code === 'notWritten';
  return <CarryHand v={v}>{isOwn ? v.t(`carry.${code}`) : refusedWords(v, code, refused)}</CarryHand>;
}

/** The same page before any script, or without one. */
export function PlainCarry({ v }: { readonly v: ViewContext }) {
  return (
    <section class="more">
      <h1>{v.t('carry.title')}</h1>
      <p>{v.t('carry.intro')}</p>
      <p class="sub">{v.t('carry.takeHint')}</p>
    </section>
  );
}
