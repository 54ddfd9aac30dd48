import type { App } from '../shell/app.ts';

/**
 * Lets an item be heard where the device can speak. What it takes comes after the page: this is all that is loaded first. Returns a function that ends it.
 */
export const readAloud = (app: App, article: Element | null): (() => void) => {
  let end: (() => void) | undefined;
  let left = false;
  if (article && 'speechSynthesis' in globalThis)
    Promise.all([import('../parts.ts'), app.learn()]).then(
      ([{ mountVoice }]) => {
        if (!left) end = mountVoice(app, article);
      },
      // It did not come: the page is read with the eyes.
      () => {},
    );
  return () => {
    left = true;
    end?.();
  };
};
