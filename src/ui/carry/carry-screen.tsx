import { useEffect, useRef, useState } from 'preact/hooks';
import { HAND_PATH, HANDED_CACHE, HANDED_NAME } from '../../core/api/messages.ts';
import { CODE_TYPE, codeIn, codeLink } from '../../core/carry/code-link.ts';
import { codeOf } from '../../core/errors.ts';
import type { CarryWish } from '../../core/protocol/carried.ts';
import { dayOf } from '../../core/protocol/network.ts';
import { Carry, type CarryProgress } from '../../view/carry.tsx';
import type { App } from '../shell/app.ts';
import { SAY_COMING_MS, useLate, useLazy } from '../shell/hooks.ts';

/** Chromium on computers writes straight to the stick that a person chooses. */
interface SaveFile {
  readonly name: string;
  createWritable(): Promise<WritableStream<Uint8Array>>;
}
declare const showSaveFilePicker: ((options: { readonly suggestedName: string }) => Promise<SaveFile>) | undefined;

const TEXT_NAME = 'relais.txt';

/** What the system opens with an installed app. */
declare const launchQueue:
  | { setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void }
  | undefined;

/** A file that another app has handed over, and that nobody has opened yet. */
const handedFile = async (): Promise<File | undefined> => {
  const cache = await caches.open(HANDED_CACHE);
  const response = await cache.match(HAND_PATH);
  return response && new File([await response.blob()], decodeURIComponent(response.headers.get(HANDED_NAME) ?? ''));
};

/** Whether another app takes a file as text. Chromium on Android refuses ZIP and JSON, whichever apps there are. */
const canShareText = (): boolean =>
  navigator.canShare?.({ files: [new File(['R'], TEXT_NAME, { type: 'text/plain' })] }) ?? false;

const isNamed = (error: unknown, name: string): boolean => error instanceof DOMException && error.name === name;

/** What a person answers to a dialogue of the system; undefined where they dismissed it. */
const asked = async <T,>(dialogue: Promise<T>): Promise<T | undefined> => {
  try {
    return await dialogue;
  } catch (error) {
    if (!isNamed(error, 'AbortError')) throw error;
    return undefined;
  }
};

/** Names of files are anybody's, and of any direction. */
const apart = (name: string): string => `\u2068${name}\u2069`;

/** Into the folder of downloads, where no picker is. */
const download = (file: Blob, name: string): void => {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

/** The page of what goes by hand. */
export function CarryScreen({ app }: { readonly app: App }) {
  const v = app.context.value;
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [media, setMedia] = useState(true);
  const [progress, setProgress] = useState<CarryProgress>();
  const [canShare] = useState(canShareText);
  /** Made, but not passed on: a browser lets a page share within seconds of a tap only. */
  const ready = useRef<File>(undefined);
  const [received, setReceived] = useState<File>();
  const library = app.client.status.value?.whole;
  /** A code that somebody has photographed. */
  const [code, setCode] = useState(() => codeIn(location.hash));
  const [links, setLinks] = useState<readonly string[]>();
  const parts = useLazy(() => import('../parts.ts'), []);

  useEffect(() => {
    void handedFile().then(
      (file) => file && setReceived(file),
      () => {},
    );
    if (typeof launchQueue !== 'undefined')
      launchQueue.setConsumer(({ files: [handle] }) => void handle?.getFile().then(setReceived, () => {}));
  }, []);

  useEffect(() => {
    const onHash = (): void => setCode(codeIn(location.hash));
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);

  const isBusy = progress?.what === 'making' || progress?.what === 'taking';
  // Looked at again after each file, and once the library has come.
  const view = useLazy(() => app.client.carryView(), [library, isBusy]);
  const isLate = useLate(SAY_COMING_MS);
  // What was made before has not what came since.
  useEffect(() => {
    ready.current = undefined;
  }, [view?.waiting, library, isBusy && progress?.what === 'taking']);

  const chosen = new Set((view?.shelves ?? []).map(({ lang }) => lang).filter((lang) => !left.has(lang)));

  useEffect(() => {
    const wish = (as: CarryWish['as']): CarryWish => ({
      shelves: [...chosen],
      media,
      as,
      words: v.t('carry.readme'),
    });
    const make = (as: CarryWish['as']): Promise<Blob> =>
      app.client.carryOut(wish(as), (done, total) => setProgress({ what: 'making', done, total }));
    const failed = (error: unknown): void => setProgress({ what: 'failed', code: codeOf(error, 'storage') });

    const save = async (): Promise<void> => {
      const suggestedName = `relais-${dayOf(Date.now())}.zip`;
      const hasPicker = typeof showSaveFilePicker === 'function';
      const target = hasPicker ? await asked(showSaveFilePicker({ suggestedName })) : undefined;
      if (hasPicker && !target) return;
      setProgress({ what: 'making', done: 0, total: 0 });
      const file = await make('zip');
      if (!target) download(file, suggestedName);
      else
        try {
          await file.stream().pipeTo(await target.createWritable());
        } catch {
          return setProgress({ what: 'failed', code: 'notWritten' });
        }
      setProgress({ what: 'saved', name: apart(target?.name ?? suggestedName) });
    };
    const share = async (): Promise<void> => {
      if (!ready.current) {
        setProgress({ what: 'making', done: 0, total: 0 });
        const file = await make('text').catch((error: unknown) => {
          if (codeOf(error, 'storage') !== 'too-large') throw error;
        });
        if (!file) return setProgress({ what: 'failed', code: 'heavy' });
        ready.current = new File([file], TEXT_NAME, { type: 'text/plain' });
      }
      setProgress(undefined);
      try {
        await asked(navigator.share({ files: [ready.current] }));
      } catch (error) {
        // Too long after the tap: the next one shares at once.
        if (!isNamed(error, 'NotAllowedError')) throw error;
        setProgress({ what: 'ready' });
      }
    };
    const take = async (file: File, isCode = false): Promise<void> => {
      const of = isCode ? { isCode } : { name: file.name };
      setReceived(undefined);
      setProgress({ what: 'taking', done: 0, total: file.size });
      const onStep = (done: number, total: number): void => setProgress({ what: 'taking', done, total });
      const result = await app.client.carryIn(file, onStep).catch((error: unknown) => {
        setProgress({ what: 'failed', code: codeOf(error, 'storage'), ...of });
      });
      if (!result) return;
      setProgress({ what: 'taken', result, ...of });
      if (result.notice) void app.go(`/${result.notice.lang}/${result.notice.id}`, { replace: true });
      // It was opened: whoever comes next is not asked again.
      if (file === received) await (await caches.open(HANDED_CACHE)).delete(HAND_PATH);
    };
    const choose = (): void => {
      const input = Object.assign(document.createElement('input'), { type: 'file', accept: '.zip,.txt' });
      input.addEventListener('change', () => input.files?.[0] && void take(input.files[0]).catch(failed));
      input.click();
    };
    const showCodes = async (): Promise<void> => {
      const text = await (await make('codes')).text();
      setProgress(undefined);
      setLinks(text.split('\n').map((one) => codeLink(location.origin, one)));
    };
    if (code !== undefined && !isBusy) {
      setCode(undefined);
      history.replaceState(history.state, '', location.pathname);
      void take(new File([code], '', { type: CODE_TYPE }), true).catch(failed);
    }
    const onClick = ({ target }: Event): void => {
      const id = (target as Element).closest('button')?.id;
      if (isBusy) return;
      if (id === 'carry-take' && received) void take(received).catch(failed);
      else if (id === 'carry-take') choose();
      if (id === 'carry-save') void save().catch(failed);
      if (id === 'carry-share') void share().catch(failed);
      if (id === 'carry-codes') void showCodes().catch(failed);
    };
    const onChange = ({ target }: Event): void => {
      const { name, value, checked } = target as HTMLInputElement;
      if (name !== 'shelf' && name !== 'media') return;
      ready.current = undefined;
      if (name === 'media') setMedia(checked);
      else setLeft(new Set([...left, value].filter((lang) => lang !== value || !checked)));
    };
    addEventListener('click', onClick);
    addEventListener('change', onChange);
    return () => {
      removeEventListener('click', onClick);
      removeEventListener('change', onChange);
    };
  });

  return (
    <Carry
      v={v}
      view={view}
      isLate={isLate}
      chosen={chosen}
      media={media}
      progress={progress}
      received={received && apart(received.name)}
      canShare={canShare}
      codes={links && parts && <parts.Codes v={v} links={links} hint={v.t('carry.codesHint')} />}
    />
  );
}
