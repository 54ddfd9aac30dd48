/**
 * The databases that hold nothing but what can be made or fetched again, by name; in the order in which they go where an answer finds no room.
 * Names never carry a version.
 */
export const SEARCH_DB = 'relais-search';
export const MEDIA_DB = 'relais-media';
export const REPLACEABLE = [SEARCH_DB, MEDIA_DB] as const;

/** So long, in milliseconds, others may take to close a database. */
const CLOSE_MS = 1_000;

/**
 * Removes a database, rather than to empty it: Chromium writes a mark for each record that is cleared, and takes twice the room until it tidies up.
 * Resolves also where that did not work: there is nothing more to be done.
 */
export const removeDatabase = (name: string): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, CLOSE_MS);
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => resolve();
  });
