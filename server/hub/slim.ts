import type { ServerType } from '@hono/node-server';

/**
 * On a link where every hundred bytes cost, the tree and the answers travel without what nobody reads: HTTP/1.1 connections persist
 * without saying so, and the date is in the signed head.
 */
export const slim = (server: ServerType): void => {
  // Node's 5 seconds are shorter than one file takes at 50 kbit/s: the next would be asked for on a connection that is just closing.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 65_000;
  // Nor are its five minutes enough for a file from a stick over a poor Wi-Fi.
  if ('requestTimeout' in server) server.requestTimeout = 30 * 60_000;
  server.prependListener('request', (request: { url?: string }, response: SlimResponse) => {
    if (!/^\/(c|o)\//.test(request.url ?? '')) return;
    response.sendDate = false;
    response.removeHeader('Connection');
  });
};

interface SlimResponse {
  sendDate: boolean;
  removeHeader(name: string): void;
}
