/** The second tier of the app's files: cached one by one, each kept as soon as it is there, so that a cut costs one file at most. */
const CACHE = 'relais-warm';

/** A file that stalls must not keep the page from hearing what is there. */
const WAIT_MS = 20_000;

const cached = async (cache: Cache): Promise<Set<string>> =>
  new Set((await cache.keys()).map((request) => new URL(request.url).pathname));

/**
 * Fetches what is not cached yet, the interface language `lang` first. Stops quietly at the first file that does not come: the next page
 * tries again. Returns what is cached now.
 */
export const warm = async (urls: readonly string[], lang: string): Promise<readonly string[]> => {
  const cache = await caches.open(CACHE);
  const there = await cached(cache);
  const isOwn = (url: string): boolean => url.startsWith(`/assets/${lang}-`);
  const order = [...urls.filter(isOwn), ...urls.filter((url) => !isOwn(url))];
  for (const url of order) {
    if (there.has(url)) continue;
    try {
      const response = await fetch(url, { credentials: 'omit', signal: AbortSignal.timeout(WAIT_MS) });
      if (!response.ok || !/javascript/.test(response.headers.get('content-type') ?? '')) break;
      await cache.put(url, response);
      there.add(url);
    } catch {
      break;
    }
  }
  return [...there];
};

const nameOf = (url: string): string => url.replace(/-[\w-]{8}\.js$/, '');

/** Fetches the successors, among `urls`, of what is cached. Throws where one does not come; what came stays for the next try. */
export const replaceWarm = async (urls: readonly string[]): Promise<void> => {
  const names = new Set([...(await cached(await caches.open(CACHE)))].map(nameOf));
  const wanted = urls.filter((url) => names.has(nameOf(url)));
  const there = await warm(wanted, '');
  if (wanted.some((url) => !there.includes(url))) throw new Error('words are missing');
};

/** A file from the second tier, or from the network. */
export const warmed = async (request: Request): Promise<Response> =>
  (await caches.match(request, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request);

/** Forgets files that this version of the app has no use for. */
export const forgetOld = async (urls: readonly string[]): Promise<void> => {
  const cache = await caches.open(CACHE);
  for (const url of await cached(cache)) if (!urls.includes(url)) await cache.delete(url);
};
