import { type Signal, signal } from '@preact/signals';
import { INTERFACE } from '../../i18n/words.ts';

/** What this phone was told about itself: colours, sounds, words, and whether each kilobyte counts. Nothing of any visitor. */
export type Theme = 'light' | 'dark' | 'system';

/** A choice that is remembered where the browser lets it be. */
const remembered = <T extends string>(key: string, among: readonly T[], usual: T): Signal<T> => {
  const choice = signal(usual);
  try {
    choice.value = among.find((one) => one === localStorage.getItem(key)) ?? usual;
    choice.subscribe((value) => {
      if (value === usual) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    });
  } catch {
    // Storage is refused: it holds until the page goes.
  }
  return choice;
};

export const theme: Signal<Theme> = remembered('relais-theme', ['light', 'dark', 'system'], 'system');
export const sounds: Signal<'on' | 'off'> = remembered('relais-sounds', ['on', 'off'], 'on');
/** Whether pictures wait for a tap: each kilobyte counts. */
export const saving: Signal<'on' | 'off'> = remembered('relais-saving', ['on', 'off'], 'off');

/** The phone's or browser's own switch, where it has one: pictures wait for a tap by that as well. */
export const phoneSaves = (): boolean =>
  (navigator as { readonly connection?: { readonly saveData?: boolean } }).connection?.saveData === true;

/** The language of the interface's words; empty: that of the texts. */
export const words: Signal<string> = remembered('relais-words', ['', ...INTERFACE], '');

/** Draws every page in the chosen colours. */
export const followTheme = (root: HTMLElement): void => {
  theme.subscribe((value) => {
    if (value === 'system') delete root.dataset.theme;
    else root.dataset.theme = value;
  });
};
