import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';

/**
 * A web server that knows nothing of Relais: types by ending only, `index.html` for a folder, another address for a folder that is asked for without
 * its slash. No Range, no compression, no headers of ours, and a page of its own for all that it has not or does not do.
 */
export interface StaticServer {
  readonly url: string;
  readonly port: number;
  /** `GET /fr/ 200`, in order. */
  log(): readonly string[];
  /** Nobody listens any more. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.xml': 'text/xml',
  '.png': 'image/png',
};

const page = (words: string): string => `<!doctype html><title>${words}</title><h1>${words}</h1>`;

export const serveFolder = async (folder: string): Promise<StaticServer> => {
  const lines: string[] = [];
  const answer = (method: string, address: string): { status: number; type: string; body: Buffer; to?: string } => {
    const { pathname, search } = new URL(address, 'http://host');
    const html = (status: number, words: string, to?: string) => ({
      status,
      type: 'text/html',
      body: Buffer.from(page(words)),
      ...(to !== undefined && { to }),
    });
    if (method !== 'GET' && method !== 'HEAD') return html(501, 'Unsupported method');
    const path = normalize(join(folder, decodeURIComponent(pathname)));
    if (!path.startsWith(folder) || !existsSync(path)) return html(404, 'File not found');
    if (!statSync(path).isDirectory())
      return { status: 200, type: TYPES[extname(path)] ?? 'application/octet-stream', body: readFileSync(path) };
    if (!pathname.endsWith('/')) return html(301, 'Moved', `${pathname}/${search}`);
    const index = join(path, 'index.html');
    return existsSync(index)
      ? { status: 200, type: 'text/html', body: readFileSync(index) }
      : html(200, 'A list of files');
  };
  const server: Server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    const { status, type, body, to } = answer(method, url);
    lines.push(`${method} ${url} ${status}`);
    request.resume();
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': body.length,
      ...(to !== undefined && { Location: to }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, 'localhost', resolve);
    });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${port}`,
    port,
    log: () => lines,
    start: () => listen(port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
