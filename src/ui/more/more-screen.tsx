import { useEffect, useState } from 'preact/hooks';
import type { LibraryView, LogEntry } from '../../core/api/worker-api.ts';
import { APP_VERSION, PROTOCOL_VERSION } from '../../core/protocol/version.ts';
import { languageName } from '../../i18n/translator.ts';
import type { App } from '../shell/app.ts';

/** What an operator wants to know of this phone: who signed, what is kept, what came. */
export function MoreScreen({ app, library }: { readonly app: App; readonly library: LibraryView | undefined }) {
  const v = app.context.value;
  const status = app.client.status.value;
  const [log, setLog] = useState<readonly LogEntry[]>([]);
  const [persisted, setPersisted] = useState<boolean>();
  useEffect(() => {
    void app.client.log().then(setLog, () => {});
    void navigator.storage?.persisted?.().then(setPersisted, () => {});
  }, [status]);
  const ask = (): void => void navigator.storage?.persist?.().then(setPersisted, () => {});
  return (
    <section class="more">
      <h1>{v.t('more.title')}</h1>
      <h2>{v.t('more.languages')}</h2>
      <ul>
        {library?.languages.map(({ lang, kept }) => (
          <li key={lang}>
            {languageName(lang)} {!kept && <a href={`/${lang}/`}>{v.t('more.addLanguage')}</a>}
          </li>
        ))}
      </ul>
      <h2>{v.t('more.storage')}</h2>
      <p>{v.t(persisted ? 'more.storageKept' : 'more.storageLoose')}</p>
      {persisted === false && (
        <button type="button" class="act" onClick={ask}>
          {v.t('more.storageAsk')}
        </button>
      )}
      <h2>{v.t('more.fingerprint')}</h2>
      <p>
        <code id="fingerprint">{status?.fingerprint ?? '…'}</code>
      </p>
      <p class="sub">{v.t('more.fingerprintHint')}</p>
      <h2>{v.t('more.log')}</h2>
      {log.length === 0 && <p>{v.t('more.logEmpty')}</p>}
      <ul id="log">
        {log.map((entry) => (
          <li key={entry.at}>
            {v.t('more.logItems', { count: entry.changed, when: v.formatters.date(entry.at) })}
            {entry.code !== undefined && <code> {entry.code}</code>}
          </li>
        ))}
      </ul>
      <p class="sub">
        {v.t('more.version')} {APP_VERSION}.{PROTOCOL_VERSION}
      </p>
    </section>
  );
}
