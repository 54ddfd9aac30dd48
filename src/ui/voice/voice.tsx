import { effect, type ReadonlySignal, untracked } from '@preact/signals';
import { render } from 'preact';
import { paceOf, secondsFor } from '../../core/text/speech.ts';
import type { ViewContext } from '../../view/context.ts';
import { Icon } from '../../view/icon.tsx';
import { adopt } from '../shell/adopt.ts';
import type { App } from '../shell/app.ts';
import { speakerOf, watchVoice } from './device-voice.ts';
import { Marker } from './marker.ts';
import { Reading } from './reading.ts';
import { headingsOf, type Sentence, sentencesIn } from './spoken.ts';
import css from './voice.css?inline';

/** So long a page may be hidden and go on reading: a call is longer, a look at the clock is not. */
const HIDDEN_MS = 60_000;

/**
 * Reads an item aloud with a voice of the device: one act above its text, a sound button beside each heading, a bar while it reads. Nothing is shown as long
 * as the device has no voice for the language of the text. Returns a function that falls silent and takes all of it away.
 */
export const mountVoice = (app: App, article: Element): (() => void) => {
  adopt(css);
  const lang = article.closest('[lang]')?.getAttribute('lang') ?? app.context.value.lang;
  const { voice, leave } = watchVoice(speechSynthesis, lang);
  const reading = new Reading<Sentence>(speakerOf(speechSynthesis, () => voice.value));
  const marker = new Marker(() => document.querySelector('.player') ?? document.querySelector('.bar'));
  let controls: (() => void) | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;

  const stop = (): void => reading.stop();
  const onVisibility = (): void => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(stop, HIDDEN_MS);
  };
  const onKey = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') reading.stop();
  };
  // A recording that begins to play is listened to instead.
  const onPlay = (): void => reading.pause();

  const ends = [
    effect(() => {
      const isRest = reading.state.value === 'rest';
      if (voice.value) controls ??= untracked(() => showControls(app, article, lang, reading));
      // The last voice went, as one of the network's does: no button stays that does nothing.
      else if (isRest) {
        controls?.();
        controls = undefined;
      }
    }),
    effect(() => marker.mark(reading.at.value)),
    effect(() => {
      // Whoever listens is here: see `Session`.
      if (reading.at.value && !document.hidden) app.session.stir();
    }),
    // `Fini`, or nobody was there for long: the next visitor hears nothing. The first call is about this one.
    app.session.visitor.subscribe(stop),
  ];
  addEventListener('pagehide', stop);
  addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', onVisibility);
  document.addEventListener('play', onPlay, true);
  return () => {
    reading.stop();
    leave();
    for (const end of ends) end();
    controls?.();
    marker.leave();
    clearTimeout(hidden);
    removeEventListener('pagehide', stop);
    removeEventListener('keydown', onKey);
    document.removeEventListener('visibilitychange', onVisibility);
    document.removeEventListener('play', onPlay, true);
  };
};

/** Puts the controls into the page: text and form stay as they are. */
const showControls = (app: App, article: Element, lang: string, reading: Reading<Sentence>): (() => void) => {
  const holders: HTMLElement[] = [];
  const hold = (className: string, after: Element | null): HTMLElement => {
    const holder = document.createElement('div');
    holder.className = className;
    // Its words are the page's, whatever the text is in.
    holder.lang = app.context.value.words;
    holder.dir = app.context.value.dir;
    after?.after(holder);
    holders.push(holder);
    return holder;
  };
  const answer = article.querySelector('.act[href="#answer"]');
  // Above it stands a recording where there is one, and is the one main act then.
  const isSecond = answer !== null && !answer.classList.contains('go');
  const main = hold(isSecond ? 'voice' : 'voice first', answer?.previousElementSibling ?? article.querySelector('h1'));
  const sentences = sentencesIn(article, lang);
  const seconds = secondsFor(sentences.map(({ text }) => text).join(' '), paceOf(lang));
  const start = (section?: number): void => {
    for (const audio of document.querySelectorAll('audio')) audio.pause();
    // Read anew: pictures and notices may have come since.
    const all = sentencesIn(article, lang);
    reading.start(section === undefined ? all : all.filter((sentence) => sentence.section === section));
  };
  render(<Listen context={app.context} reading={reading} seconds={seconds} second={isSecond} onStart={start} />, main);
  headingsOf(article).forEach((heading, i) => {
    heading.classList.add('has-sound');
    const holder = hold('sound', heading);
    const title = heading.textContent ?? '';
    render(
      <SectionSound context={app.context} reading={reading} title={title} section={i + 1} onStart={start} />,
      holder,
    );
  });
  return () => {
    for (const holder of holders) {
      holder.previousElementSibling?.classList.remove('has-sound');
      render(null, holder);
      holder.remove();
    }
  };
};

interface SoundProps {
  readonly context: ReadonlySignal<ViewContext>;
  readonly reading: Reading<Sentence>;
  readonly onStart: (section?: number) => void;
}

/** Minutes, or tens of seconds of what is short: how long it takes to listen. */
const lengthOf = ({ t, formatters }: ViewContext, seconds: number): string =>
  seconds < 55
    ? t('voice.seconds', { seconds: formatters.number(Math.ceil(seconds / 10) * 10) })
    : t('voice.minutes', { minutes: formatters.number(Math.round(seconds / 60)) });

interface ListenProps extends SoundProps {
  readonly seconds: number;
  /** There is a recording too, which comes first. */
  readonly second: boolean;
}

/** The act above the text, and the bar while something is read. */
function Listen({ context, reading, seconds, second, onStart }: ListenProps) {
  const v = context.value;
  const state = reading.state.value;
  const isRest = state === 'rest';
  const length = lengthOf(v, seconds);
  if (reading.broken.value)
    return (
      <p class="sub" role="status">
        {v.t('voice.broken')}
      </p>
    );
  return (
    <>
      <button
        type="button"
        class={second ? 'act' : 'act go'}
        id="listen"
        onClick={() => (isRest ? onStart() : toggle(reading))}
      >
        {isRest ? (
          <>
            <Icon v={v} name="speaker" />
            {v.t(second ? 'voice.device' : 'voice.listen', { length })}
          </>
        ) : (
          <Toggle v={v} state={state} />
        )}
      </button>
      {!isRest && <Player v={v} reading={reading} />}
    </>
  );
}

const toggle = (reading: Reading<Sentence>): void => {
  if (reading.state.value === 'reading') reading.pause();
  else reading.goOn();
};

interface ToggleProps {
  readonly v: ViewContext;
  readonly state: 'reading' | 'paused';
}

function Toggle({ v, state }: ToggleProps) {
  const isReading = state === 'reading';
  return (
    <>
      <Icon v={v} name={isReading ? 'pause' : 'play'} />
      {v.t(isReading ? 'voice.pause' : 'voice.goOn')}
    </>
  );
}

const SPEEDS = ['voice.slow', 'voice.normal', 'voice.fast'] as const;

function Player({ v, reading }: { readonly v: ViewContext; readonly reading: Reading<Sentence> }) {
  const pace = reading.pace.value;
  const state = reading.state.value;
  if (state === 'rest') return null;
  const speed = v.t(SPEEDS[pace] ?? 'voice.normal');
  const onStop = (): void => {
    reading.stop();
    // The bar goes: the focus goes back to where it came from.
    document.getElementById('listen')?.focus({ preventScroll: true });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form.
    <div class="player" role="group" aria-label={v.t('voice.player')}>
      <button type="button" onClick={() => toggle(reading)}>
        <Toggle v={v} state={state} />
      </button>
      <button type="button" aria-label={v.t('voice.speed', { speed })} onClick={() => reading.changePace()}>
        <Icon v={v} name={`speed-${pace + 1}`} />
        {speed}
      </button>
      <button type="button" onClick={onStop}>
        <Icon v={v} name="stop" />
        {v.t('voice.stop')}
      </button>
    </div>
  );
}

interface SectionSoundProps extends SoundProps {
  readonly title: string;
  readonly section: number;
}

/** Beside a heading: reads what stands under it, and falls silent at the next tap. */
function SectionSound({ context, reading, title, section, onStart }: SectionSoundProps) {
  const v = context.value;
  if (reading.broken.value) return null;
  const isRead = reading.state.value !== 'rest' && reading.at.value?.section === section;
  return (
    <button
      type="button"
      aria-label={v.t('voice.section', { title })}
      aria-pressed={isRead}
      onClick={() => (isRead ? reading.stop() : onStart(section))}
    >
      <Icon v={v} name={isRead ? 'stop' : 'speaker'} />
    </button>
  );
}
