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

/** As long as what was typed can be brought back. */
const UNDO_MS = 5_000;

/** What a tap takes away, and how it is said: for five seconds it can be taken back, then `drop` takes it. Whoever goes on before that keeps it. */
export const useGoing = <T>(
  drop: (what: T) => void,
): readonly [going: T | undefined, setGoing: (what: T | undefined) => void] => {
  const [going, setGoing] = useState<T>();
  useEffect(() => {
    if (going === undefined) return;
    const timer = setTimeout(() => {
      drop(going);
      setGoing(undefined);
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [going]);
  return [going, setGoing];
};

/** Between two tries for a part of the app that did not come. */
const AGAIN_MS = 5_000;

/**
 * A part of the app that comes when it is first needed, or what one says; `null` where it cannot come now: it is asked for again. Some browsers
 * remember until the page is loaded again that a part did not come: there it stays away so long. Asked anew when `keys` change; what came before stays.
 */
export const useLazy = <T>(load: () => Promise<T>, keys: readonly unknown[] = []): T | null | undefined => {
  const [part, setPart] = useState<{ readonly is: T | null }>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const ask = (): void => {
      load().then(
        (is) => left || setPart({ is }),
        () => {
          if (left) return;
          setPart((before) => before ?? { is: null });
          timer = setTimeout(ask, AGAIN_MS);
        },
      );
    };
    ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, keys);
  return part?.is;
};

/** What takes longer than this is said to be under way. */
export const SAY_COMING_MS = 500;

/** Whether so many milliseconds have passed. */
export const useLate = (ms: number): boolean => {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
};
