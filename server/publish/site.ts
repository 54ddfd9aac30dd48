import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { symbolOf } from '../../scripts/sprite.mjs';
import { direction } from '../../src/i18n/direction.ts';
import { formatters } from '../../src/i18n/formatters.ts';
import type { Strings } from '../../src/i18n/pseudo.ts';
import { staticWords } from '../../src/i18n/static-words.ts';
import { translator } from '../../src/i18n/translator.ts';
import { isDraft, wordsFor } from '../../src/i18n/words.ts';
import type { ViewContext } from '../../src/view/context.ts';

/** What pages need of the built app: addresses of its files, the one style sheet, the drawings. */

const files = import.meta.glob<Strings>(['../../locales/*.json', '!../../locales/{notes,review}.json'], {
  import: 'default',
  eager: true,
});

const icons = import.meta.glob<string>('../../src/view/icons/*.svg', { query: '?raw', import: 'default', eager: true });

/** Drawings by name: `<symbol>` markup. */
export const symbols: ReadonlyMap<string, string> = new Map(
  Object.entries(icons).map(([path, svg]) => {
    const name = basename(path, '.svg');
    return [name, symbolOf(name, svg)];
  }),
);

/** What views need on the plain page of texts in `lang`; `isStatic`: in the words for a host without a hub. */
export const viewContext = (lang: string, isStatic = false): ViewContext => {
  const words = wordsFor(lang);
  const strings = files[`../../locales/${words}.json`] ?? {};
  return {
    lang,
    words,
    dir: direction(words),
    draft: isDraft(words),
    t: translator(words, isStatic ? staticWords(strings) : strings),
    icon: '',
    formatters: formatters(words),
  };
};

/** Addresses of what a page of the publisher loads, from the build. */
export interface AppFiles {
  readonly script: string;
  /** The script with the names of the app's other files. */
  readonly list: string;
}

/** Reads what the build left. Throws where the app is not built. */
export const readAppFiles = (appDir: string): AppFiles => {
  const path = `${appDir}/files.json`;
  if (!existsSync(path)) throw new Error(`The app is not built: ${path} is missing. Run "npm run build".`);
  const { script, list } = JSON.parse(readFileSync(path, 'utf8')) as AppFiles;
  return { script, list };
};
