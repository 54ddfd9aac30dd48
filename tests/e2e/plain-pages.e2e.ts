import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { publishedData } from '../support/hub.ts';

/**
 * Every page of this repository's library as the publisher writes it: what there is for whoever has no script, for e-readers and for search engines. No
 * browser is asked; the bytes are those that the hub sends.
 */

/** What leaves a server in the first flight of a slow link: ten packets, with the headers. */
const MOST_BYTES = 14_000;

interface Page {
  /** Its address. */
  readonly path: string;
  readonly lang: string;
  readonly html: string;
  /** Bytes as gzip (all that plain http gets) and as brotli. */
  readonly gzip: number;
  readonly brotli: number;
  /** Addresses of `<a>` in it, without what follows `#`. */
  readonly links: readonly string[];
}

let pages: ReadonlyMap<string, Page>;
/** Addresses of pictures and recordings. */
let blobs: ReadonlySet<string>;
test.beforeAll(async () => {
  const tree = join(await publishedData(), 'tree/current');
  const folder = join(tree, 'p');
  blobs = new Set(readdirSync(join(tree, 'b'), { recursive: true }).map((file) => `/b/${file}`));
  const files = readdirSync(folder, { recursive: true }).map(String);
  pages = new Map(
    files
      .filter((file) => file.endsWith('.html'))
      .map((file) => {
        const path = `/${file.replace(/\.html$/, '').replace(/\/index$/, '/')}`;
        const html = readFileSync(join(folder, file), 'utf8');
        const [gzip = 0, brotli = 0] = ['gz', 'br'].map((twin) => readFileSync(join(folder, `${file}.${twin}`)).length);
        const hrefs = [...html.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, href]) => href ?? '');
        const links = hrefs.filter((href) => href.startsWith('/')).map((href) => href.replace(/#.*$/, ''));
        return [path, { path, lang: path.split('/')[1] ?? '', html, gzip, brotli, links }];
      }),
  );
  expect(pages.size).toBeGreaterThan(100);
});

/** Stands at every address that is none, so nothing leads to it. */
const isMissing = ({ path }: Page): boolean => path.endsWith('/-/missing');
const all = (): Page[] => [...pages.values()];
const homes = (): Page[] => all().filter(({ path, lang }) => path === `/${lang}/`);

test('each page comes in the first flight of packets: at most 14 kB', () => {
  expect(all().filter(({ gzip, brotli }) => gzip > MOST_BYTES || brotli > MOST_BYTES)).toEqual([]);
  const largest = all().reduce((one, other) => (other.gzip > one.gzip ? other : one));
  test.info().annotations.push({
    type: 'largest',
    description: `${largest.path}: ${largest.gzip} B gzip, ${largest.brotli} B brotli`,
  });
});

test('each link leads to a page that is there, each jump to a place on its page', () => {
  const broken = all().flatMap(({ path, links }) =>
    links.filter((link) => !pages.has(link) && !blobs.has(link)).map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
  const lost = all().flatMap(({ path, html }) => {
    const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    return [...html.matchAll(/<(?:a|use) [^>]*?href="#([^"]*)"/g)].flatMap(([, id]) =>
      ids.has(id) ? [] : `${path}: #${id}`,
    );
  });
  expect(lost).toEqual([]);
});

test('every item and every list of a language is reached from its home, by links alone', () => {
  expect(homes().length).toBeGreaterThan(1);
  for (const home of homes()) {
    const seen = new Set([home.path]);
    // A set grows while it is walked.
    for (const path of seen)
      for (const link of pages.get(path)?.links ?? []) if (link.startsWith(home.path)) seen.add(link);
    const unseen = all().filter((page) => page.lang === home.lang && !isMissing(page) && !seen.has(page.path));
    expect(unseen.map(({ path }) => path)).toEqual([]);
  }
});

test('every language is reached from every home', () => {
  const unlinked = homes().flatMap(({ path, links }) =>
    homes().flatMap((other) => (other.path === path || links.includes(other.path) ? [] : `${path}: ${other.path}`)),
  );
  expect(unlinked).toEqual([]);
});

/** What is wrong in the head of a page; `titles` are those of the pages before it. */
const faultsOf = (page: Page, titles: Map<string, string>): string[] => {
  const { path, lang, html } = page;
  const only = (pattern: RegExp): string | undefined => {
    const [first, second] = [...html.matchAll(pattern)];
    return second ? undefined : first?.[1];
  };
  const title = only(/<title>([^<]+)<\/title>/g);
  const described = only(/<meta name="description" content="([^"]+)">/g);
  const faults = [title === undefined && 'title', described === undefined && 'description'];
  if (!isMissing(page)) {
    // Two pages of one language with the same name could not be told apart in a list of results.
    const same = titles.get(`${lang} ${title}`);
    titles.set(`${lang} ${title}`, path);
    const canonical = only(/<link rel="canonical" href="([^"]+)">/g) ?? '';
    const others = [...html.matchAll(/<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">/g)];
    const goesOn = /\.\d+$/.test(path);
    faults.push(
      same !== undefined && `the title of ${same}`,
      !pages.has(canonical) && 'canonical',
      // A text that stands in says where it stands itself.
      canonical !== path && canonical.split('/')[2] !== path.split('/')[2] && `canonical ${canonical}`,
      others.some(([, other, href]) => pages.get(href ?? '')?.lang !== other) && 'hreflang',
      // Whatever stands in its own language is among its languages.
      canonical === path && !goesOn && !others.some(([, , href]) => href === path) && 'hreflang of its own',
    );
  }
  return faults.filter((fault) => fault !== false).map((fault) => `${path}: ${fault}`);
};

test('each page has a title and a description of its own, one address, and its other languages', () => {
  const titles = new Map<string, string>();
  expect(all().flatMap((page) => faultsOf(page, titles))).toEqual([]);
});
