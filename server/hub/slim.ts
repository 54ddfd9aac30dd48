import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerType } from '@hono/node-server';

/** So long, in milliseconds, a request may take to come: as long as Node gives it. A batch of answers takes 16 s at 50 kbit/s. */
const REQUEST_MS = 5 * 60_000;
/** A file from a stick over a poor Wi-Fi. How slowly it may come meanwhile: `ReceivedFiles`. */
const FILE_MS = 30 * 60_000;
const FILE_PATHS = new Set(['/hub/stick/in', '/inbox/api/carry']);
const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * On a link where every hundred bytes cost, the tree and the answers travel without what nobody reads: HTTP/1.1 connections persist
 * without saying so, and the date is in the signed head. `requestMs`: how long a request may take to come that brings no file from a stick.
 */
export const slim = (server: ServerType, requestMs = REQUEST_MS): void => {
  // Node's 5 seconds are shorter than one file takes at 50 kbit/s: the next would be asked for on a connection that is just closing.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 65_000;
  // Node knows one limit for all.
  if ('requestTimeout' in server) server.requestTimeout = FILE_MS;
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    endLate(request, response, requestMs);
    if (!/^\/(c|o)\//.test(request.url ?? '')) return;
    response.sendDate = false;
    response.removeHeader('Connection');
  });
};

/** Whoever sends slowly holds a connection, of which there are not many. */
const endLate = (request: IncomingMessage, response: ServerResponse, ms: number): void => {
  if (FILE_PATHS.has(request.url?.split('?')[0] ?? '')) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (!response.headersSent) request.socket.write(TOO_LATE);
    request.socket.destroySoon();
  }, ms);
  timer.unref();
  for (const event of ['end', 'close']) request.once(event, () => clearTimeout(timer));
};
