import type { Alerts } from '../../src/core/protocol/alerts.ts';
import { SyncLoop } from '../../src/core/sync/loop.ts';
import type { ShelfCommit } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Engine } from '../../src/engine/engine.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { type LibraryData, MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { asChromium } from './chromium-headers.ts';

export interface PhoneOptions {
  readonly url: string;
  /** What is stored on it. */
  readonly library: LibraryData;
  /** Of the loop's pauses: 0 to 1. */
  readonly chance: () => number;
  /** Told of notices that were stored before the rest of their shelf, and (without any) of a shelf; `read`: bytes of its pack that were read by then. */
  readonly onAlerts: (read: number, alerts?: Alerts) => void;
}

/** A phone with one page open: the app's engine and loop, on real time and a real link, with its stores in memory. */
export class Phone {
  readonly library: MemoryLibrary;
  readonly #loop: SyncLoop;
  isSyncing = false;

  constructor({ url, library, chance, onAlerts }: PhoneOptions) {
    const platform = { ...webPlatform, chance };
    const meter = new Meter(platform.now, false);
    let read = 0;
    meter.onProgress = () => {
      read = meter.progress?.done ?? read;
    };
    this.library = new WatchedLibrary((alerts) => onAlerts(read, alerts));
    this.library.data = library;
    const engine = new Engine({
      platform,
      library: this.library,
      answers: new MemoryOutbox(),
      transport: fetchTransport(platform, url, meter, asChromium),
      meter,
      sacrifices: [],
      forgetMedia: async () => {},
      locks: null,
    });
    this.#loop = new SyncLoop({
      platform,
      run: (signal, asked) => engine.sync('page', signal, asked),
      onPhase: (phase) => {
        this.isSyncing = phase === 'running';
      },
    });
  }

  /** Somebody looks at the page. */
  open(): void {
    this.#loop.attend({ visible: true, owed: false });
  }

  /** The browser says that there is a link. */
  online(): void {
    this.#loop.sendNow();
  }

  close(): void {
    this.#loop.stop();
  }
}

class WatchedLibrary extends MemoryLibrary {
  readonly #onAlerts: (alerts?: Alerts) => void;
  constructor(onAlerts: (alerts?: Alerts) => void) {
    super();
    this.#onAlerts = onAlerts;
  }

  override async saveAlerts(alerts: Alerts, signed: Uint8Array): Promise<void> {
    await super.saveAlerts(alerts, signed);
    this.#onAlerts(await this.alerts(alerts.shelf));
  }

  override async commitShelf(change: ShelfCommit): Promise<void> {
    await super.commitShelf(change);
    this.#onAlerts();
  }
}
