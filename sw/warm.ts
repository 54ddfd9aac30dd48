/** The second tier of the app's files: cached one by one, each kept as soon as it is there, so that a cut costs one file at most. */
const CACHE = 'relais-warm';

/** Fetches what is not cached yet. Stops quietly at the first file that does not come: the next page tries again. */
export const warm = async (urls: readonly string[]): Promise<void> => {
  const cache = await caches.open(CACHE);
  const cached = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  for (const url of urls) {
    if (cached.has(url)) continue;
    try {
      const response = await fetch(url, { credentials: 'omit' });
      if (!response.ok) return;
      await cache.put(url, response);
    } catch {
      return;
    }
  }
};
