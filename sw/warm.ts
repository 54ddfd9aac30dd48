/** The second tier of the app's files: cached one by one, each kept as soon as it is there, so that a cut costs one file at most. */
const CACHE = 'relais-warm';

/** A file that stalls must not keep the page from hearing what is there. */
const WAIT_MS = 20_000;

const isScript = ({ ok, headers }: Response): boolean => ok && /javascript/.test(headers.get('content-type') ?? '');

const cached = async (cache: Cache): Promise<Set<string>> =>
  new Set((await cache.keys()).map((request) => new URL(request.url).pathname));

/** Fetches what is not cached yet. Stops quietly at the first file that does not come. Returns what is cached now. */
const fetchAll = async (urls: readonly string[]): Promise<readonly string[]> => {
  const cache = await caches.open(CACHE);
  const there = await cached(cache);
  for (const url of urls) {
    if (there.has(url)) continue;
    try {
      const response = await fetch(url, { credentials: 'omit', signal: AbortSignal.timeout(WAIT_MS) });
      // A portal answers with a page of its own, to each of them.
      if (!isScript(response)) break;
      await cache.put(url, response);
      there.add(url);
    } catch {
      break;
    }
  }
  return [...there];
};

/** The words of an interface language; any other file is a part of the app. */
const WORDS = /^\/assets\/(?:later-)?([a-z]{2,3})-[\w-]{8}\.js$/;

/** Parts that only a device with a hub on its Wi-Fi needs: kept once they were used, since it may have no other link then. */
const NEAR = /\/near-(engine|page)-/;

/** One after the other: a page asks whenever it hears of the library, and no two runs are to fetch the same. */
let running: Promise<void> = Promise.resolve();

/**
 * Fetches the words of the interface language `lang`, then the parts of the app; words of other languages only once they are spoken. Tells
 * after each of the two what is cached. What did not come is tried again by the next page.
 */
export const warm = (urls: readonly string[], lang: string, tell: (urls: readonly string[]) => void): Promise<void> => {
  const run = async (): Promise<void> => {
    const words = await fetchAll(urls.filter((url) => WORDS.exec(url)?.[1] === lang));
    tell(words);
    const parts = urls.filter((url) => !WORDS.test(url) && !NEAR.test(url));
    if (!parts.every((url) => words.includes(url))) tell(await fetchAll(parts));
  };
  running = running.then(run, run);
  return running;
};

const nameOf = (url: string): string => url.replace(/-[\w-]{8}\.js$/, '');

/** Fetches the successors, among `urls`, of what is cached. Throws where one does not come; what came stays for the next try. */
export const replaceWarm = async (urls: readonly string[]): Promise<void> => {
  const names = new Set([...(await cached(await caches.open(CACHE)))].map(nameOf));
  const wanted = urls.filter((url) => names.has(nameOf(url)));
  const there = await fetchAll(wanted);
  if (wanted.some((url) => !there.includes(url))) throw new Error('words are missing');
};

/** A file from the second tier, or from the network: then it is kept. */
export const warmed = async (request: Request): Promise<Response> => {
  const cache = await caches.open(CACHE);
  const there = await cache.match(request, { ignoreVary: true });
  if (there) return there;
  // Without a deadline: a browser may remember for as long as the page lives that a script did not come, and a slow one is better than none.
  const response = await fetch(request);
  if (isScript(response)) await cache.put(request.url, response.clone()).catch(() => {});
  return response;
};

/** Forgets files that this version of the app has no use for. */
export const forgetOld = async (urls: readonly string[]): Promise<void> => {
  const cache = await caches.open(CACHE);
  for (const url of await cached(cache)) if (!urls.includes(url)) await cache.delete(url);
};
