import type { App } from '../shell/app.ts';

/** The languages of `core/text/letters.ts`, without their letters: those come when they are needed. A test holds the two together. */
const LANGUAGES = /^(ha|dje|ff|ttq|taq|kr|gux|bm|wo|mos|yo|ig)(-|$)/;

/** Whether a language has letters that keyboards have not. */
export const hasLetters = (lang: string): boolean => LANGUAGES.test(lang);

/** Adds a bar of letters above each of `fields` where the page's language has some. Returns a function that takes them away. */
export const addLetters = (app: App, fields: Iterable<HTMLTextAreaElement | HTMLInputElement>): (() => void) => {
  const ends: (() => void)[] = [];
  let left = false;
  if (hasLetters(app.context.value.lang))
    Promise.all([import('../parts.ts'), app.learn()]).then(
      ([{ addLetterBar }]) => {
        const v = app.context.value;
        if (left) return;
        for (const field of fields) ends.push(addLetterBar(field, v.lang, v.t));
      },
      // It did not come: the phone's own keyboard is there.
      () => {},
    );
  return () => {
    left = true;
    for (const end of ends) end();
  };
};
