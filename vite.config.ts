import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';
import { compressFolder } from './scripts/compress.mjs';
import { symbolOf } from './scripts/sprite.mjs';
import { policyTag } from './server/publish/policy.ts';
import { staticWords } from './src/i18n/static-words.ts';

/**
 * App, data worker and service worker in one build, into dist/app. The engine is a file of its own, so that data worker and service
 * worker share one download, and so is the search, so that only those load it who search; all are classic scripts, which old Android browsers have too.
 */

/** For a host of files without a hub (`npm run build -- --static`): the same app, that offers no answers to anybody. */
const STATIC = process.env.RELAIS_STATIC === '1';
const OUT = STATIC ? 'dist/app-static' : 'dist/app';
/** The empty page. Such a host finds it in a folder; asked without the slash it would answer with another address. */
const SHELL = STATIC ? '/shell/' : '/shell';
const ICONS = 'src/view/icons';
const TARGET = 'es2022';

/** Settings that every realm's build shares. `sw` is the one file without a hash in its name. */
const classic = (input: string, name: string, define: Record<string, string>): InlineConfig => ({
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"', __STATIC__: String(STATIC), ...define },
  resolve: { alias: { dexie: 'dexie/dist/modern/dexie.mjs' } },
  build: {
    target: TARGET,
    outDir: OUT,
    emptyOutDir: false,
    rolldownOptions: { input, output: { format: 'iife', entryFileNames: name } },
  },
});

/** Builds one classic file; returns its address. */
const buildClassic = async (input: string, name: string, define: Record<string, string> = {}): Promise<string> => {
  const result = await build(classic(input, name, define));
  const [bundle] = [result].flat();
  if (!bundle || !('output' in bundle)) throw new Error(`no output for ${input}`);
  return `/${bundle.output[0].fileName}`;
};

/** All icons as one sprite of symbols, so that each is drawn by a reference. */
export const spriteOf = (names: readonly string[]): string => {
  const symbols = names.map((name) => symbolOf(name, readFileSync(join(ICONS, `${name}.svg`), 'utf8')));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
};

const hashOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('base64url').slice(0, 8);

const writeSprite = (): string => {
  const sprite = spriteOf(
    readdirSync(ICONS)
      .map((file) => basename(file, '.svg'))
      .sort(),
  );
  const url = `/assets/sprite-${hashOf(sprite)}.svg`;
  mkdirSync(join(OUT, 'assets'), { recursive: true });
  writeFileSync(join(OUT, url), sprite);
  return url;
};

/**
 * Address -> revision, as Workbox wants it; a file with a hash in its name is its own revision. With the integrity of each, an error page or a
 * portal's page is never taken for a part of the app.
 */
const manifestOf = (urls: readonly string[]): { url: string; revision: string | null; integrity: string }[] =>
  urls.map((url) => {
    const content = readFileSync(join(OUT, url === SHELL ? 'index.html' : url));
    const integrity = `sha256-${createHash('sha256').update(content).digest('base64')}`;
    return { url, revision: url.startsWith('/assets/') ? null : hashOf(content), integrity };
  });

/** The smallest set that boots offline, with the words that stand in for any others: if one does not come, there is no install. */
const INSTALL = /^\/assets\/(engine|worker|sprite)-/;
/** The same, of the page's own build: with all that these import. */
const INSTALL_PARTS = ['index.html', 'src/ui/screens.ts', 'locales/fr.json', 'locales/fr.json?later'];

interface ManifestEntry {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/** Files of the page's build that belong to the install. Throws where a part is not in the build under its name. */
const installParts = (): ReadonlySet<string> => {
  const manifest = JSON.parse(readFileSync(join(OUT, '.vite/manifest.json'), 'utf8')) as Record<string, ManifestEntry>;
  const files = new Set<string>();
  const add = (name: string): void => {
    const entry = manifest[name];
    if (!entry) throw new Error(`The build has no part ${name}.`);
    if (files.has(`/${entry.file}`)) return;
    for (const file of [entry.file, ...(entry.css ?? [])]) files.add(`/${file}`);
    entry.imports?.forEach(add);
  };
  INSTALL_PARTS.forEach(add);
  return files;
};

/** The operator's page is a build of its own: sharing chunks with it would cost every reader a request. */
const inboxBuild = (define: Record<string, string>): InlineConfig => ({
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  define,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: TARGET,
    outDir: OUT,
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: 'inbox.html',
      output: { entryFileNames: 'assets/inbox-[hash].js', chunkFileNames: 'assets/inbox-[name]-[hash].js' },
    },
  },
});

/** What is not said to readers on the device: the operator's words, and those of the hub's own pages. */
const NOT_READERS = ['inbox', 'result', 'static'];
/** Groups of words that only parts of the app say which come later, and the keys of them that a first page says all the same. */
const LATER = [
  ...['item', 'origin', 'certainty', 'review', 'facet', 'bulletin', 'guide', 'story', 'reference', 'media', 'voice'],
  ...['letters', 'search', 'print', 'script', 'fonts', 'more', 'network', 'carry', 'all', 'partners', 'drafts'],
];
const FIRST = ['more.title', 'all.title', 'partners.title', 'drafts.home'];

/** Cuts the words of a language in two: `fr.json` for the first page, `fr.json?later` for what comes later. */
const readersWords = (): Plugin => ({
  name: 'relais-readers-words',
  enforce: 'pre',
  transform(code, id) {
    const [, later] = /\/locales\/[a-z]{2,3}\.json(\?later)?$/.exec(id) ?? [id, null];
    if (later === null) return undefined;
    const words: Record<string, Record<string, string>> = {};
    const all = STATIC ? staticWords(JSON.parse(code)) : JSON.parse(code);
    for (const [group, texts] of Object.entries(all as Record<string, Record<string, string>>)) {
      const own = Object.entries(texts).filter(([key]) => {
        const comesLater = LATER.includes(group) && !FIRST.includes(`${group}.${key}`);
        return !NOT_READERS.includes(group) && comesLater === (later !== undefined);
      });
      if (own.length > 0) words[group] = Object.fromEntries(own);
    }
    const json = JSON.stringify(words);
    // With a question in its name it is no JSON to Vite.
    return later === undefined
      ? { code: json, map: null }
      : { code: `export default ${json}`, map: null, moduleType: 'js' };
  },
});

const realms = (): Plugin => {
  let engine = '';
  let define: Record<string, string> = {};
  return {
    name: 'relais-realms',
    apply: 'build',
    async config() {
      engine = await buildClassic('src/engine/main.ts', 'assets/engine-[hash].js');
      const media = await buildClassic('src/engine/media-main.ts', 'assets/media-[hash].js');
      const search = await buildClassic('src/search/main.ts', 'assets/search-[hash].js');
      const carry = await buildClassic('src/engine/carry-main.ts', 'assets/carried-[hash].js');
      const ed25519 = await buildClassic('src/engine/ed25519-main.ts', 'assets/ed25519-[hash].js');
      const worker = await buildClassic('src/worker/worker.ts', 'assets/worker-[hash].js', {
        __ENGINE_URL__: JSON.stringify(engine),
        __MEDIA_URL__: JSON.stringify(media),
        __SEARCH_URL__: JSON.stringify(search),
        __CARRY_URL__: JSON.stringify(carry),
        __ED25519_URL__: JSON.stringify(ed25519),
      });
      const sprite = writeSprite();
      writeFileSync(join(OUT, 'sprite.json'), JSON.stringify({ sprite }));
      define = {
        __STATIC__: String(STATIC),
        __WORKER_URL__: JSON.stringify(worker),
        __SPRITE_URL__: JSON.stringify(sprite),
      };
      return { define };
    },
    async writeBundle() {
      if (!STATIC) await build(inboxBuild(define));
      const assets = readdirSync(join(OUT, 'assets')).map((file) => `/${relative(OUT, join(OUT, 'assets', file))}`);
      // The operator's page is the operator's; the check of signatures for old browsers comes where it is needed.
      const scripts = assets.filter((url) => /\.(js|css|svg)$/.test(url) && !/\/(inbox|ed25519)-/.test(url));
      const parts = installParts();
      const install = scripts.filter((url) => INSTALL.test(url) || parts.has(url)).sort();
      await buildClassic('sw/sw.ts', 'sw.js', {
        __ENGINE_URL__: JSON.stringify(engine),
        __SHELL_URL__: JSON.stringify(SHELL),
        __WARM_URLS__: JSON.stringify(scripts.filter((url) => !install.includes(url)).sort()),
        'self.__WB_MANIFEST': JSON.stringify(manifestOf([SHELL, ...install])),
      });
      compressFolder(OUT);
    },
  };
};

/** Where no header can say it, the page does: first, since it holds from there on. */
const shellPolicy = (): Plugin => ({
  name: 'relais-shell-policy',
  transformIndexHtml: (html) =>
    STATIC ? html.replace('<meta charset="utf-8">', (charset) => `${charset}${policyTag()}`) : html,
});

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: TARGET,
    outDir: OUT,
    emptyOutDir: false,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: 'index.html',
      output: {
        chunkFileNames: ({ moduleIds }) =>
          moduleIds.some((id) => id.endsWith('?later')) ? 'assets/later-[name]-[hash].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  plugins: [readersWords(), shellPolicy(), realms()],
});
