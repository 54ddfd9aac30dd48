/** What holds nothing but what can be made or fetched again, by name. Names never carry a version. */
export const SEARCH_DB = 'relais-search';
export const MEDIA_DB = 'relais-media';

/** So long, in milliseconds, others may take to close a database. */
const CLOSE_MS = 1_000;

/**
 * Removes a database, rather than to empty it: Chromium writes a mark for each record that is cleared, and takes twice the room until it tidies up.
 * Resolves also where that did not work: there is nothing more to be done. Returns whether there was one.
 */
export const removeDatabase = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    setTimeout(resolve, CLOSE_MS, false);
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = (event) => resolve((event as IDBVersionChangeEvent).oldVersion > 0);
    request.onerror = () => resolve(false);
  });
