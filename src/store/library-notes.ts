import type { GivenUp } from '../core/api/worker-api.ts';
import { asOne, LOG_LENGTH, type LogEntry, type SyncRecord } from '../core/protocol/log.ts';
import type { Policy, Traffic, TrafficRecord } from '../core/protocol/network.ts';
import type { HubsRecord } from '../core/sync/ports.ts';
import { Database } from './database.ts';
import type { GaveUp, Lease, LibrarySchema } from './library-schema.ts';

/** A year and a month: what a bundle can last. */
const BOOK_DAYS = 400;

/** What the library's database says beside the texts: how syncs ended, what the link carried, what was set about it, what had to make room. */
export class LibraryNotes extends Database<LibrarySchema> {
  async sync(): Promise<SyncRecord | undefined> {
    return (await this.get('meta', 'sync'))?.value as SyncRecord | undefined;
  }

  /** Stores how a sync ended, and a line for the log: a try that ended as the one before takes its line. */
  async ended(record: SyncRecord, entry: LogEntry): Promise<void> {
    const work = this.write(
      ['meta', 'log'],
      async (at) => {
        await at('meta').put({ key: 'sync', value: record });
        const before = (await at('log').openCursor(null, 'prev'))?.value;
        const one = asOne(before, entry);
        await at('log').put(one && before?.id !== undefined ? { ...one, id: before.id } : entry);
        for (const old of (await at('log').getAllKeys()).slice(0, -LOG_LENGTH)) await at('log').delete(old);
      },
      ['sync'],
    );
    await work;
  }

  async lastSyncs(): Promise<LogEntry[]> {
    return (await this.all('log')).reverse().map(({ id: _, ...entry }) => entry);
  }

  async hubs(): Promise<HubsRecord | undefined> {
    return (await this.get('meta', 'hubs'))?.value as HubsRecord | undefined;
  }

  async saveHubs(value: HubsRecord): Promise<void> {
    await this.write(['meta'], (at) => at('meta').put({ key: 'hubs', value }), ['hubs']);
  }

  async policy(): Promise<Policy> {
    return ((await this.get('settings', 'policy'))?.value ?? {}) as Policy;
  }

  /** Puts what is given in the place of what was there; `undefined` takes it away. */
  async setPolicy(change: Readonly<Partial<Record<keyof Policy, unknown>>>): Promise<void> {
    await this.write(['settings'], async (at) => {
      const before = (await at('settings').get('policy'))?.value ?? {};
      await at('settings').put({ key: 'policy', value: { ...before, ...change } as Policy });
    });
  }

  async giveUp(what: GivenUp, now: number): Promise<void> {
    await this.#changeGivenUp((before) => ({ ...before, [what]: { at: now, read: false } }));
  }

  async gaveUpAt(what: GivenUp): Promise<number | undefined> {
    return ((await this.get('settings', 'gaveUp'))?.value as GaveUp | undefined)?.[what]?.at;
  }

  /** Somebody has read that these went. */
  async readGivenUp(what: readonly GivenUp[]): Promise<void> {
    await this.#changeGivenUp((before) =>
      Object.fromEntries(
        Object.entries(before).map(([name, one]) => [
          name,
          { ...one, read: one.read || what.includes(name as GivenUp) },
        ]),
      ),
    );
  }

  async #changeGivenUp(change: (before: GaveUp) => GaveUp): Promise<void> {
    await this.write(['settings'], async (at) => {
      const before = (await at('settings').get('gaveUp'))?.value ?? {};
      await at('settings').put({ key: 'gaveUp', value: change(before as GaveUp) });
    });
  }

  /** What the link carried, day by day. */
  book(): Promise<TrafficRecord[]> {
    return this.all('traffic');
  }

  /** Adds to the book of a day; the oldest days go. */
  async spend(day: string, { up, down, requests }: Traffic): Promise<void> {
    await this.write(['traffic'], async (at) => {
      const before = (await at('traffic').get(day)) ?? { up: 0, down: 0, requests: 0 };
      await at('traffic').put({
        day,
        up: before.up + up,
        down: before.down + down,
        requests: before.requests + requests,
      });
      for (const old of (await at('traffic').getAllKeys()).slice(0, -BOOK_DAYS)) await at('traffic').delete(old);
    });
  }

  /** Takes the right to sync for `ms`, unless someone else holds it. Backs up Web Locks, which some workers lack. */
  async takeLease(by: string, now: number, ms: number): Promise<boolean> {
    return this.write(
      ['meta'],
      async (at) => {
        const lease = (await at('meta').get('lease'))?.value as Lease | undefined;
        // A lease from the future (the clock was set back) is nobody's.
        if (lease && lease.by !== by && lease.until > now && lease.until - now <= ms) return false;
        await at('meta').put({ key: 'lease', value: { by, until: now + ms } });
        return true;
      },
      [],
    );
  }

  async dropLease(by: string): Promise<void> {
    await this.write(
      ['meta'],
      async (at) => {
        const lease = (await at('meta').get('lease'))?.value as Lease | undefined;
        if (lease?.by === by) await at('meta').delete('lease');
      },
      [],
    );
  }
}
