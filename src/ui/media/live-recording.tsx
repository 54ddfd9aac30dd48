import { useEffect, useRef, useState } from 'preact/hooks';
import type { Recording } from '../../core/protocol/item.ts';
import { voiceText } from '../../view/figure.tsx';
import { Icon } from '../../view/icon.tsx';
import { lengthText } from '../../view/size.ts';
import type { App } from '../shell/app.ts';
import { useBlobStates, useBlobUrl } from './blob-hooks.ts';
import { Trouble } from './trouble.tsx';

interface LiveRecordingProps {
  readonly app: App;
  readonly recording: Recording;
}

/** Where a recording is in being heard. */
type Play = 'rest' | 'wanted' | 'playing' | 'paused';

/** A recording from this device: it comes at a tap, and plays once it is here. One button does it all. */
export function LiveRecording({ app, recording }: LiveRecordingProps) {
  const v = app.context.value;
  const { file, seconds } = recording;
  const state = useBlobStates(app, [file])[file.hash];
  const url = useBlobUrl(app, file, state?.whole ?? false);
  const audio = useRef<HTMLAudioElement>(null);
  const [play, setPlay] = useState<Play>('rest');
  const [at, setAt] = useState(0);
  const [mute, setMute] = useState(false);

  const start = (): void => {
    // Refused where the tap was too long ago: the next one plays.
    void audio.current?.play().then(
      () => setPlay('playing'),
      () => setPlay('paused'),
    );
  };
  useEffect(() => {
    // It may have come long after the tap: nothing sounds where nobody looks.
    if (url !== undefined && play === 'wanted') document.hidden ? setPlay('rest') : start();
    if (url === undefined && (play === 'playing' || play === 'paused')) setPlay('rest');
  }, [url, play]);

  if (mute || document.createElement('audio').canPlayType('audio/ogg; codecs=opus') === '')
    return <p class="sub">{v.t('media.mute')}</p>;

  const tap = (): void => {
    if (play === 'playing') {
      audio.current?.pause();
      setPlay('paused');
    } else if (url !== undefined) start();
    else {
      setPlay('wanted');
      app.client.fetchBlob(file, 'asked');
    }
  };

  const length = lengthText(v, seconds);
  const time = { at: lengthText(v, at), length };
  const coming = play === 'wanted' && state?.busy && !state.problem;
  const percent = v.formatters.number(Math.floor(((state?.bytes ?? 0) / file.bytes) * 100));
  return (
    <div class="listen">
      <button type="button" class="act go" onClick={tap}>
        <Icon v={v} name={play === 'playing' ? 'pause' : 'speaker'} />
        {coming
          ? v.t('link.part', { percent })
          : play === 'playing'
            ? v.t('media.pause', time)
            : play === 'paused'
              ? v.t('media.go', time)
              : v.t('media.listen', { length })}
      </button>
      <p class="sub">{voiceText({ v, recording })}</p>
      {url !== undefined && (
        // What it says stands in the text below it.
        // biome-ignore lint/a11y/useMediaCaption: the text of the item is what is heard, in words.
        <audio
          ref={audio}
          src={url}
          onTimeUpdate={({ currentTarget }) => {
            // Whoever listens is here: see `Session`.
            app.session.stir();
            setAt(currentTarget.currentTime);
          }}
          onPause={() => setPlay((before) => (before === 'playing' ? 'paused' : before))}
          onEnded={() => {
            setPlay('rest');
            setAt(0);
          }}
          onError={() => setMute(true)}
        />
      )}
      {state && <Trouble v={v} lang={v.words} state={state} bytes={file.bytes} />}
    </div>
  );
}
