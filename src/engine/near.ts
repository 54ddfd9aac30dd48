import { codeOf } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import { type NearMet, nearOrigin } from '../core/protocol/near.ts';
import { parseRoot, rootIdentity } from '../core/protocol/root.ts';
import type { RunEnd } from '../core/sync/loop.ts';
import { Meter } from '../core/sync/traffic.ts';
import type { LibraryDb } from '../store/library-db.ts';
import type { Engine } from './engine.ts';
import type { Carrier } from './link.ts';
import { fetchTransport } from './transport.ts';

/** A hub in the same room answers in no time. One that is not there must not hold up the way to the centre. */
const PROBE_MS = 2_000;
/** A person is asked by the browser first, and reads what it says. */
const PERMISSION_MS = 120_000;
/** A hub that was there so lately is asked for pictures without another look. */
const HERE_MS = 5 * 60_000;
/** A centre signs its head each hour, and hubs in between look four times as often: what is older says that this one has no link. */
const FRESH_SECONDS = 2 * 3_600;
const MAX_ROOT = 16 * 1024;

/** A hub to fetch from, and what carries requests there. */
export interface NearHub {
  readonly origin: string;
  readonly carrier: Carrier;
}

export interface NearPorts {
  readonly platform: Platform;
  readonly engine: Pick<Engine, 'sync' | 'syncNear'> & {
    readonly library: Pick<LibraryDb, 'library' | 'policy' | 'setPolicy'>;
  };
  readonly carrier: Carrier;
}

/**
 * The hub on this Wi-Fi that a person chose. What goes over it costs nothing: it comes first, whatever was set about the link, but for a pause.
 *
 * Invariants: only the pinned library comes from it, by the checks of every other way; what is wrong with it changes nothing on this device, and
 * keeps nothing from coming the usual way.
 */
export class Near {
  readonly #ports: NearPorts;
  #here: { readonly origin: string; readonly at: number } | undefined;

  constructor(ports: NearPorts) {
    this.#ports = ports;
  }

  /** Looks whether the pinned library is at an address as it was typed or scanned; if so, notes it as the hub that comes first. */
  async meet(text: string): Promise<NearMet> {
    const { platform, carrier } = this.#ports;
    const { library } = this.#ports.engine;
    const origin = nearOrigin(text);
    if (!origin) return 'malformed';
    const known = await library.library();
    // Nobody on a Wi-Fi is to say whose library this app is of.
    if (!known) return 'early';
    const { signal } = this.#within(PERMISSION_MS);
    try {
      // Alone, since the deadlines of a link know nothing of a person who is asked.
      await carrier.fetch(`${origin}/c/head`, { credentials: 'omit', cache: 'no-store', signal });
      const { get } = fetchTransport(platform, origin, new Meter(platform.now, false), carrier);
      const root = await get('/c/root/1.json', MAX_ROOT, signal);
      if (!root.found) return 'no-link';
      if (rootIdentity(parseRoot(root.bytes).signed) !== known.identity) return 'foreign-root';
    } catch (error) {
      const { why } = (error as { readonly details?: { readonly why?: unknown } }).details ?? {};
      return why === 'denied' ? 'denied' : 'no-link';
    }
    await library.setPolicy({ near: origin });
    this.#here = { origin, at: platform.now() };
    return 'met';
  }

  /** One sync: with that hub where it answers, and with the centre where it does not, fails, or has no link of its own. Throws as `Engine.sync`. */
  async sync(signal: AbortSignal, asked: boolean): Promise<RunEnd> {
    const { platform, engine, carrier } = this.#ports;
    let end: RunEnd | undefined;
    const origin = await this.#find(signal);
    if (origin) {
      const meter = new Meter(platform.now, false);
      try {
        end = await engine.syncNear(fetchTransport(platform, origin, meter, carrier), meter, signal, asked);
        if (await this.#isFresh()) return end;
      } catch (error) {
        // Why it failed is in the log.
        if (signal.aborted) throw error;
      }
    }
    try {
      return await engine.sync('page', signal, asked);
    } catch (error) {
      if (end !== undefined && codeOf(error, 'storage') === 'no-link') return end;
      throw error;
    }
  }

  /** The hub, where it was there a moment ago; undefined: fetch the usual way. `asked`: by a tap, which ends no pause, and is not held by one. */
  async hub(asked: boolean): Promise<NearHub | undefined> {
    const { platform, engine, carrier } = this.#ports;
    const { near, paused } = await engine.library.policy();
    const age = platform.now() - (this.#here?.at ?? 0);
    if (!this.#here || this.#here.origin !== near || age < 0 || age > HERE_MS || (paused && !asked)) return undefined;
    return { origin: near, carrier: { fetch: (url, init) => carrier.fetch(url, init).catch(this.#gone) } };
  }

  /** Who has walked away from it waits for it once, and not for each picture. */
  readonly #gone = (error: unknown): never => {
    this.#here = undefined;
    throw error;
  };

  /** The address, if a library is there now. */
  async #find(outer: AbortSignal): Promise<string | undefined> {
    const { platform, engine, carrier } = this.#ports;
    this.#here = undefined;
    const origin = nearOrigin((await engine.library.policy()).near ?? '');
    if (!origin || !(await engine.library.library())) return undefined;
    const { signal, end } = this.#within(PROBE_MS, outer);
    try {
      const { ok } = await carrier.fetch(`${origin}/c/head`, { credentials: 'omit', cache: 'no-store', signal });
      if (!ok) return undefined;
    } catch {
      return undefined;
    } finally {
      end();
    }
    this.#here = { origin, at: platform.now() };
    return origin;
  }

  async #isFresh(): Promise<boolean> {
    const { platform, engine } = this.#ports;
    const issued = (await engine.library.library())?.head?.issued ?? 0;
    // A clock that is off, either way, says nothing: the centre is asked.
    return Math.abs(platform.now() / 1000 - issued) < FRESH_SECONDS;
  }

  /** A signal that ends after so long, or with another one. */
  #within(ms: number, outer?: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const cancel = this.#ports.platform.after(ms, stop);
    outer?.addEventListener('abort', stop, { once: true });
    const end = (): void => {
      cancel();
      outer?.removeEventListener('abort', stop);
    };
    return { signal: controller.signal, end };
  }
}
