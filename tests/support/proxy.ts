import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

// A link between a browser and the server, as bad as a test wants it. It works on TCP, because the browser's own
// throttling misses service workers; it reads HTTP/1.1 only to count requests and to lose or replace single replies.

export interface LinkSpeed {
  /** Shared by all connections, for each direction; Infinity lifts the limit. */
  bytesPerSecond?: number;
  /** Half of it delays each direction. */
  rttMs?: number;
}

export interface ProxyOptions extends LinkSpeed {
  /** Port of the real server on this machine. */
  target: number;
  /** Port to listen on; 0 or nothing takes a free one. */
  listen?: number;
}

export interface LogEntry {
  method: string;
  path: string;
  /** Bytes of the request that reached the far end, headers included. */
  upBytes: number;
  /** Bytes of the reply that reached the client, headers included. */
  downBytes: number;
}

export interface ProxiedRequest {
  method: string;
  path: string;
  /** Request line and headers as sent. */
  head: string;
}

export interface CannedReply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** undefined: not this one, pass it on and ask again for the next. 'hang': never answer. 'reset': not delivered. */
export type Interception = CannedReply | 'reset' | 'hang' | undefined;

export type CutKind = 'reset' | 'silent';

export interface LinkProxy {
  readonly port: number;
  readonly url: string;
  /** TCP payload bytes that have reached the client since the start or reset(). */
  down(): number;
  /** TCP payload bytes that have reached the far end of the link since the start or reset(). */
  up(): number;
  /** HTTP requests that have reached the far end, answered by whomever. */
  requests(): number;
  /** One entry a request, in order of arrival. */
  log(): LogEntry[];
  /** Sets the counters and the log to nothing; the link keeps its state. */
  reset(): void;
  /** Changes only what is given. */
  set(speed: LinkSpeed): void;
  /** 'reset' (default) kills all connections and every new one; 'silent' is a black hole that holds all bytes. */
  cut(kind?: CutKind): void;
  /** Ends a cut; what a silent cut has held flows on. */
  restore(): void;
  /** Asks fn at each request until it gives something other than undefined, and does that instead of forwarding. */
  interceptOnce(fn: (request: ProxiedRequest) => Interception): void;
  /**
   * The next request whose request line matches reaches the server, and its reply is lost. Resolves when the last of
   * `times` has been. Chromium by itself sends a request again, even a POST, if a *reused* connection breaks before
   * the reply: to let the page see the failure, do `cut(); restore();` first, or lose 2 replies.
   */
  loseReply(match: RegExp, times?: number): Promise<void>;
  /** On: answers every request with 200 and a login page, as a captive portal does. */
  portal(on: boolean): void;
  close(): Promise<void>;
}

const PACKET = 1460;
const QUEUE_HIGH = 262_144;
const HEAD_LIMIT = 65_536;
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

const PORTAL_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wi-Fi login</title></head>
<body><h1>Welcome to the guest network</h1>
<form method="post" action="/login"><label>Voucher <input name="voucher"></label><button>Log in</button></form>
</body></html>
`;

type Mark = 'end' | 'reset';

interface Item {
  data: Buffer;
  mark?: Mark;
  entry?: LogEntry;
}

/** One connection's bytes in one direction, still to be sent over the link. */
interface Flow {
  queue: Item[];
  bytes: number;
  /** The receiver does not keep up. */
  blocked: boolean;
  /** Drops whatever is still under way. */
  closed: boolean;
  deliver(item: Item): void;
  /** Called when there is room for more, after push() has said no. */
  room?: (() => void) | undefined;
}

const createFlow = (deliver: (item: Item) => void): Flow => ({
  queue: [],
  bytes: 0,
  blocked: false,
  closed: false,
  deliver,
});

/** One direction of the link: one clock for all connections, who take turns packet by packet. */
class Link {
  bytesPerSecond = Number.POSITIVE_INFINITY;
  delayMs = 0;
  held = false;
  readonly #waiting: Flow[] = [];
  #flying: { flow: Flow; item: Item; at: number }[] = [];
  #freeAt = 0;
  #idle = true;
  #sendTimer: NodeJS.Timeout | undefined;
  #landTimer: NodeJS.Timeout | undefined;

  /** False: enough is queued, wait for flow.room. */
  push(flow: Flow, item: Item): boolean {
    if (flow.closed) return true;
    flow.queue.push(item);
    flow.bytes += item.data.length;
    if (!this.#waiting.includes(flow)) this.#waiting.push(flow);
    this.#send();
    return flow.bytes < QUEUE_HIGH;
  }

  drop(flow: Flow): void {
    flow.closed = true;
    flow.queue = [];
    flow.bytes = 0;
    flow.room = undefined;
    const index = this.#waiting.indexOf(flow);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.#flying = this.#flying.filter((packet) => packet.flow !== flow);
  }

  /** After a change of speed, of `held` or of a flow's `blocked`. */
  wake(): void {
    this.#send();
    this.#land();
  }

  /** A new speed counts from now, not from when the packet that is being sent would have been through. */
  hurry(): void {
    this.#freeAt = Math.min(this.#freeAt, performance.now());
  }

  stop(): void {
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#landTimer);
  }

  #send(): void {
    clearTimeout(this.#sendTimer);
    while (true) {
      const index = this.held ? -1 : this.#waiting.findIndex((flow) => !flow.blocked);
      const flow = this.#waiting[index];
      if (!flow) {
        this.#idle = true;
        return;
      }
      const now = performance.now();
      // A late timer is caught up with, so that the rate holds; but idle time saves up nothing.
      if (this.#idle) this.#freeAt = Math.max(this.#freeAt, now);
      this.#idle = false;
      if (this.#freeAt > now) {
        this.#sendTimer = setTimeout(() => this.#send(), Math.ceil(this.#freeAt - now));
        return;
      }
      this.#waiting.splice(index, 1);
      const item = this.#take(flow);
      if (flow.queue.length > 0) this.#waiting.push(flow);
      if (Number.isFinite(this.bytesPerSecond)) this.#freeAt += (item.data.length / this.bytesPerSecond) * 1000;
      else this.#freeAt = now;
      const at = Math.max(this.#freeAt + this.delayMs, this.#flying.at(-1)?.at ?? 0);
      this.#flying.push({ flow, item, at });
      this.#land();
      if (flow.room && flow.bytes < QUEUE_HIGH / 2) {
        const { room } = flow;
        flow.room = undefined;
        room();
      }
    }
  }

  #take(flow: Flow): Item {
    const first = flow.queue[0] as Item;
    const limit = Number.isFinite(this.bytesPerSecond)
      ? Math.max(PACKET, Math.floor(this.bytesPerSecond / 100))
      : Number.POSITIVE_INFINITY;
    const size = Math.min(first.data.length, limit);
    flow.bytes -= size;
    if (size === first.data.length) {
      flow.queue.shift();
      return first;
    }
    const taken: Item = { ...first, data: first.data.subarray(0, size) };
    first.data = first.data.subarray(size);
    return taken;
  }

  #land(): void {
    clearTimeout(this.#landTimer);
    while (!this.held) {
      const next = this.#flying[0];
      if (!next) return;
      const wait = next.at - performance.now();
      if (wait > 0) {
        this.#landTimer = setTimeout(() => this.#land(), Math.ceil(wait));
        return;
      }
      this.#flying.shift();
      next.flow.deliver(next.item);
    }
  }
}

type Part = { kind: 'head' | 'body' | 'raw'; data: Buffer } | { kind: 'done' };

/** Cuts a stream of HTTP/1.1 requests into heads and bodies; what is no HTTP comes out raw. */
class RequestScanner {
  #state: 'head' | 'length' | 'size' | 'chunk' | 'trailer' | 'raw' = 'head';
  #pending: Buffer = NOTHING;
  #left = 0;

  /** From here on the stream is no HTTP, e.g. a WebSocket. */
  makeRaw(): void {
    this.#state = 'raw';
  }

  /** The start of a head that will not come to its end. */
  rest(): Buffer {
    const rest = this.#pending;
    this.#pending = NOTHING;
    return rest;
  }

  *feed(bytes: Buffer): Generator<Part> {
    let data = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    this.#pending = NOTHING;
    while (data.length > 0) {
      if (this.#state === 'raw') {
        yield { kind: 'raw', data };
        return;
      }
      if (this.#state === 'head') {
        const end = data.indexOf(HEAD_END);
        const plausible = /^[A-Z]/.test(data.toString('latin1', 0, 1)) && data.length < HEAD_LIMIT;
        if (end < 0 && plausible) {
          this.#pending = data;
          return;
        }
        if (end < 0 || !/^[A-Z]+ \S+ HTTP\/1\.\d\r\n/.test(data.toString('latin1', 0, end + 2))) {
          this.#state = 'raw';
          continue;
        }
        const head = data.subarray(0, end + HEAD_END.length);
        data = data.subarray(head.length);
        const text = head.toString('latin1');
        this.#left = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
        if (/^transfer-encoding:.*chunked/im.test(text)) this.#state = 'size';
        else if (this.#left > 0) this.#state = 'length';
        yield { kind: 'head', data: head };
        if (this.#state === 'head') yield { kind: 'done' };
        continue;
      }
      if (this.#state === 'length' || this.#state === 'chunk') {
        const part = data.subarray(0, this.#left);
        data = data.subarray(part.length);
        this.#left -= part.length;
        const whole = this.#left === 0;
        const last = whole && this.#state === 'length';
        if (whole) this.#state = last ? 'head' : 'size';
        yield { kind: 'body', data: part };
        if (last) yield { kind: 'done' };
        continue;
      }
      const lineEnd = data.indexOf('\n');
      if (lineEnd < 0) {
        this.#pending = data;
        return;
      }
      const line = data.subarray(0, lineEnd + 1);
      data = data.subarray(line.length);
      const text = line.toString('latin1').trim();
      let last = false;
      if (this.#state === 'size') {
        const size = Number.parseInt(text, 16) || 0;
        this.#state = size > 0 ? 'chunk' : 'trailer';
        // The data's own line end counts as part of the chunk.
        this.#left = size + 2;
      } else if (text === '') {
        this.#state = 'head';
        last = true;
      }
      yield { kind: 'body', data: line };
      if (last) yield { kind: 'done' };
    }
  }
}

const serialise = (reply: CannedReply, method: string): Buffer => {
  const body = Buffer.from(reply.body ?? '');
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...reply.headers, 'Content-Length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = reply.status ?? 200;
  const head = Buffer.from(`HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Intercepted'}\r\n${lines.join('')}\r\n`);
  return method === 'HEAD' ? head : Buffer.concat([head, body]);
};

const kill = (socket: Socket): void => {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
};

type Plan = { kind: 'forward' } | { kind: 'lose'; lost: () => void } | { kind: 'answer'; reply: Interception };

interface Rules {
  /** Counts and logs a request, and says what becomes of it. */
  plan(request: ProxiedRequest): { plan: Plan; entry: LogEntry };
  countUp(bytes: number): void;
  countDown(bytes: number): void;
  closed(connection: Connection): void;
}

/** client -> up link -> far end -> server, and back through the down link. */
class Connection {
  readonly #client: Socket;
  readonly #targetPort: number;
  readonly #up: Link;
  readonly #down: Link;
  readonly #rules: Rules;
  readonly #upFlow: Flow;
  readonly #downFlow: Flow;
  readonly #scanner = new RequestScanner();
  #target: Socket | undefined;
  #targetEnded = false;
  #upDone = false;
  #plan: Plan = { kind: 'forward' };
  #entry: LogEntry | undefined;
  #method = '';

  constructor(client: Socket, targetPort: number, up: Link, down: Link, rules: Rules) {
    this.#client = client;
    this.#targetPort = targetPort;
    this.#up = up;
    this.#down = down;
    this.#rules = rules;
    this.#upFlow = createFlow((item) => this.#arriveFar(item));
    this.#downFlow = createFlow((item) => this.#arriveNear(item));
    client.on('data', (data) => {
      if (up.push(this.#upFlow, { data })) return;
      client.pause();
      this.#upFlow.room = () => client.resume();
    });
    client.on('end', () => up.push(this.#upFlow, { data: NOTHING, mark: 'end' }));
    client.on('drain', () => this.#unblock(down, this.#downFlow));
    client.on('error', () => {});
    client.on('close', (failed) => {
      down.drop(this.#downFlow);
      // Not at once: the server learns of it over the same link, after the bytes that were sent before.
      if (failed || !client.readableEnded) up.push(this.#upFlow, { data: NOTHING, mark: 'reset' });
      this.#finish();
    });
  }

  destroy(): void {
    this.#up.drop(this.#upFlow);
    this.#down.drop(this.#downFlow);
    kill(this.#client);
    if (this.#target) kill(this.#target);
    this.#rules.closed(this);
  }

  /** A client that is gone may still have bytes under way, which a cut must be able to stop. */
  #finish(): void {
    if (!this.#upDone && !this.#upFlow.closed) return;
    if (this.#client.destroyed && (this.#target?.destroyed ?? true)) this.#rules.closed(this);
  }

  #unblock(link: Link, flow: Flow): void {
    flow.blocked = false;
    link.wake();
  }

  #arriveNear({ data, mark, entry }: Item): void {
    if (this.#client.destroyed) return;
    if (data.length > 0) {
      this.#rules.countDown(data.length);
      if (entry) entry.downBytes += data.length;
      if (!this.#client.write(data)) this.#downFlow.blocked = true;
    }
    // Only here, behind the last byte: ending as soon as the server does would truncate what is still queued.
    if (mark === 'end') this.#client.end();
    else if (mark === 'reset') kill(this.#client);
  }

  #arriveFar({ data, mark }: Item): void {
    if (data.length > 0) {
      this.#rules.countUp(data.length);
      for (const part of this.#scanner.feed(data)) {
        if (this.#upFlow.closed) return;
        if (part.kind === 'raw') this.#forward(part.data);
        else if (part.kind === 'done') this.#requestDone();
        else {
          if (part.kind === 'head') this.#requestHead(part.data);
          if (this.#entry) this.#entry.upBytes += part.data.length;
          if (this.#plan.kind !== 'answer') this.#forward(part.data);
        }
      }
    }
    if (mark === 'end') {
      const rest = this.#scanner.rest();
      if (rest.length > 0) this.#forward(rest);
      if (this.#target) this.#target.end();
      else this.#sendDown({ data: NOTHING, mark: 'end' });
    } else if (mark === 'reset' && this.#target) kill(this.#target);
    if (!mark) return;
    this.#upDone = true;
    this.#finish();
  }

  #requestHead(data: Buffer): void {
    const head = data.toString('latin1');
    const [method = '', path = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
    const { plan, entry } = this.#rules.plan({ method, path, head });
    this.#plan = plan;
    this.#entry = entry;
    this.#method = method;
    if (plan.kind === 'answer' && plan.reply === 'reset') this.#lostToClient();
  }

  /** A reply of the proxy's own waits for the request's end, as a client may not read before. */
  #requestDone(): void {
    if (this.#plan.kind !== 'answer') return;
    const { reply } = this.#plan;
    if (reply === 'hang' || reply === 'reset' || reply === undefined) return;
    this.#sendDown({ data: serialise(reply, this.#method) });
  }

  #forward(data: Buffer): void {
    this.#target ??= this.#connect();
    // The server has closed this connection in the meantime, as after its keep-alive time.
    if (!this.#target.writable) this.#lostToClient();
    else if (!this.#target.write(data)) this.#upFlow.blocked = true;
  }

  #lostToClient(): void {
    this.#up.drop(this.#upFlow);
    this.#sendDown({ data: NOTHING, mark: 'reset' });
    // The server may finish what it says; nobody hears it.
    this.#targetEnded = true;
    this.#target?.removeAllListeners('data').resume().end();
  }

  #sendDown(item: Item): void {
    const tagged: Item = this.#entry ? { ...item, entry: this.#entry } : item;
    const target = this.#target;
    if (this.#down.push(this.#downFlow, tagged) || !target) return;
    target.pause();
    this.#downFlow.room = () => target.resume();
  }

  #connect(): Socket {
    // By name, so that a server that listens on ::1 only is found too.
    const target = connect({ host: 'localhost', port: this.#targetPort, allowHalfOpen: true, noDelay: true });
    target.on('data', (data) => this.#fromTarget(data));
    target.on('end', () => {
      if (this.#targetEnded) return;
      this.#targetEnded = true;
      this.#sendDown({ data: NOTHING, mark: this.#plan.kind === 'lose' ? 'reset' : 'end' });
    });
    target.on('drain', () => this.#unblock(this.#up, this.#upFlow));
    target.on('error', () => {});
    target.on('close', () => {
      if (!this.#targetEnded) {
        this.#targetEnded = true;
        this.#sendDown({ data: NOTHING, mark: 'reset' });
      }
      // No 'drain' comes any more.
      this.#unblock(this.#up, this.#upFlow);
      this.#finish();
    });
    return target;
  }

  #fromTarget(data: Buffer): void {
    const start = data.toString('latin1', 0, 12);
    if (start === 'HTTP/1.1 101') this.#scanner.makeRaw();
    // An interim reply (100 Continue) is still before the server's answer.
    if (this.#plan.kind !== 'lose' || /^HTTP\/1\.1 1/.test(start)) {
      this.#sendDown({ data });
      return;
    }
    this.#plan.lost();
    this.#lostToClient();
  }
}

export const startProxy = async (options: ProxyOptions): Promise<LinkProxy> => {
  const up = new Link();
  const down = new Link();
  const connections = new Set<Connection>();
  let upBytes = 0;
  let downBytes = 0;
  let entries: LogEntry[] = [];
  let state: CutKind | 'open' = 'open';
  let portalOn = false;
  let interceptors: ((request: ProxiedRequest) => Interception)[] = [];
  let losses: { match: RegExp; times: number; resolve: () => void }[] = [];

  const loss = (line: string): Plan | undefined => {
    const rule = losses.find(({ match }) => line.search(match) >= 0);
    if (!rule) return undefined;
    rule.times -= 1;
    if (rule.times > 0) return { kind: 'lose', lost: () => {} };
    losses = losses.filter((other) => other !== rule);
    return { kind: 'lose', lost: rule.resolve };
  };

  const decide = (request: ProxiedRequest): Plan => {
    for (const fn of interceptors) {
      const reply = fn(request);
      if (reply === undefined) continue;
      interceptors = interceptors.filter((other) => other !== fn);
      return { kind: 'answer', reply };
    }
    if (portalOn) return { kind: 'answer', reply: { body: PORTAL_PAGE, headers: { 'Content-Type': 'text/html' } } };
    return loss(request.head.slice(0, request.head.indexOf('\r\n'))) ?? { kind: 'forward' };
  };

  const rules: Rules = {
    plan(request) {
      const entry: LogEntry = { method: request.method, path: request.path, upBytes: 0, downBytes: 0 };
      entries.push(entry);
      return { plan: decide(request), entry };
    },
    countUp: (bytes) => {
      upBytes += bytes;
    },
    countDown: (bytes) => {
      downBytes += bytes;
    },
    closed: (connection) => connections.delete(connection),
  };

  const set = ({ bytesPerSecond, rttMs }: LinkSpeed): void => {
    for (const link of [up, down]) {
      if (bytesPerSecond !== undefined) {
        if (!(bytesPerSecond > 0)) throw new RangeError('bytesPerSecond must be above 0: for no bytes at all, cut()');
        link.bytesPerSecond = bytesPerSecond;
        link.hurry();
      }
      if (rttMs !== undefined) link.delayMs = rttMs / 2;
      link.wake();
    }
  };

  const hold = (held: boolean): void => {
    for (const link of [up, down]) {
      link.held = held;
      link.wake();
    }
  };

  const destroyAll = (): void => {
    for (const connection of [...connections]) connection.destroy();
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (state === 'reset') {
      client.on('error', () => {});
      kill(client);
      return;
    }
    connections.add(new Connection(client, options.target, up, down, rules));
  });

  set(options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `http://localhost:${port}`,
    down: () => downBytes,
    up: () => upBytes,
    requests: () => entries.length,
    log: () => entries.map((entry) => ({ ...entry })),
    reset() {
      upBytes = 0;
      downBytes = 0;
      entries = [];
    },
    set,
    cut(kind = 'reset') {
      state = kind;
      if (kind === 'reset') destroyAll();
      hold(kind === 'silent');
    },
    restore() {
      state = 'open';
      hold(false);
    },
    interceptOnce(fn) {
      interceptors.push(fn);
    },
    loseReply: (match, times = 1) =>
      new Promise((resolve) => {
        losses.push({ match, times, resolve });
      }),
    portal(on) {
      portalOn = on;
    },
    close: () =>
      new Promise((resolve) => {
        destroyAll();
        up.stop();
        down.stop();
        server.close(() => resolve());
      }),
  };
};
