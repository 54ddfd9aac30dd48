import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';
import { compressFolder } from './scripts/compress.mjs';
import { hashOf, nameFiles } from './scripts/name-files.mjs';
import { symbolOf } from './scripts/sprite.mjs';
import { policyTag } from './server/publish/policy.ts';
import { staticWords } from './src/i18n/static-words.ts';

/**
 * App, data worker and service worker in one build, into dist/app. The engine is a file of its own, so that data worker and service
 * worker share one download, and so is the search, so that only those load it who search; all are classic scripts, which old Android browsers have too.
 * Files are built under plain names (`engine.js`) and get their hashes at the end: scripts/name-files.mjs says why.
 */

/** For a host of files without a hub (`npm run build -- --static`): the same app, that offers no answers to anybody. */
const STATIC = process.env.RELAIS_STATIC === '1';
const OUT = STATIC ? 'dist/app-static' : 'dist/app';
/** The empty page. Such a host finds it in a folder; asked without the slash it would answer with another address. */
const SHELL = STATIC ? '/shell/' : '/shell';
const ICONS = 'src/view/icons';
const TARGET = 'es2022';

/** Settings that every realm's build shares. */
const classic = (input: string, name: string): InlineConfig => ({
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"', __STATIC__: String(STATIC) },
  build: {
    target: TARGET,
    outDir: OUT,
    emptyOutDir: false,
    rolldownOptions: { input, output: { format: 'iife', entryFileNames: name } },
  },
});

const buildClassic = async (input: string, name: string): Promise<void> => {
  await build(classic(input, name));
};

/** All icons as one sprite of symbols, so that each is drawn by a reference. */
export const spriteOf = (names: readonly string[]): string => {
  const symbols = names.map((name) => symbolOf(name, readFileSync(join(ICONS, `${name}.svg`), 'utf8')));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
};

const writeSprite = (): void => {
  const names = readdirSync(ICONS).map((file) => basename(file, '.svg'));
  mkdirSync(join(OUT, 'assets'), { recursive: true });
  writeFileSync(join(OUT, 'assets/sprite.svg'), spriteOf(names.sort()));
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
const INSTALL = ['engine.js', 'worker.js', 'sprite.svg', 'index.css', 'files.js'];
/** The same, of the page's own build: with all that these import. */
const INSTALL_PARTS = ['index.html', 'src/ui/screens.ts', 'locales/fr.json', 'locales/fr.json?later'];

interface ManifestEntry {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** Plain names of the page's files that belong to the install. Throws where a part is not in the build. */
const installParts = (): ReadonlySet<string> => {
  const manifest = JSON.parse(readFileSync(join(OUT, '.vite/manifest.json'), 'utf8')) as Record<string, ManifestEntry>;
  const files = new Set<string>();
  const add = (name: string): void => {
    const entry = manifest[name];
    if (!entry) throw new Error(`The build has no part ${name}.`);
    if (files.has(basename(entry.file))) return;
    files.add(basename(entry.file));
    entry.imports?.forEach(add);
  };
  INSTALL_PARTS.forEach(add);
  return files;
};

/** Names of a page's files before they get their hashes. `chunk`: that of a part. */
const plainNames = (chunk: (name: string, modules: readonly string[]) => string) => ({
  entryFileNames: 'assets/[name].js',
  chunkFileNames: ({ name, moduleIds }: { name: string; moduleIds: string[] }) => `assets/${chunk(name, moduleIds)}.js`,
  assetFileNames: ({ names: [name = ''] }: { names: string[] }) => `assets/${name.replace(/^style\./, 'index.')}`,
});

/** Parts share nothing but the entry and its sheet, which are there: nothing is fetched with them, and no helper of the bundler does it. */
const nothingAhead = (): Plugin => ({
  name: 'relais-nothing-ahead',
  enforce: 'pre',
  load: (id) => (id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : undefined),
});

/** The operator's page is a build of its own: sharing chunks with it would cost every reader a request. */
const inboxBuild = (define: Record<string, string>): InlineConfig => ({
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  define,
  plugins: [nothingAhead()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: TARGET,
    outDir: OUT,
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: { input: 'inbox.html', output: plainNames((name) => `inbox-${name}`) },
  },
});

/** What is not said to readers on the device: the operator's words, and those of the hub's own pages. */
const NOT_READERS = ['inbox', 'result', 'static'];
/** Groups of words that only parts of the app say which come later, and the keys of them that a first page says all the same. */
const LATER = [
  ...['item', 'origin', 'certainty', 'review', 'facet', 'bulletin', 'guide', 'story', 'reference', 'media', 'voice'],
  ...['letters', 'search', 'print', 'script', 'fonts', 'more', 'network', 'near', 'carry', 'all', 'partners', 'drafts'],
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

/** What each page may ask for. The operator's files are the operator's: theirs alone are called `inbox`. */
const isInbox = (name: string): boolean => name.startsWith('inbox');
const PAGES = {
  'index.html': {
    list: 'files.js',
    has: (name: string) => /\.(js|svg)$/.test(name) && name !== 'index.js' && !isInbox(name),
  },
  ...(!STATIC && {
    'inbox.html': { list: 'inbox-files.js', has: (name: string) => /^inbox-.*\.js$|^sprite\.svg$/.test(name) },
  }),
};

const realms = (): Plugin => {
  const define = { __STATIC__: String(STATIC) };
  return {
    name: 'relais-realms',
    apply: 'build',
    async config() {
      await buildClassic('sw/main.ts', 'assets/engine.js');
      await buildClassic('src/engine/media-main.ts', 'assets/media.js');
      await buildClassic('src/search/main.ts', 'assets/search.js');
      await buildClassic('src/engine/carry-main.ts', 'assets/carried.js');
      await buildClassic('src/engine/near-main.ts', 'assets/near-engine.js');
      await buildClassic('src/engine/ed25519-main.ts', 'assets/ed25519.js');
      await buildClassic('src/worker/worker.ts', 'assets/worker.js');
      writeSprite();
      return { define };
    },
    async writeBundle() {
      if (!STATIC) await build(inboxBuild(define));
      const names = nameFiles(OUT, PAGES);
      const address = (name: string): string => `/assets/${names.get(name)}`;
      // For the publisher, whose pages have no part in this build.
      const files = { script: address('index.js'), list: address('files.js') };
      writeFileSync(join(OUT, 'files.json'), JSON.stringify(files));
      const parts = new Set([...INSTALL, ...installParts()]);
      // The check of signatures for old browsers comes where it is needed.
      const warm = [...names.keys()].filter((name) => !parts.has(name) && !isInbox(name) && name !== 'ed25519.js');
      const served = {
        shell: SHELL,
        install: manifestOf([SHELL, ...[...parts].sort().map(address)]),
        warm: warm.sort().map(address),
      };
      const script = `importScripts("${address('engine.js')}");relaisServe(${JSON.stringify(served)});`;
      writeFileSync(join(OUT, 'sw.js'), script);
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
    // One sheet: no part says that it needs one of its own.
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      // Most of the time is the compressor's, and known: whoever starts a hub for the first time has nothing to do about it.
      checks: { bundlerTimings: false },
      input: 'index.html',
      output: {
        ...plainNames((name, modules) => (modules.some((id) => id.endsWith('?later')) ? `later-${name}` : name)),
        // All that the entry imports is one file: what it and its parts share too.
        codeSplitting: { groups: [{ name: 'index', tags: ['$initial'] }] },
      },
    },
  },
  plugins: [readersWords(), nothingAhead(), shellPolicy(), realms()],
});
