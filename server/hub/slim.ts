import type { ServerType } from '@hono/node-server';

/**
 * On a link where every hundred bytes cost, the tree and the answers travel without what nobody reads: HTTP/1.1 connections persist
 * without saying so, and the date is in the signed head.
 */
export const slim = (server: ServerType): void => {
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
