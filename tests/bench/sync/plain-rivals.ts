import { createHash } from 'node:crypto';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync } from 'node:zlib';
import { brotli } from '../../../scripts/compress.mjs';
import { costOfWork, type Design, withLink } from './cost.ts';
import { type Doc, oneText, textOf } from './library.ts';

/** The ways to bring documents that need no package: one stream, JSON since a cursor, and one page each. All in brotli 11, made beforehand. */

/** Answers each path with these bytes, compressed; 304 to whoever has them. */
class FileServer {
  files = new Map<string, Uint8Array>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((asked, reply) => {
      const body = this.files.get(asked.url ?? '');
      if (!body) {
        reply.writeHead(404).end();
        return;
      }
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 12)}"`;
      if (asked.headers['if-none-match'] === etag) {
        reply.writeHead(304, { ETag: etag }).end();
        return;
      }
      reply
        .writeHead(200, {
          'Content-Encoding': 'br',
          'Content-Length': body.length,
          ETag: etag,
          'Cache-Control': 'no-cache',
        })
        .end(body);
    });
  }

  static async start(): Promise<FileServer> {
    const files = new FileServer();
    await new Promise<void>((resolve) => files.#server.listen(0, 'localhost', resolve));
    return files;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly etag: string;
}

/** Asks as a browser does, with the headers that matter here, over one connection. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 6 });
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }

  get(path: string, etag?: string): Promise<Answer> {
    const headers = { 'Accept-Encoding': 'gzip, br', ...(etag && { 'If-None-Match': etag }) };
    return new Promise((resolve, reject) => {
      request(this.#url + path, { agent: this.#agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const status = response.statusCode ?? 0;
          const text = status === 200 ? brotliDecompressSync(Buffer.concat(parts)).toString() : '';
          resolve({ status, text, etag: response.headers.etag ?? '' });
        });
      })
        .once('error', reject)
        .end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const withFiles = async <T>(work: (files: FileServer, client: Client, link: LinkOf) => Promise<T>): Promise<T> => {
  const files = await FileServer.start();
  try {
    return await withLink(files.port, async (link, url) => {
      const client = new Client(url);
      try {
        return await work(files, client, link);
      } finally {
        client.close();
      }
    });
  } finally {
    files.close();
  }
};
type LinkOf = Parameters<typeof costOfWork>[0];

const expectEqual = (what: string, found: unknown, wanted: unknown): void => {
  if (found !== wanted) throw new Error(`${what}: ${String(found)} and not ${String(wanted)}`);
};

/** All words in one file, asked for again if it changed. */
export const oneStream = (before: readonly Doc[], after: readonly Doc[]): Promise<Design> =>
  withFiles(async (files, client, link) => {
    let etag = '';
    const ask = async (docs: readonly Doc[], status = 200): Promise<void> => {
      const answer = await client.get('/all', etag);
      expectEqual('status of the stream', answer.status, status);
      if (status === 200) expectEqual('the stream', answer.text, oneText(docs).toString());
      etag = answer.etag;
    };
    files.files.set('/all', brotli(oneText(before)));
    const content = await costOfWork(link, () => ask(before));
    files.files.set('/all', brotli(oneText(after)));
    const change = await costOfWork(link, () => ask(after));
    return { name: 'one stream, brotli 11', content, change, nothing: await costOfWork(link, () => ask(after, 304)) };
  });

/** What a document is to everyone but us. */
export const plainDoc = (doc: Doc) => ({
  id: doc.id,
  lang: doc.lang,
  title: doc.title,
  summary: doc.summary,
  text: textOf(doc),
});

/** `GET /docs?since=N` gives what changed since, as JSON. */
export const jsonCursor = (before: readonly Doc[], after: readonly Doc[]): Promise<Design> =>
  withFiles(async (files, client, link) => {
    let cursor = 0;
    const ask = async (count: number): Promise<void> => {
      const { text } = await client.get(`/docs?since=${cursor}`);
      const { seq, docs } = JSON.parse(text) as { seq: number; docs: unknown[] };
      expectEqual('documents', docs.length, count);
      cursor = seq;
    };
    const serve = (since: number, seq: number, docs: readonly Doc[]): void => {
      files.files.set(`/docs?since=${since}`, brotli(Buffer.from(JSON.stringify({ seq, docs: docs.map(plainDoc) }))));
    };
    const changed = after.filter((doc, n) => doc !== before[n]);
    serve(0, before.length, before);
    serve(before.length, before.length + changed.length, changed);
    serve(before.length + changed.length, before.length + changed.length, []);
    return {
      name: 'JSON since a cursor, brotli 11',
      content: await costOfWork(link, () => ask(before.length)),
      change: await costOfWork(link, () => ask(changed.length)),
      nothing: await costOfWork(link, () => ask(0)),
    };
  });

/** A list of pages with their hashes, and one request for each page that is new: how a precache works. `pageBefore`, `pageAfter`: by document. */
export const pageEach = (
  before: readonly Doc[],
  after: readonly Doc[],
  pageBefore: ReadonlyMap<string, Buffer>,
  pageAfter: ReadonlyMap<string, Buffer>,
): Promise<Design> =>
  withFiles(async (files, client, link) => {
    const known = new Map<string, string>();
    let etag = '';
    const serve = (docs: readonly Doc[], pages: ReadonlyMap<string, Buffer>): void => {
      const list: (readonly [string, string])[] = [];
      for (const { id } of docs) {
        const page = pages.get(id);
        if (!page) throw new Error(`There is no page of ${id}.`);
        const revision = createHash('sha256').update(page).digest('hex').slice(0, 12);
        list.push([`/${id}`, revision]);
        if (known.get(`/${id}`) !== revision) files.files.set(`/${id}`, brotli(page));
      }
      files.files.set('/list.json', brotli(Buffer.from(JSON.stringify(list))));
    };
    const ask = async (count: number): Promise<void> => {
      const answer = await client.get('/list.json', etag);
      etag = answer.etag;
      const list = answer.status === 200 ? (JSON.parse(answer.text) as [string, string][]) : [];
      const wanted = list.filter(([path, revision]) => known.get(path) !== revision);
      await Promise.all(wanted.map(([path]) => client.get(path)));
      for (const [path, revision] of wanted) known.set(path, revision);
      expectEqual('pages', wanted.length, count);
    };
    serve(before, pageBefore);
    const content = await costOfWork(link, () => ask(before.length));
    serve(after, pageAfter);
    const changed = after.filter((doc, n) => doc !== before[n]).length;
    const change = await costOfWork(link, () => ask(changed));
    return { name: 'one page each, brotli 11', content, change, nothing: await costOfWork(link, () => ask(0)) };
  });
