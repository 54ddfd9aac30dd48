// Plain JavaScript, shared with scripts/browser.mjs, which also runs under Node 20.
export { findChromium } from '../../scripts/find-chromium.mjs';

/** A quiet browser: no traffic of its own that a byte count or an outage test could see. */
export const chromiumArgs: string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
