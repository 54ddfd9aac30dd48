import type { ComponentChild } from 'preact';
import type { BlobRef, Figure, PictureFile, Recording } from '../core/protocol/item.ts';
import { blobPath, filesOf, isBlobRef } from '../core/protocol/media.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { lengthText } from './size.ts';

const sources = (files: readonly PictureFile[], type: string): string =>
  files
    .filter((file) => file.type === type)
    .map(({ hash, width }) => `${blobPath(hash)} ${width}w`)
    .join(', ');

/** As wide as the text: see `main` in the sheet. */
const SIZES = '(min-width: 38rem) 36rem, 92vw';

/** A picture on a page without scripts: the browser chooses a file, and fetches it when it comes near. */
export function PlainPicture({ figure }: { readonly figure: Figure }): ComponentChild {
  const files = filesOf(figure);
  const small = files.find(({ type }) => type === 'image/webp');
  if (!small) return <p>{figure.alt}</p>;
  const avif = sources(files, 'image/avif');
  return (
    <picture>
      {avif !== '' && <source type="image/avif" srcset={avif} sizes={SIZES} />}
      <img
        src={blobPath(small.hash)}
        srcset={sources(files, 'image/webp')}
        sizes={SIZES}
        width={small.width}
        height={small.height}
        loading="lazy"
        decoding="async"
        alt={figure.alt}
      />
    </picture>
  );
}

interface RecordingProps {
  readonly v: ViewContext;
  readonly recording: Recording;
}

/** Who speaks. */
export function voiceText({ v, recording: { voice, by } }: RecordingProps): string {
  return voice === 'synthetic' ? v.t('media.synthetic') : v.t('media.voice', { by });
}

/** A recording on a page without scripts: the browser's own player, and a link for what has none. */
export function PlainRecording({ v, recording }: RecordingProps): ComponentChild {
  const { file, seconds }: { readonly file: BlobRef; readonly seconds: number } = recording;
  if (!isBlobRef(file)) return null;
  const name = v.t('media.listen', { length: lengthText(v, seconds) });
  return (
    <div class="listen">
      <a class="act go" href={blobPath(file.hash)}>
        <Icon v={v} name="speaker" />
        {name}
      </a>
      {/* biome-ignore lint/a11y/useMediaCaption: what is heard stands in the text below. */}
      <audio controls preload="none" src={blobPath(file.hash)} aria-label={name} />
      <p class="sub">{voiceText({ v, recording })}</p>
    </div>
  );
}
