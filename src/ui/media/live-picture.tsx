import { useEffect, useRef, useState } from 'preact/hooks';
import type { Figure, PictureFile } from '../../core/protocol/item.ts';
import { fileFor, filesOf } from '../../core/protocol/media.ts';
import { Icon } from '../../view/icon.tsx';
import { pageLanguage } from '../../view/language.ts';
import { costText } from '../../view/size.ts';
import type { App } from '../shell/app.ts';
import { saving } from '../shell/settings.ts';
import { isCostly, useBlobStates, useBlobUrl } from './blob-hooks.ts';
import { useFit } from './fit.ts';
import { Trouble } from './trouble.tsx';

/** The file of each picture that this device shows; undefined until that is known. */
export const useFiles = (figures: readonly Figure[]): readonly PictureFile[] | undefined => {
  const fit = useFit();
  return fit && figures.flatMap((figure) => fileFor(figure, fit) ?? []);
};

interface LivePictureProps {
  readonly app: App;
  /** Of the item. */
  readonly lang: string;
  readonly figure: Figure;
}

/** A picture from this device: it comes when it is seen, or at a tap where each kilobyte counts. */
export function LivePicture({ app, lang, figure }: LivePictureProps) {
  const file = useFiles([figure])?.[0];
  return file ? (
    <Shown key={file.hash} app={app} lang={lang} figure={figure} file={file} />
  ) : (
    <Sketch figure={figure} />
  );
}

function Shown({ app, lang, figure, file }: LivePictureProps & { readonly file: PictureFile }) {
  const v = app.context.value;
  const state = useBlobStates(app, [file])[file.hash];
  const url = useBlobUrl(app, file, state?.whole ?? false);
  const place = useRef<HTMLDivElement>(null);
  const link = app.client.status.value?.link;
  const byItself = state !== undefined && !state.whole && !state.dropped && !isCostly(saving.value === 'on', link);

  useEffect(() => {
    const element = place.current;
    if (!byItself || !element) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        app.client.fetchBlob(file, 'seen');
      },
      { rootMargin: '200px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [byItself, file.hash]);

  if (url !== undefined) return <img src={url} width={file.width} height={file.height} alt={figure.alt} />;
  const percent = Math.floor(((state?.bytes ?? 0) / file.bytes) * 100);
  return (
    <div ref={place}>
      <div class="await">
        <Sketch figure={figure} />
        {state && !state.whole && (
          <button
            type="button"
            class="act"
            {...pageLanguage(v, lang)}
            onClick={() => app.client.fetchBlob(file, 'asked')}
          >
            <Icon v={v} name="picture" />
            {state.busy && !state.problem
              ? v.t('link.part', { percent: v.formatters.number(percent) })
              : v.t('media.show', { size: costText(v, file.bytes, link) })}
          </button>
        )}
      </div>
      {state && <Trouble v={v} lang={lang} state={state} bytes={file.bytes} />}
    </div>
  );
}

/** What stands in the place of a picture until it has come: its words, and a sketch that came with them. */
function Sketch({ figure }: { readonly figure: Figure }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = sketchUrl(figure.preview);
    setUrl(made);
    return () => {
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [figure.preview]);
  const { width, height } = filesOf(figure).at(-1) ?? {};
  return <img src={url} width={width} height={height} alt={figure.alt} />;
}

/** Decoded here: one function of the core shared with the first page's file would make the build cut that file in two. */
const sketchUrl = (preview: string): string | undefined => {
  try {
    const bytes = Uint8Array.from(atob(preview), (sign) => sign.charCodeAt(0));
    return URL.createObjectURL(new Blob([bytes], { type: 'image/webp' }));
  } catch {
    return undefined;
  }
};
