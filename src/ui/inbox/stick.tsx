import { useEffect, useRef, useState } from 'preact/hooks';
import { codeLink } from '../../core/carry/code-link.ts';
import { dayOf } from '../../core/protocol/network.ts';
import { CarryChoices, CarryHand, CarryLines } from '../../view/carry-parts.tsx';
import { aboutFile } from '../../view/carry-refusal.ts';
import type { ViewContext } from '../../view/context.ts';
import { hubRefusedWords } from '../../view/hub-refusal.ts';
import { Icon } from '../../view/icon.tsx';
import { sizeText } from '../../view/size.ts';
import { Codes } from '../carry/codes.tsx';
import { type SaveTarget, stickApi, stickHref, type Taken } from './stick-api.ts';
import { type StickProgress, StickState } from './stick-state.ts';

declare const showSaveFilePicker: ((options: { readonly suggestedName: string }) => Promise<SaveTarget>) | undefined;

/** Asks where to write; undefined where no browser asks. */
const picker = (suggestedName: string): (() => Promise<SaveTarget | undefined>) | undefined =>
  typeof showSaveFilePicker === 'function'
    ? () => showSaveFilePicker?.({ suggestedName }).catch(() => undefined) ?? Promise.resolve(undefined)
    : undefined;

interface StickProps {
  readonly v: ViewContext;
  readonly onClose: () => void;
}

/** What goes by hand: takes a file from a stick, and makes one. */
export function Stick({ v, onClose }: StickProps) {
  const [state] = useState(() => new StickState(stickApi()));
  const heading = useRef<HTMLHeadingElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const link = useRef<HTMLAnchorElement>(null);
  const view = state.view.value;
  const isBusy = state.isBusy.value || undefined;
  const [isShown, setShown] = useState(false);

  useEffect(() => {
    heading.current?.focus();
    void state.look();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !state.isBusy.value) onClose();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [state]);

  const onChange = ({ target }: Event) => {
    const { name, value, checked } = target as HTMLInputElement;
    if (name === 'media') state.media.value = checked;
    if (name === 'shelf') state.choose(value, checked);
  };
  const take = ({ currentTarget: field }: { readonly currentTarget: HTMLInputElement }) => {
    const [file] = field.files ?? [];
    if (file) void state.take(file);
    // The same file may be chosen again.
    field.value = '';
  };
  const save = () => void state.save(picker(`relais-${dayOf(Date.now())}.zip`), () => link.current?.click());

  return (
    <section class="more stick" onChange={onChange}>
      <div class="inbox-head">
        <h1 ref={heading} tabIndex={-1}>
          {v.t('carry.title')}
        </h1>
        <button class="act" type="button" onClick={onClose} aria-disabled={isBusy}>
          {v.t('inbox.close')}
        </button>
      </div>
      <p>{v.t('inbox.stick.intro')}</p>
      <div role="status" id="carry-status">
        {state.progress.value && <Progress v={v} progress={state.progress.value} />}
      </div>
      <input ref={input} type="file" accept=".zip,.txt" hidden onChange={take} />
      <button class="act go" type="button" aria-disabled={isBusy} onClick={() => !isBusy && input.current?.click()}>
        {v.t('carry.take')}
      </button>
      <p class="sub">{v.t('carry.takeHint')}</p>
      <h2>{v.t('carry.copy')}</h2>
      {view && (
        <>
          <CarryChoices
            v={v}
            legend={v.t('inbox.stick.languages')}
            shelves={view.shelves}
            mediaBytes={view.media}
            chosen={new Set(state.wish.value.shelves)}
            media={state.media.value}
          />
          <a ref={link} href={stickHref(state.wish.value)} download hidden>
            {v.t('carry.save')}
          </a>
          <button class="act" type="button" aria-disabled={isBusy} onClick={save}>
            {`${v.t('carry.save')} · ${sizeText(v, state.bytes.value)}`}
          </button>
          {view.codes.length > 0 && (
            <>
              <h2>{v.t('carry.receipts')}</h2>
              {isShown ? (
                <Codes
                  v={v}
                  links={view.codes.map((code) => codeLink(view.address ?? location.origin, code))}
                  hint={v.t('carry.codesHint')}
                />
              ) : (
                <button class="act" type="button" onClick={() => setShown(true)}>
                  {v.t('carry.codes')}
                </button>
              )}
            </>
          )}
        </>
      )}
    </section>
  );
}

interface ProgressProps {
  readonly v: ViewContext;
  readonly progress: StickProgress;
}

function Progress({ v, progress }: ProgressProps) {
  if (!('what' in progress)) return <Outcome v={v} progress={progress} />;
  switch (progress.what) {
    case 'going':
      return <p>{v.t('inbox.stick.going')}</p>;
    case 'reading':
      return <p>{v.t('carry.taking')}</p>;
    case 'saved':
      return (
        <p class="state is-centre">
          <Icon v={v} name="tick" />
          {/* Names of files are anybody's, and of any direction. */}
          <span>{v.t('carry.saved', { name: `\u2068${progress.name}\u2069` })}</span>
        </p>
      );
    default: {
      const { done, total } = progress;
      const percent = v.formatters.number(total > 0 ? Math.floor((done / total) * 100) : 0);
      const words = progress.what === 'making' ? v.t('carry.making') : v.t('link.part', { percent });
      return (
        <>
          <p>{words}</p>
          <progress max={Math.max(1, total)} value={done} aria-label={words} />
        </>
      );
    }
  }
}

interface OutcomeProps extends Omit<ProgressProps, 'progress'> {
  readonly progress: Exclude<StickProgress, { readonly what: unknown }>;
}

function Outcome({ v, progress }: OutcomeProps) {
  switch (progress.kind) {
    case 'taken':
      return <Came v={v} taken={progress} />;
    case 'refused':
      return <CarryHand v={v}>{hubRefusedWords(v, progress.code, progress)}</CarryHand>;
    case 'signed-out':
      return <CarryHand v={v}>{v.t('inbox.expired')}</CarryHand>;
    case 'not-written':
      return <CarryHand v={v}>{v.t('carry.notWritten')}</CarryHand>;
    case 'unreachable':
      return <CarryHand v={v}>{v.t('inbox.unreachable')}</CarryHand>;
  }
}

function Came({ v, taken }: { readonly v: ViewContext; readonly taken: Taken }) {
  const { fresh, known, refused, isDamaged } = taken;
  const lines = [
    ...(fresh > 0 ? [v.t('inbox.newAnswers', { count: fresh })] : []),
    ...(fresh === 0 && refused === 0 && !isDamaged ? [v.t('carry.nothing')] : []),
    ...(known > 0 ? [v.t('inbox.stick.known', { count: known })] : []),
  ];
  return (
    <>
      <CarryLines v={v} lines={lines} />
      {refused > 0 && <CarryHand v={v}>{v.t('carry.elsewhere', { count: refused })}</CarryHand>}
      {isDamaged && <CarryHand v={v}>{aboutFile(taken, v.t('inbox.stick.damaged'))}</CarryHand>}
    </>
  );
}
