import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { costOfWork, type Design, withLink } from './cost.ts';
import { type CutRun, cutAgainAndAgain } from './cuts.ts';
import type { Doc } from './library.ts';
import { plainDoc } from './plain-rivals.ts';
import { rival, versionOf } from './rivals.ts';

/** PouchDB, replicating from a server that speaks CouchDB's protocol. Both have their documents in memory. */

interface Database {
  bulkDocs(docs: readonly object[]): Promise<readonly { readonly ok?: boolean }[]>;
  allDocs(): Promise<{ readonly rows: readonly { readonly id: string; readonly value: { readonly rev: string } }[] }>;
  info(): Promise<{ readonly doc_count: number }>;
}

interface Pouch {
  new (name: string, options?: object): Database;
  plugin(plugin: unknown): Pouch;
  defaults(options: object): Pouch;
  fetch(url: string, options: { headers: Headers }): Promise<Response>;
  replicate(from: Database, to: Database): Promise<{ readonly docs_written: number }>;
}

interface App {
  listen(port: number, host: string, done: () => void): Server;
}

const DATABASE = 'library';

export interface PouchCosts {
  readonly design: Design;
  /** Over a link that is cut: by a client that has met this server before, and by one that finds out what it can do. */
  readonly known: PouchCut;
  readonly fresh: PouchCut;
}

type PouchCut = CutRun & { readonly documents: number };

const openPouch = (): Pouch => {
  const plugins = ['memory', 'http'].map((name) => rival(`pouchdb-adapter-${name}`));
  const others = ['replication', 'mapreduce'].map((name) => rival(`pouchdb-${name}`));
  const pouch = rival<Pouch>('pouchdb-core');
  return [...plugins, ...others].reduce<Pouch>((known, plugin) => known.plugin(plugin), pouch);
};

/** Puts documents, or their next revision, and waits until each is there. */
const put = async (database: Database, docs: readonly Doc[]): Promise<void> => {
  const revisions = new Map((await database.allDocs()).rows.map(({ id, value }) => [id, value.rev]));
  const bodies = docs.map((doc) => {
    const { id, ...words } = plainDoc(doc);
    const rev = revisions.get(id);
    return { _id: id, ...words, ...(rev && { _rev: rev }) };
  });
  const results = await database.bulkDocs(bodies);
  if (!results.every(({ ok }) => ok)) throw new Error('The server did not take all documents.');
};

/** The costs of `after`, for whoever has `before`, and those of `before` over a link that is cut. */
export const pouchCosts = async (before: readonly Doc[], after: readonly Doc[]): Promise<PouchCosts> => {
  const Pouch = openPouch();
  const Stored = Pouch.defaults({ adapter: 'memory', prefix: 'server-' });
  const app = rival<(pouch: Pouch, options: object) => App>('express-pouchdb')(Stored, {
    mode: 'minimumForPouchDB',
  });
  const source = new Stored(DATABASE);
  await put(source, before);
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, 'localhost', () => resolve(listening));
  });
  try {
    return await withLink((server.address() as AddressInfo).port, async (link, url) => {
      const remoteAt = (origin: string): Database =>
        new Pouch(`${origin}/${DATABASE}`, {
          // At the levels that its server takes as it goes, gzip is shorter than brotli.
          fetch: (address: string, options: { headers: Headers }) => {
            options.headers.set('Accept-Encoding', 'gzip');
            return Pouch.fetch(address, options);
          },
        });
      const remote = remoteAt(url);
      const device = (name: string): Database => new Pouch(name, { adapter: 'memory' });
      const takes = async (to: Database, count: number): Promise<void> => {
        const { docs_written } = await Pouch.replicate(remote, to);
        if (docs_written !== count) throw new Error(`PouchDB wrote ${docs_written} of ${count} documents.`);
      };
      const cutFrom = async (from: Database, name: string): Promise<PouchCut> => {
        const to = device(name);
        const replicates = (): Promise<boolean> =>
          Pouch.replicate(from, to).then(
            () => true,
            () => false,
          );
        const run = await cutAgainAndAgain(link, replicates);
        return { ...run, documents: (await to.info()).doc_count };
      };
      const whole = device('whole');
      const content = await costOfWork(link, () => takes(whole, before.length));
      const changed = after.filter((doc, n) => doc !== before[n]);
      await put(source, changed);
      const change = await costOfWork(link, () => takes(whole, changed.length));
      const nothing = await costOfWork(link, () => takes(whole, 0));
      const design = { name: `PouchDB ${versionOf('pouchdb-core')}`, content, change, nothing };
      // Under another name of this machine, PouchDB does not remember that the server can give many documents at once.
      const fresh = await cutFrom(remoteAt(url.replace('localhost', '127.0.0.1')), 'fresh');
      return { design, known: await cutFrom(remote, 'known'), fresh };
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};
