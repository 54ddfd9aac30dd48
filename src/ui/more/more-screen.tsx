import { useEffect, useState } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import type { LogEntry } from '../../core/protocol/log.ts';
import { APP_VERSION, PROTOCOL_VERSION } from '../../core/protocol/version.ts';
import { languageName } from '../../i18n/translator.ts';
import { More } from '../../view/more.tsx';
import type { App } from '../shell/app.ts';

/** The page behind "Plus", from what this device knows. */
export function MoreScreen({ app, library }: { readonly app: App; readonly library: LibraryView | undefined }) {
  const status = app.client.status.value;
  const [log, setLog] = useState<readonly LogEntry[]>([]);
  const [persisted, setPersisted] = useState<boolean>();
  // Read again after each sync.
  useEffect(() => {
    void app.client.log().then(setLog, () => {});
    void navigator.storage?.persisted?.().then(setPersisted, () => {});
  }, [app, status]);
  const languages = library?.languages.map(({ lang, kept }) => ({ lang, name: languageName(lang), kept })) ?? [];

  // The button is the view's; its click bubbles up to here.
  useEffect(() => {
    const ask = (event: Event): void => {
      if (!(event.target as Element).closest('#persist')) return;
      void navigator.storage?.persist?.().then(setPersisted, () => {});
    };
    addEventListener('click', ask);
    return () => removeEventListener('click', ask);
  }, []);

  return (
    <More
      v={app.context.value}
      languages={languages}
      fingerprint={status?.fingerprint}
      persisted={persisted}
      log={log}
      version={`${APP_VERSION}.${PROTOCOL_VERSION}`}
    />
  );
}
