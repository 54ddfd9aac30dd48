import { useEffect, useState } from 'preact/hooks';
import type { BlobState } from '../../core/api/worker-api.ts';
import type { BlobRef } from '../../core/protocol/item.ts';
import type { Bundle, Link, NetworkView } from '../../core/protocol/network.ts';
import type { App } from '../shell/app.ts';
import { phoneSaves } from '../shell/settings.ts';

/** What is on this device of some blobs, by hash; of a blob that nobody has told of yet there is nothing. */
export const useBlobStates = (app: App, blobs: readonly BlobRef[]): Readonly<Record<string, BlobState>> => {
  const [states, setStates] = useState<Readonly<Record<string, BlobState>>>({});
  useEffect(() => {
    setStates({});
    const ends = blobs.map((blob) =>
      app.client.watchBlob(blob, (state) => setStates((before) => ({ ...before, [blob.hash]: state }))),
    );
    return () => {
      for (const end of ends) end();
    };
  }, [blobs.map(({ hash }) => hash).join()]);
  return states;
};

/**
 * An address of a whole blob, which holds as long as this part of the page does; undefined while it is not here. What was damaged in the store
 * is noticed when it is read, and is then missing again.
 */
export const useBlobUrl = (app: App, blob: BlobRef, whole: boolean): string | undefined => {
  const [made, setMade] = useState<{ readonly hash: string; readonly url: string }>();
  useEffect(() => {
    if (!whole) return;
    let url: string | undefined;
    let left = false;
    void app.client.readBlob(blob).then((data) => {
      if (left || !data) return;
      url = URL.createObjectURL(data);
      setMade({ hash: blob.hash, url });
    });
    return () => {
      left = true;
      setMade(undefined);
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [blob.hash, whole]);
  return made?.hash === blob.hash ? made.url : undefined;
};

/** The bundle that was bought; undefined where there is none, or nobody asks (`wanted`). */
export const useBundle = (app: App, wanted: boolean): Bundle | undefined => {
  const [network, setNetwork] = useState<NetworkView>();
  useEffect(() => (wanted ? app.client.watchNetwork(setNetwork) : undefined), [wanted]);
  return network?.policy.bundle;
};

/** Bytes a second below which nothing comes that nobody tapped for: a picture of 30 kB takes 4 s. */
const SLOW = 8_000;

/** Whether each kilobyte counts here: the person or the browser says so, or the link has shown it; before it has, what the browser takes it for. */
export const isCostly = (saving: boolean, link: Readonly<Link> | undefined): boolean => {
  if (saving || phoneSaves()) return true;
  const { connection } = navigator as { readonly connection?: { readonly effectiveType?: string } };
  return link?.speed === undefined ? /2g/.test(connection?.effectiveType ?? '') : link.speed < SLOW;
};
