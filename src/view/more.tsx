import { type CollectionLine, CollectionLines, Coming } from './collections.tsx';
import type { ViewContext } from './context.ts';
import { sizeText } from './size.ts';

const THEMES = ['light', 'dark', 'system'] as const;
const THEME_KEYS = { light: 'more.themeLight', dark: 'more.themeDark', system: 'more.themeSystem' } as const;

interface LanguageLine {
  readonly lang: string;
  readonly name: string;
  /** Whether it is on this device; undefined where nobody knows (a plain page). */
  readonly kept?: boolean;
  /** Somebody chose it, and it is not here yet. */
  readonly coming?: boolean;
  /** What it costs on the wire, in bytes; 0 or absent where nobody knows. */
  readonly bytes?: number;
  /** It can be taken away, or need not come: nobody reads it here, and it fills no gaps of another one. */
  readonly canGo?: boolean;
  /** It was taken away a moment ago: that can be taken back. */
  readonly isGoing?: boolean;
  /** Its collections, where somebody reads it on this device. */
  readonly collections?: readonly CollectionLine[];
}

interface MoreProps {
  readonly v: ViewContext;
  /** Languages of the library. */
  readonly languages: readonly LanguageLine[];
  /** Identity of the root that signs this library. */
  readonly fingerprint: string | undefined;
  /** Whether the browser has promised to keep what is stored. */
  readonly persisted?: boolean | undefined;
  /** How this phone shows, sounds and speaks; absent where no script is there to change it. */
  readonly settings?: {
    readonly theme: (typeof THEMES)[number];
    readonly sounds: 'on' | 'off';
    /** The language of the words; empty: that of the texts. */
    readonly words: string;
    readonly wordsIn: readonly { readonly lang: string; readonly name: string; readonly draft: boolean }[];
  };
  /** Scripts whose letters were taken for this phone: the code of each, and its name. */
  readonly letters?: readonly { readonly script: string; readonly name: string }[];
  readonly version: string;
  readonly licence?: string;
}

/** What an operator wants to know: who signed, which languages there are, what is kept on this phone, what came. */
export function More(props: MoreProps) {
  const { v, languages, fingerprint, persisted, settings, letters = [], version, licence = 'CC BY 4.0' } = props;
  return (
    <section class="more">
      <h1>{v.t('more.title')}</h1>
      <a class="act" href={`/${v.lang}/-/network`}>
        {v.t('network.title')}
      </a>
      <a class="act" href={`/${v.lang}/-/carry`}>
        {v.t('carry.title')}
      </a>
      <h2>{v.t('more.languages')}</h2>
      <ul class="codes">
        {languages.map((line) => (
          <li key={line.lang}>
            <Language v={v} line={line} />
            {line.coming && !line.isGoing && <Coming v={v} />}
            {line.collections && line.collections.length > 0 && !line.isGoing && (
              <CollectionLines v={v} lines={line.collections} />
            )}
          </li>
        ))}
      </ul>
      {settings && (
        <>
          <h2>
            <label for="words">{v.t('drafts.title')}</label>
          </h2>
          <select id="words" name="words">
            <option value="" selected={settings.words === ''}>
              {v.t('drafts.same')}
            </option>
            {settings.wordsIn.map(({ lang, name, draft }) => (
              <option key={lang} value={lang} lang={draft ? undefined : lang} selected={settings.words === lang}>
                {draft ? v.t('drafts.mark', { name }) : name}
              </option>
            ))}
          </select>
          <p class="sub">{v.t('drafts.hint')}</p>
          <fieldset>
            <legend>
              <h2>{v.t('more.theme')}</h2>
            </legend>
            <div class="choices">
              {THEMES.map((theme) => (
                <label key={theme}>
                  <input type="radio" name="theme" value={theme} checked={theme === settings.theme} />
                  <span>{v.t(THEME_KEYS[theme])}</span>
                </label>
              ))}
            </div>
          </fieldset>
          <button type="button" class="act" id="sounds">
            {v.t(settings.sounds === 'on' ? 'sound.off' : 'sound.on')}
          </button>
        </>
      )}
      {letters.length > 0 && (
        <>
          <h2>{v.t('fonts.title')}</h2>
          {letters.map(({ script, name }) => (
            <button key={script} type="button" class="act" data-letters={script}>
              {v.t('fonts.drop', { script: name })}
            </button>
          ))}
          <p class="sub">
            <a href="/fonts/OFL.txt?online">Noto · SIL Open Font License 1.1</a>
          </p>
        </>
      )}
      <h2>{v.t('more.fingerprint')}</h2>
      <p>
        <code id="fingerprint">{fingerprint ?? '…'}</code>
      </p>
      <p class="sub">{v.t('more.fingerprintHint')}</p>
      {persisted !== undefined && (
        <>
          <h2>{v.t('more.storage')}</h2>
          <p>{v.t(persisted ? 'more.storageKept' : 'more.storageLoose')}</p>
          {!persisted && (
            <button type="button" class="act" id="persist">
              {v.t('more.storageAsk')}
            </button>
          )}
        </>
      )}
      <p class="sub">{v.t('more.licenceText', { licence })}</p>
      <p class="sub">
        {v.t('more.version')} <bdi>{version}</bdi>
      </p>
    </section>
  );
}

function Language({ v, line }: { readonly v: ViewContext; readonly line: LanguageLine }) {
  const { lang, name, kept, coming, bytes = 0, canGo, isGoing } = line;
  const size = bytes > 0 && ` · ${sizeText(v, bytes)}`;
  if (isGoing)
    return (
      <button type="button" class="act" data-language={lang} data-undo>
        <span>
          <bdi>{name}</bdi>
          {` · ${v.t('form.undo')}`}
        </span>
      </button>
    );
  if (canGo)
    return (
      <button type="button" class="act" data-language={lang}>
        <span>
          <bdi>{name}</bdi>
          {` · ${v.t('more.removeLanguage')}`}
          {size}
        </span>
      </button>
    );
  if (kept === false && !coming)
    return (
      <a href={`/${lang}/`}>
        <bdi>{name}</bdi>
        {` · ${v.t('more.addLanguage')}`}
        {size}
      </a>
    );
  return (
    <>
      <bdi>{name}</bdi>
      {size}
    </>
  );
}
