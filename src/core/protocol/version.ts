/**
 * The version of everything that crosses machines: heads, packs, catalogues, envelopes, receipts. A golden file that changes
 * without a new number here fails the tests (tests/unit/core/golden.test.ts).
 */
export const PROTOCOL_VERSION = 2;

/** The version of the app that a head may ask for (`minApp`). Grows when the app learns to read something new. */
export const APP_VERSION = 2;
