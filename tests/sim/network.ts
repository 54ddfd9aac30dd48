import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Envelope, parseBatch } from '../../src/core/protocol/envelope.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { receiptFor } from '../support/fixtures.ts';
import { type Caller, type Ending, Exchange, OVERHEAD, whole } from './exchange.ts';
import type { Reply, Site } from './process.ts';
import type { Draw } from './random.ts';
import type { Edition, Stage } from './stage.ts';
import type { World } from './world.ts';

/** The link between a device or a hub in between and the hub above it, at the level of `fetch`, with whoever stands in between. */

export const ORIGIN = 'http://hub.test';

/** What a link does by itself. */
const FAULTS = [
  'refuse',
  'hang',
  'lost on the way',
  'reply lost',
  'reply hangs',
  'cut',
  'ends early',
  'stalls',
  'twice',
  'late',
  'portal',
  'portal without a type',
  'redirect',
  'bad gateway after all',
  'server error after all',
  'busy',
  'upload cut',
  'upload breaks off',
  'forbidden',
] as const;

/** What somebody in between does, who wants to deceive or is broken. */
const LIES = [
  'old tree',
  'stranger',
  'other shelf',
  'flip',
  'false receipt',
  'receipt of another',
  'false refusal',
] as const;

/** What a hub does that lies, of which nobody else on the link is able: it says no, and hands nothing on. */
const LIARS = [...LIES, 'kept back'] as const;

export type LinkFault = (typeof FAULTS)[number] | (typeof LIARS)[number];

export const LINK_FAULTS: readonly LinkFault[] = [...FAULTS, ...LIES];

const LYING: ReadonlySet<string> = new Set(LIARS);
const FOR_GET: ReadonlySet<string> = new Set(['old tree', 'stranger', 'other shelf', 'flip']);
const FOR_BATCH: ReadonlySet<string> = new Set(['false receipt', 'receipt of another', 'false refusal', 'kept back']);
const FOR_UPLOAD: ReadonlySet<string> = new Set(['upload cut', 'upload breaks off']);

const PAGE = new TextEncoder().encode('<!doctype html><title>Wi-Fi</title><p>Achetez un forfait.');

/** A batch, whole; not one that goes on. */
const BATCH = /^\/o\/batch(\?|$)/;

export interface NetworkOptions {
  readonly world: World;
  readonly stage: Stage;
  /** Names its requests among all decisions of the seed. */
  readonly name: string;
  /** Who is at the other end. */
  readonly to: () => Site;
  /** The number of the edition that the centre has. */
  readonly edition: () => number;
  /** Told what is carried, both ways, with an estimate of the headers. */
  readonly carried: (bytes: number) => void;
  /** Share of the requests at which whoever is at the other end lies. */
  readonly liar?: number;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #world: World;
  readonly #stage: Stage;
  /** Nobody answers. */
  isDown = false;
  /** Replies to batches: what somebody in between may say again. */
  readonly #said: Reply[] = [];

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#world = options.world;
    this.#stage = options.stage;
  }

  fetch(caller: Caller, url: string, init: RequestInit): Promise<Response> {
    const world = this.#world;
    const { carried } = this.#options;
    const name = world.next(this.#options.name);
    const path = url.slice(ORIGIN.length);
    const body = init.body instanceof Uint8Array ? init.body : new TextEncoder().encode(String(init.body ?? ''));
    const draw = world.decide(name, world.profile.link);
    const fault = draw ? this.#pick(draw, path, LINK_FAULTS) : this.#lies(name, path);
    world.log(
      `${caller.name} ${name} ${init.method ?? 'GET'} ${path}${body.length > 0 ? ` (${body.length})` : ''}${fault ? ` -- ${fault}` : ''}`,
    );
    if (fault && LYING.has(fault)) world.hasLied = true;
    return new Promise((resolve, reject) => {
      const request = new Exchange(caller, world, carried, init.signal ?? undefined, resolve, reject);
      const noise = world.noise(`${name}/noise`);
      const slow = fault === 'late' ? noise.between(5_000, 30_000) : 0;
      const up = noise.between(20, 500);
      const down = noise.between(20, 500) + slow;
      const page = (type: string): void =>
        request.reply({ status: 200, headers: { 'content-type': type }, bytes: PAGE }, up + down, whole);
      if (this.isDown || fault === 'refuse') return request.fail('network unreachable', this.isDown ? 5 : up);
      if (fault === 'hang') return;
      if (fault === 'lost on the way') return request.fail('connection reset', up + down);
      if (fault === 'portal') return page('text/html; charset=utf-8');
      if (fault === 'portal without a type') return page('application/octet-stream');
      if (fault === 'redirect') return request.fail('redirect', up + down);
      if (fault === 'forbidden') {
        const status = noise.pick([302, 400, 403, 413, 500, 511]);
        return request.reply({ status, headers: { 'content-type': 'text/html' }, bytes: PAGE }, up + down, whole);
      }
      if (fault === 'busy') {
        const bytes = new TextEncoder().encode(JSON.stringify({ v: PROTOCOL_VERSION, error: 'busy' }));
        const headers = { 'content-type': 'application/json', 'retry-after': String(noise.below(120)) };
        return request.reply({ status: 503, headers, bytes }, up + down, whole);
      }
      if (fault === 'kept back') {
        const nothing = { status: 200, headers: {}, bytes: PAGE };
        return request.reply(this.#lie(fault, noise, body, nothing), up + down, whole);
      }
      const isCut = fault !== undefined && FOR_UPLOAD.has(fault);
      const sent = isCut ? body.subarray(0, noise.below(body.length)) : body;
      const offer = (): Promise<Reply> => {
        carried(OVERHEAD + sent.length);
        if (fault === 'old tree') return this.#tree(this.#older(noise), path);
        if (fault === 'stranger') return this.#tree(noise.pick(this.#stage.stranger.editions), path);
        const asked = fault === 'other shelf' ? otherShelf(noise, path) : path;
        const isBroken = fault === 'upload breaks off';
        const length: Record<string, string> =
          body.length > 0 ? { 'Content-Length': String(isBroken ? body.length : sent.length) } : {};
        const headers = { ...Object.fromEntries(new Headers(init.headers)), ...length };
        return this.#options.to().handle(asked, {
          ...(init.method && { method: init.method }),
          headers,
          ...(body.length > 0 && { body: isBroken ? breaking(sent) : new Uint8Array(sent), duplex: 'half' }),
        });
      };
      const isBatch = BATCH.test(path);
      world.clock.after(up, () => {
        if (fault === 'twice') world.clock.after(noise.pick([0, 2, 5, 20, 4_000]), () => void offer().catch(() => {}));
        const carry = (): Promise<Reply> => (this.isDown ? Promise.reject(new TypeError('link lost')) : offer());
        const lied = (reply: Reply): Reply =>
          isBatch && fault && LYING.has(fault) ? this.#lie(fault, noise, body, reply) : reply;
        carry().then(
          (reply) => {
            if (isBatch) this.#said.push(reply);
            if (fault === 'reply lost' || fault === 'upload breaks off') return request.fail('connection reset', down);
            if (fault === 'reply hangs') return;
            if (fault === 'bad gateway after all') {
              return request.reply({ status: 502, headers: { 'content-type': 'text/html' }, bytes: PAGE }, down, whole);
            }
            if (fault === 'server error after all') {
              const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, error: 'hub' }));
              return request.reply(
                { status: 500, headers: { 'content-type': 'application/json' }, bytes },
                down,
                whole,
              );
            }
            const final = fault === 'flip' ? flipped(noise, reply) : lied(reply);
            request.reply(final, down, endingOf(fault, noise, final));
          },
          (error: unknown) => request.fail(String(error), down),
        );
      });
    });
  }

  /** Whoever is at the other end may be the one that lies. */
  #lies(name: string, path: string): LinkFault | undefined {
    const draw = this.#world.decide(`${name}/lie`, this.#options.liar ?? 0);
    return draw && this.#pick(draw, path, LIARS);
  }

  #pick(draw: Draw, path: string, kinds: readonly LinkFault[]): LinkFault | undefined {
    const isBatch = BATCH.test(path);
    const isUpload = path.startsWith('/o/batch');
    const isTree = path.startsWith('/c/');
    const fits = kinds.filter(
      (fault) =>
        (kinds === LIARS || this.#world.profile.kinds.has(fault)) &&
        (isTree || !FOR_GET.has(fault)) &&
        (isBatch || !FOR_BATCH.has(fault)) &&
        (isUpload || !FOR_UPLOAD.has(fault)) &&
        (isBatch || isTree || !LYING.has(fault)),
    );
    // What arrives twice at once is what hubs get wrong.
    if (isBatch && fits.includes('twice')) fits.push('twice', 'twice');
    // What deceives most, and is seen only where the hub does not have the answer.
    if (isBatch && fits.includes('false receipt')) fits.push('false receipt', 'false receipt', 'false receipt');
    return fits.length > 0 ? draw.pick(fits) : undefined;
  }

  #older(draw: Draw): Edition {
    const { editions } = this.#stage.ours;
    return editions[draw.below(this.#options.edition() + 1)] as Edition;
  }

  /** A file of a tree, as a web server that knows nothing of hubs serves it. */
  async #tree({ folder }: Edition, path: string): Promise<Reply> {
    const file = join(folder, path.replace(/\?.*/, ''));
    if (!existsSync(file)) return { status: 404, headers: {}, bytes: new Uint8Array(0) };
    const bytes = new Uint8Array(readFileSync(file));
    return {
      status: 200,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) },
      bytes,
    };
  }

  #lie(fault: LinkFault, draw: Draw, body: Uint8Array, honest: Reply): Reply {
    if (fault === 'receipt of another') return this.#said.length > 0 ? draw.pick(this.#said) : honest;
    const [stranger] = this.#stage.stranger.editions as readonly [Edition];
    const [ours] = this.#stage.ours.editions as readonly [Edition];
    const inOurName = draw.chance(0.5);
    const forge = (envelope: Envelope): SignedReceipt => {
      const { signed, sigs } = receiptFor(stranger.keys, envelope, 1 + draw.below(9));
      const { id } = ours.keys.hub;
      return inOurName
        ? { signed: { ...signed, by: id }, sigs: { [id]: Object.values(sigs)[0] as string } }
        : { signed, sigs };
    };
    const results = parseBatch(body).map((envelope) =>
      fault === 'false refusal' || fault === 'kept back'
        ? { id: envelope.header.id, status: 'rejected', code: 'hash' }
        : { id: envelope.header.id, status: 'stored', receipt: forge(envelope) },
    );
    const bytes = new TextEncoder().encode(JSON.stringify({ v: PROTOCOL_VERSION, results }));
    return { status: 200, headers: { 'content-type': 'application/json' }, bytes };
  }
}

/** A body of which so much arrives, and no more. */
const breaking = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      if (bytes.length > 0) controller.enqueue(bytes);
    },
    pull: (controller) => controller.error(new TypeError('connection reset')),
  });

const otherShelf = (draw: Draw, path: string): string =>
  path.replace(/[a-z]+\.pack(?=\?|$)/, `${draw.pick(['fr', 'en', 'ha'])}.pack`);

const flipped = (draw: Draw, reply: Reply): Reply => {
  const bytes = Uint8Array.from(reply.bytes);
  const at = draw.below(bytes.length);
  if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << draw.below(8));
  return { ...reply, bytes };
};

const endingOf = (fault: LinkFault | undefined, draw: Draw, { bytes }: Reply): Ending => {
  if (fault === 'cut') return { at: placeIn(draw, bytes), how: 'error' };
  if (fault === 'ends early') return { at: placeIn(draw, bytes), how: 'close' };
  if (fault === 'stalls') return { at: placeIn(draw, bytes), how: 'stall' };
  return whole;
};

/** Any byte; of a pack, as often the end of one of its sections. */
const placeIn = (draw: Draw, bytes: Uint8Array): number => {
  const ends: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isPack = bytes[0] === 0x52 && bytes[1] === 0x4c && bytes[2] === 0x50;
  for (let at = 4; isPack && at + 38 <= bytes.length; at += 38 + view.getUint32(at + 2)) ends.push(at);
  return ends.length > 0 && draw.chance(0.5) ? draw.pick(ends) : draw.below(bytes.length + 1);
};
