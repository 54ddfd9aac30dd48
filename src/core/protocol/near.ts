/** A hub on the same Wi-Fi that the app reaches over plain http: kept as an address of numbers, since names end with the network. */

/** Where the app asks whether to use one, in whatever language. */
export const NEAR_PAGE = '/-/network';
const MARK = '#hub=';

/**
 * Addresses that lead nowhere but to the network that a device is in (RFC 1918, 3927, 4193, 4291). As a URL writes them: every odd way to write an
 * address is gone by then.
 */
const V4 = /^(10(\.\d+){3}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|(192\.168|169\.254)(\.\d+){2})$/;
const V6 = /^\[(f[cd]|fe[89ab])[\da-f]+:[\da-f:]*\]$/;

/**
 * `http://192.168.1.5:8080` of what was typed, scanned or stored, without a slash at the end; undefined where that is no such address: a name, one
 * of the whole Internet, this device itself, or https (no authority signs such an address).
 */
export const nearOrigin = (text: string): string | undefined => {
  const written = text.trim();
  try {
    const { protocol, hostname, origin } = new URL(/^[a-z]+:\/\//i.test(written) ? written : `http://${written}`);
    return protocol === 'http:' && (V4.test(hostname) || V6.test(hostname)) ? origin : undefined;
  } catch {
    return undefined;
  }
};

/** What a phone opens to use the hub at `near`: the app at its own address. Behind the `#`, so that no server hears of it. */
export const nearLink = (app: string, near: string): string => `${app}${NEAR_PAGE}${MARK}${near}`;

/** What such a link offers, as it stands there; undefined: nothing. */
export const nearOffer = (hash: string): string | undefined =>
  hash.startsWith(MARK) ? hash.slice(MARK.length) : undefined;

/** What a page shows of it. */
export const nearText = (near: string): string => near.slice('http://'.length);

/** What came of the wish to use a hub on this Wi-Fi. `denied`: the browser may not go there; `early`: the library is not here yet. */
export type NearMet = 'met' | 'denied' | 'early' | 'no-link' | 'foreign-root' | 'malformed';
