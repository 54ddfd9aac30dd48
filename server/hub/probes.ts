import type { Hono } from 'hono';

/**
 * What phones and computers ask a Wi-Fi to find out whether it has the Internet, and what they want to hear. Where the names of the world lead to
 * this hub (docs/lan.md), they stay on a Wi-Fi that has none. No address of the library is among these.
 */
const PROBES: Readonly<Record<string, { readonly type: string; readonly body: string }>> = {
  // iOS, macOS.
  '/hotspot-detect.html': {
    type: 'text/html',
    body: '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>',
  },
  '/library/test/success.html': {
    type: 'text/html',
    body: '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>',
  },
  // Windows.
  '/connecttest.txt': { type: 'text/plain', body: 'Microsoft Connect Test' },
  '/ncsi.txt': { type: 'text/plain', body: 'Microsoft NCSI' },
  // Firefox.
  '/success.txt': { type: 'text/plain', body: 'success\n' },
  '/canonical.html': {
    type: 'text/html',
    body: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
  },
  // NetworkManager.
  '/check_network_status.txt': { type: 'text/plain', body: 'NetworkManager is online\n' },
};
/** Android and ChromeOS, under the names of several makers. */
const NO_CONTENT = ['/generate_204', '/gen_204'];

const headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

export const probeRoutes = (app: Hono): void => {
  for (const path of NO_CONTENT) app.get(path, (context) => context.body(null, 204, headers));
  for (const [path, { type, body }] of Object.entries(PROBES))
    app.get(path, (context) => context.body(body, 200, { ...headers, 'Content-Type': type }));
};
