import type { Carrier } from '../../src/engine/link.ts';

/** What Chromium sends with each request beside what it is asked to: Node's own fetch would send 200 bytes less. */
const HEADERS = {
  'User-Agent':
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'fr-FR,fr;q=0.9',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Dest': 'empty',
  Pragma: 'no-cache',
  'Cache-Control': 'no-cache',
};

/** Node's fetch, with requests as long as a phone's. */
export const asChromium: Carrier = {
  fetch: (url, { headers, ...init }) => fetch(url, { ...init, headers: { ...HEADERS, ...(headers as object) } }),
};
