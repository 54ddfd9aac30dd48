import type { LibraryItem } from '../../core/protocol/item.ts';
import { figuresIn, isBlobRef } from '../../core/protocol/media.ts';
import type { LiveMedia } from '../../view/article.tsx';
import type { App } from '../shell/app.ts';
import { KeepMedia } from './keep-media.tsx';
import { LivePicture, useFiles } from './live-picture.tsx';
import { LiveRecording } from './live-recording.tsx';

/** The pictures and the recording of an item, as this device has them. */
export const liveMedia = (app: App, item: LibraryItem): LiveMedia => ({
  listen: item.recording && isBlobRef(item.recording.file) && <LiveRecording app={app} recording={item.recording} />,
  picture: (figure) => <LivePicture app={app} lang={item.lang} figure={figure} />,
  keep: <Keep app={app} item={item} />,
});

function Keep({ app, item }: { readonly app: App; readonly item: LibraryItem }) {
  const files = useFiles(figuresIn(item.body));
  if (!files) return null;
  const recording = item.recording ? [item.recording.file] : [];
  return <KeepMedia app={app} lang={item.lang} blobs={[...recording, ...files].filter(isBlobRef)} />;
}
