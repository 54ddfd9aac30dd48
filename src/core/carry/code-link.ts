/** Codes to be photographed (QR): what each opens, and how what it says is handed on within the device. `docs/protocol.md`, section 17. */

/** The app at its own address, on its page of what goes by hand. Behind the `#`, so that no server hears of it. */
const CODE_PAGE = '/-/carry';
const MARK = '#code=';
export const codeLink = (app: string, code: string): string => `${app}${CODE_PAGE}${MARK}${code}`;

/** What such a link brings, as it stands there; undefined: nothing. */
export const codeIn = (hash: string): string | undefined =>
  hash.startsWith(MARK) ? hash.slice(MARK.length) : undefined;

/** Type of the file that a photographed code is handed on as, within this device. */
export const CODE_TYPE = 'text/x-relais-code';
