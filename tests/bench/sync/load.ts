import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { toBase64Url } from '../../../src/core/protocol/bytes.ts';
import { centreOf, sealLetter } from '../../../src/core/protocol/envelope.ts';
import { idOfToken } from '../../../src/core/protocol/ids.ts';
import type { LibraryState } from '../../../src/core/sync/ports.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import type { Carrier } from '../../../src/engine/link.ts';
import { Syncer } from '../../../src/engine/syncer.ts';
import { fetchTransport } from '../../../src/engine/transport.ts';
import { type LibraryData, MemoryLibrary } from '../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../src/store/memory-outbox.ts';
import { randomFrom } from '../../support/big-library.ts';
import { testLetter } from '../../support/fixtures.ts';
import type { Row } from '../report.ts';
import { type Scene, type Versions, withScene } from './scene.ts';

/** One hub, and many devices that sync every minute: how long each request takes, and what the hub's memory does. */

const DEVICES = Number(process.env.DEVICES ?? 1_000);
const MINUTES = Number(process.env.MINUTES ?? 3);
const MINUTE = 60_000;
/** One in so many syncs delivers an answer. */
const ANSWER_EVERY = 10;
const SAMPLE_MS = 5_000;

/** Milliseconds of each request, from its first byte sent to its last byte received, over a connection of its own as after a minute's silence. */
class Timer implements Carrier {
  readonly took: number[] = [];
  failed = 0;

  fetch(url: string, { method = 'GET', headers, body }: RequestInit): Promise<Response> {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.failed++;
        reject(error);
      };
      const asked = request(url, { method, agent: false, headers: headers as Record<string, string> }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', fail);
        response.once('end', () => {
          this.took.push(performance.now() - began);
          const status = response.statusCode ?? 0;
          if (status >= 400) this.failed++;
          const known = Object.entries(response.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]);
          resolve(new Response(Buffer.concat(parts), { status, headers: known }));
        });
      });
      asked.once('error', fail);
      asked.end(body as Uint8Array | undefined);
    });
  }
}

const never = new AbortController().signal;

/** A device with the library's French shelf, which it shares with the others until it changes. */
class SimulatedDevice {
  readonly library = new MemoryLibrary();
  readonly outbox = new MemoryOutbox();
  readonly #syncer: Syncer;

  constructor(url: string, data: LibraryData | undefined, carrier: Carrier) {
    if (data) this.library.data = data;
    const meter = new Meter(webPlatform.now, false);
    const transport = fetchTransport(webPlatform, url, meter, carrier);
    const ports = { platform: webPlatform, library: this.library, answers: this.outbox, transport, meter };
    this.#syncer = new Syncer({ ...ports, locks: null });
  }

  async sync(): Promise<void> {
    await this.#syncer.run('page', never);
  }

  /** Freezes an answer, as the engine does. */
  async answer(): Promise<void> {
    const { root } = (await this.library.library()) as LibraryState;
    const addressee = centreOf(root);
    const fresh = (): string => toBase64Url(webPlatform.randomBytes(16));
    const token = fresh();
    const sealed = await sealLetter(webPlatform, addressee, testLetter({ helped: 'yes' }));
    const id = await idOfToken(webPlatform, token);
    await this.outbox.freeze({ id, token, to: addressee.id, ...sealed }, fresh);
  }
}

/** Resident bytes of a process, on Linux. */
const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] as number;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Load {
  readonly timer: Timer;
  readonly syncs: number;
  readonly late: number;
  /** Devices that have what was published in the middle of it. */
  readonly updated: number;
  readonly memory: readonly number[];
}

const runLoad = async ({ hub, publish }: Scene, versions: Versions): Promise<Load> => {
  const first = new SimulatedDevice(hub.url, undefined, globalThis);
  await first.library.want('fr');
  await first.sync();
  const timer = new Timer();
  const devices = Array.from({ length: DEVICES }, () => new SimulatedDevice(hub.url, first.library.data, timer));
  const random = randomFrom(1);
  const memory: number[] = [];
  let syncs = 0;
  /** Syncs that began more than a second after their time: the devices, not the hub, were slow. */
  let late = 0;
  const start = performance.now();
  const end = start + MINUTES * MINUTE;
  const live = async (device: SimulatedDevice): Promise<void> => {
    for (let at = start + random() * MINUTE; at < end; at += MINUTE) {
      await sleep(Math.max(0, at - performance.now()));
      if (performance.now() - at > 1_000) late++;
      if (random() < 1 / ANSWER_EVERY) await device.answer();
      await device.sync();
      syncs++;
    }
  };
  const watch = async (): Promise<void> => {
    while (performance.now() < end) {
      memory.push(residentOf(hub.pid()));
      await sleep(SAMPLE_MS);
    }
  };
  const news = async (): Promise<void> => {
    await sleep((MINUTES * MINUTE) / 2);
    await publish(versions.oneShelf);
  };
  // A sync that fails ends it.
  await Promise.all([...devices.map(live), watch(), news()]);
  const cursors = await Promise.all(devices.map(({ library }) => library.shelf('fr')));
  const updated = cursors.filter(({ baseSeq }) => baseSeq === 2).length;
  return { timer, syncs, late, updated, memory };
};

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

export const measureLoad = (versions: Versions, say: (what: string) => void): Promise<Row[]> => {
  say(`Running ${DEVICES} devices for ${MINUTES} minutes ...`);
  return withScene(versions.first, async (scene) => {
    const { timer, syncs, late, updated, memory } = await runLoad(scene, versions);
    const { took, failed } = timer;
    // The first third is what a process takes that has just begun.
    const rest = memory.slice(Math.floor(memory.length / 3));
    const half = Math.floor(rest.length / 2);
    const grown = mean(rest.slice(half)) / mean(rest.slice(0, half));
    const detail = {
      devices: DEVICES,
      minutes: MINUTES,
      syncs,
      requests: took.length,
      failed,
      late,
      updated,
      p50: Math.round(quantile(took, 0.5)),
      p99: Math.round(quantile(took, 0.99)),
      most: Math.round(quantile(took, 1)),
    };
    if (failed > 0 || updated < DEVICES / 2) throw new Error(`It went wrong: ${JSON.stringify(detail)}`);
    return [
      {
        key: 'load',
        what: `95th percentile of a request, ${DEVICES} devices at one hub, each syncing every minute for ${MINUTES}`,
        measured: Math.round(quantile(took, 0.95)),
        unit: 'ms',
        limit: 250,
        detail,
      },
      {
        key: 'load-memory',
        what: "the hub's memory in the last third of that, against the third before",
        measured: Number(grown.toFixed(3)),
        unit: 'times',
        limit: 1.1,
        detail: { everySeconds: SAMPLE_MS / 1000, megabytes: memory.map(megabytes) },
      },
    ];
  });
};
