/** Every way in which input from another machine, or the machine itself, can let us down. The words are in `locales/`. */
export type ErrorCode =
  /** No usable answer: no network, a captive portal, an error page, a stalled body. */
  | 'no-link'
  /** What arrived is damaged, altered or not ours. */
  | 'tampered'
  /** Bytes end before they should. */
  | 'truncated'
  /** A hub in between that the library let speak for it, and does not any more. */
  | 'revoked'
  /** Signed by a root other than the pinned one. */
  | 'foreign-root'
  /** Older than what this device has already seen. */
  | 'rollback'
  /** Written by a newer version than this one reads. */
  | 'too-new'
  /** Nothing at this address. */
  | 'not-found'
  /** Malformed input. */
  | 'malformed'
  /** Larger than allowed. */
  | 'too-large'
  /** The other side wants fewer requests. */
  | 'busy'
  /** The person ended it. */
  | 'paused'
  /** The disk or the browser refuses to store more. */
  | 'full'
  /** The store cannot be opened or written. */
  | 'storage'
  /** Another page of an older version holds the store's upgrade up. */
  | 'blocked'
  /** The worker did not answer in time. */
  | 'worker';

/** An error as data: a code, and details for a log. Its message is for developers, never shown to people. */
export class RelaisError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;
  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}) {
    super(`${code} ${JSON.stringify(details)}`);
    this.name = 'RelaisError';
    this.code = code;
    this.details = details;
  }
}

/**
 * No link: somebody in between answers in the place of the other side, until its own page was seen (a captive portal). Named for whoever looks
 * at the log.
 */
export const PORTAL = 'portal';
export const portalError = (details: Readonly<Record<string, string | number>>): RelaisError =>
  new RelaisError('no-link', { what: PORTAL, ...details });

/** Whether bytes that should be a file of the library begin as a page does. */
export const isPage = (bytes: Uint8Array): boolean =>
  /^\s*<[!a-z]/i.test(String.fromCharCode(...bytes.subarray(0, 16)));

/** By name: each file of the app has this class once more; between realms the code is lost. */
export const isOurs = (error: unknown): error is RelaisError =>
  error instanceof Error && error.name === 'RelaisError' && 'code' in error;

/** The code of anything thrown; `fallback` where it is not ours. */
export const codeOf = (error: unknown, fallback: ErrorCode): ErrorCode => (isOurs(error) ? error.code : fallback);

/** What a log keeps of anything thrown beside its code: the details as JSON. What is not ours is told as `why`. */
export const detailsOf = (error: unknown): string =>
  JSON.stringify(isOurs(error) ? error.details : { why: String(error) });
