import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { costOfWork, type Design, withLink } from './cost.ts';
import type { Doc } from './library.ts';
import { plainDoc } from './plain-rivals.ts';
import { rival, rivalModule, versionOf } from './rivals.ts';

/** RxDB with its HTTP replication: the pull endpoint of its documentation, with batches of 100 as by default, and a store in memory. */

interface Checkpoint {
  readonly updatedAt: number;
  readonly id: string;
}
type Pulled = ReturnType<typeof plainDoc> & { readonly updatedAt: number };

interface Collection {
  count(): { exec(): Promise<number> };
  findOne(id: string): { exec(): Promise<{ readonly updatedAt: number } | null> };
}
interface Core {
  createRxDatabase(options: object): Promise<{
    addCollections(collections: object): Promise<{ readonly docs: Collection }>;
    close(): Promise<unknown>;
  }>;
}
interface Replication {
  replicateRxCollection(options: object): {
    readonly error$: { subscribe(listener: (error: unknown) => void): void };
    awaitInitialReplication(): Promise<unknown>;
    cancel(): Promise<unknown>;
  };
}
interface App {
  use(handler: unknown): void;
  get(path: string, handler: (asked: IncomingMessage & { query: Record<string, string> }, reply: Reply) => void): void;
  listen(port: number, host: string, done: () => void): Server;
}
type Reply = ServerResponse & { json(value: unknown): void };

const text = { type: 'string' } as const;
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { ...text, maxLength: 100 },
    lang: text,
    title: text,
    summary: text,
    text,
    updatedAt: { type: 'number' },
  },
  required: ['id', 'lang', 'title', 'summary', 'text', 'updatedAt'],
};

const isBehind = (one: Pulled, { updatedAt, id }: Checkpoint): boolean =>
  one.updatedAt > updatedAt || (one.updatedAt === updatedAt && one.id > id);

/** A server whose documents have the time of their last change, in their order. */
const startServer = async (docs: () => readonly Pulled[]): Promise<Server> => {
  const express = rival<() => App>('express');
  const app = express();
  app.use(rival<() => unknown>('compression')());
  app.get('/pull', ({ query }, reply) => {
    const since = { updatedAt: Number(query.updatedAt), id: query.id ?? '' };
    const documents = docs()
      .filter((one) => isBehind(one, since))
      .toSorted((a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : 1))
      .slice(0, Number(query.limit));
    const last = documents.at(-1);
    reply.json({ documents, checkpoint: last ? { id: last.id, updatedAt: last.updatedAt } : since });
  });
  return new Promise((resolve) => {
    const server = app.listen(0, 'localhost', () => resolve(server));
  });
};

export const rxCosts = async (before: readonly Doc[], after: readonly Doc[]): Promise<Design> => {
  const { createRxDatabase } = await rivalModule<Core>('rxdb/plugins/core');
  const { getRxStorageMemory } = await rivalModule<{ getRxStorageMemory(): unknown }>('rxdb/plugins/storage-memory');
  const { replicateRxCollection } = await rivalModule<Replication>('rxdb/plugins/replication');
  // Milliseconds since 1970, as its documentation has them.
  const TIMES = [1_790_000_000_000, 1_790_000_600_000] as const;
  let docs: readonly Pulled[] = before.map((doc) => ({ ...plainDoc(doc), updatedAt: TIMES[0] }));
  const server = await startServer(() => docs);
  const database = await createRxDatabase({ name: 'device', storage: getRxStorageMemory(), multiInstance: false });
  try {
    const { docs: collection } = await database.addCollections({ docs: { schema } });
    return await withLink((server.address() as AddressInfo).port, async (link, url) => {
      const sync = async (): Promise<void> => {
        const state = replicateRxCollection({
          collection,
          replicationIdentifier: 'bench',
          live: false,
          pull: {
            async handler(since: Checkpoint | undefined, limit: number) {
              const { updatedAt = 0, id = '' } = since ?? {};
              const query = `updatedAt=${updatedAt}&id=${encodeURIComponent(id)}&limit=${limit}`;
              return (await fetch(`${url}/pull?${query}`, { headers: { 'Accept-Encoding': 'gzip' } })).json();
            },
          },
        });
        const failed = new Promise<never>((_, reject) => state.error$.subscribe(reject));
        await Promise.race([state.awaitInitialReplication(), failed]);
        await state.cancel();
      };
      const content = await costOfWork(link, sync);
      const count = await collection.count().exec();
      if (count !== before.length) throw new Error(`RxDB has ${count} of ${before.length} documents.`);
      docs = after.map((doc, n) => ({ ...plainDoc(doc), updatedAt: doc === before[n] ? TIMES[0] : TIMES[1] }));
      const change = await costOfWork(link, sync);
      for (const { id, updatedAt } of docs)
        if ((await collection.findOne(id).exec())?.updatedAt !== updatedAt) throw new Error(`RxDB has an old ${id}.`);
      return { name: `RxDB ${versionOf('rxdb')}`, content, change, nothing: await costOfWork(link, sync) };
    });
  } finally {
    await database.close();
    server.closeAllConnections();
    server.close();
  }
};
