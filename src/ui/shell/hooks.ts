import { useEffect, useState } from 'preact/hooks';

/** The newest value of a live query; undefined until the first. Asked anew when `keys` change. */
export const useLive = <T>(
  subscribe: (listener: (value: T) => void) => () => void,
  keys: readonly (string | number)[],
): T | undefined => {
  const [state, setState] = useState<{ readonly key: string; readonly value: T }>();
  const key = JSON.stringify(keys);
  useEffect(() => subscribe((value) => setState({ key, value })), [key]);
  // What belongs to other keys is not shown for a moment under these.
  return state?.key === key ? state.value : undefined;
};

/** A part of the app that comes when it is first needed; `null` where it cannot come now. */
export const useLazy = <T>(load: () => Promise<T>): T | null | undefined => {
  const [part, setPart] = useState<{ readonly is: T | null }>();
  useEffect(() => {
    load().then(
      (is) => setPart({ is }),
      () => setPart({ is: null }),
    );
  }, []);
  return part?.is;
};
