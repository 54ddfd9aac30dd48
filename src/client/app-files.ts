import { addressIn } from '../core/api/app-files.ts';

declare global {
  /** Set by a script that every page has before the app's own. Tests that run the source have none. */
  var relaisFiles: string | undefined;
  /** What the build writes into each `import()` of a part (scripts/name-files.mjs). */
  var relaisFile: (name: string) => string;
}

/** Names of the files of the build that this page is of: an update does not change them under it. */
export const fileList: string = globalThis.relaisFiles ?? '';

/** The address of `worker.js`, `sprite.svg`. */
export const fileAddress = addressIn(fileList);

globalThis.relaisFile = fileAddress;
