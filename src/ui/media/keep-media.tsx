import type { BlobRef } from '../../core/protocol/item.ts';
import { Icon } from '../../view/icon.tsx';
import { pageLanguage } from '../../view/language.ts';
import { costText } from '../../view/size.ts';
import type { App } from '../shell/app.ts';
import { useGoing } from '../shell/hooks.ts';
import { useBlobStates, useBundle } from './blob-hooks.ts';

interface KeepMediaProps {
  readonly app: App;
  /** Of the item. */
  readonly lang: string;
  /** The recording and one file of each picture. */
  readonly blobs: readonly BlobRef[];
}

/** Whether pictures and recording of an item are kept on this device, and the button that brings or takes them: what was only seen may have to make room. */
export function KeepMedia({ app, lang, blobs }: KeepMediaProps) {
  const v = app.context.value;
  const states = useBlobStates(app, blobs);
  const missing = blobs.filter(({ hash }) => !states[hash]?.kept);
  const bytes = missing.filter(({ hash }) => !states[hash]?.whole).reduce((sum, blob) => sum + blob.bytes, 0);
  const [going, setGoing] = useGoing<readonly string[]>((hashes) => app.client.dropBlobs(hashes));
  const bundle = useBundle(app, bytes >= 1e6);
  // Nothing is said before all of it is known: nothing moves.
  if (blobs.length === 0 || blobs.some(({ hash }) => states[hash] === undefined)) return null;
  if (missing.length === 0)
    return (
      <div class="listen" id="media" {...pageLanguage(v, lang)}>
        <p role="status">
          <Icon v={v} name="tick" /> {v.t('media.kept')}
        </p>
        <button
          type="button"
          class="act"
          // The second tap of two on `Enlever` takes nothing back.
          onClick={({ detail }) => detail < 2 && setGoing(going ? undefined : blobs.map(({ hash }) => hash))}
        >
          {v.t(going ? 'form.undo' : 'media.drop')}
        </button>
      </div>
    );
  const keep = (): void => {
    for (const blob of missing) app.client.fetchBlob(blob, 'kept');
  };
  return (
    <div class="listen" id="media" {...pageLanguage(v, lang)}>
      <button type="button" class="act" onClick={keep}>
        <Icon v={v} name="phone" />
        {v.t('media.keep', { size: costText(v, bytes, app.client.status.value?.link, bundle) })}
      </button>
    </div>
  );
}
