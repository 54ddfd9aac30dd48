import { effect, signal } from '@preact/signals';
import { fallbackOf } from '../../core/text/fallback.ts';
import type { ViewContext } from '../../view/context.ts';
import { Notice } from '../../view/notice.tsx';
import type { App } from '../shell/app.ts';
import { contextIn } from '../strings.ts';
import { drawer, lettersIn, missingOf, type Script } from './missing.ts';
import { kept, secondsOf, take, useKept } from './shelf.ts';

/** Offers the letters of a script that this phone cannot draw. A part of the app of its own, which comes after everything that is read. */

export { drop, kept } from './shelf.ts';

/** What a script is called in the language of the words; its code where the browser has no name for it. */
export const scriptName = (script: Script, words: string): string => {
  try {
    return new Intl.DisplayNames([words], { type: 'script' }).of(script) ?? script;
  } catch {
    return script;
  }
};

/** Text settles while it comes: so long nothing has to change before it is looked at. */
const QUIET_MS = 500;

type Step = 'asked' | 'coming' | 'failed';

/** What is offered, in words that this phone can draw. */
interface Offered {
  readonly v: ViewContext;
  readonly script: Script;
  readonly step: Step;
}

/** The page's words; where they are written in the very letters that are missing, English or French ones. */
const wordsWithout = async (v: ViewContext, script: Script): Promise<ViewContext> => {
  if (script === 'Latn' || !lettersIn(v.t('fonts.offer')).has(script)) return v;
  const [first = 'fr'] = fallbackOf(v.words, ['fr', 'en']);
  return contextIn(v.lang, first).catch(() => contextIn(v.lang, 'fr'));
};

function Offer({ v, script, step }: Offered) {
  const values = { script: scriptName(script, v.words), seconds: secondsOf(script) };
  return (
    <Notice v={v} kind="info">
      <p lang={v.words} dir={v.dir}>
        {v.t(step === 'failed' ? 'fonts.failed' : step === 'coming' ? 'link.busy' : 'fonts.offer', values)}
      </p>
      {step !== 'coming' && (
        <p class="pair" lang={v.words} dir={v.dir}>
          <button type="button" class="act" id="fonts-take">
            {v.t(step === 'failed' ? 'form.retry' : 'fonts.take')}
          </button>
          <button type="button" class="act" id="fonts-later">
            {v.t('fonts.later')}
          </button>
        </p>
      )}
    </Notice>
  );
}

/** What is read on this page; names of languages stand there for those who can read them. */
const textOf = (): string =>
  Array.from(document.querySelectorAll('main :is(article, .list, .cards, h1)'), ({ textContent }) => textContent).join(
    ' ',
  );

/** Uses the letters that are kept, and looks at each page for those that are missing. */
export const startFonts = async (app: App): Promise<void> => {
  await useKept();
  const draw = drawer();
  if (!draw) return;
  const known = new Map<string, boolean>();
  const refused = new Set<Script>();
  // What one visitor put off, the next may want.
  app.session.visitor.subscribe(() => refused.clear());
  const open = signal<Offered | undefined>(undefined);

  const isMissing = (letters: readonly string[]): boolean => {
    const key = letters.join('');
    const missing = known.get(key) ?? missingOf(letters, draw).length > 0;
    known.set(key, missing);
    return missing;
  };
  /** The script that is to be offered, while words for it are on their way. */
  let next: Script | undefined;
  const offer = async (script: Script | undefined): Promise<void> => {
    next = script;
    if (script) await app.learn().catch(() => {});
    const v = script && (await wordsWithout(app.context.value, script));
    if (next === script) open.value = script && v && { v, script, step: 'asked' };
  };
  const look = (): void => {
    if (open.value?.step === 'coming') return;
    const wanted = [...lettersIn(textOf())].filter(([script]) => !kept.value.includes(script) && !refused.has(script));
    const script = wanted.find(([, letters]) => isMissing(letters))?.[0];
    if (script !== open.value?.script) void offer(script);
  };
  effect(() => {
    app.offer.value = open.value && <Offer {...open.value} />;
  });

  document.addEventListener('click', ({ target }) => {
    const offered = open.value;
    const { id } = target as Element;
    if (!offered || !id.startsWith('fonts-')) return;
    const { script } = offered;
    if (id === 'fonts-later') {
      refused.add(script);
      open.value = undefined;
      look();
      return;
    }
    open.value = { ...offered, step: 'coming' };
    take(script).then(
      () => {
        open.value = undefined;
        look();
      },
      () => {
        open.value = { ...offered, step: 'failed' };
      },
    );
  });

  let timer = 0;
  const soon = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(look, QUIET_MS);
  };
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true, characterData: true });
  soon();
};
