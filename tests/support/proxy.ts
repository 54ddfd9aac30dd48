import { type AddressInfo, createServer } from 'node:net';
import { Connection, kill, type Plan, type Rules } from './proxy/connection.ts';
import { Link } from './proxy/link.ts';

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
  /** Round trips before the first byte of a connection: 1 for TCP, 2 with TLS 1.3, whose own bytes are not counted. 0 if nothing is said. */
  setUps?: number;
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

/** How one connection ends: its first `at` bytes, of both directions together, arrive. */
export interface ConnectionCut {
  at: number;
  kind: CutKind;
}

export interface LinkProxy {
  readonly port: number;
  readonly url: string;
  /** TCP payload bytes that have reached the client since the start or reset(). */
  down(): number;
  /** TCP payload bytes that have reached the far end of the link since the start or reset(). */
  up(): number;
  /** TCP payload bytes that were on their way when their connection was cut or given up, both ways, since the start or reset(). */
  lost(): number;
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
  /**
   * Asks plan at each connection that is opened from now on, numbered from 0, whether and where it is cut. A silent one takes all and gives
   * nothing more, until the client gives it up. Without a plan, none is cut.
   */
  cutSome(plan?: (connection: number) => ConnectionCut | undefined): void;
  /** Connections that were cut by such a plan since the start or reset(). */
  cuts(): number;
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

const PORTAL_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wi-Fi login</title></head>
<body><h1>Welcome to the guest network</h1>
<form method="post" action="/login"><label>Voucher <input name="voucher"></label><button>Log in</button></form>
</body></html>
`;

export const startProxy = async (options: ProxyOptions): Promise<LinkProxy> => {
  const up = new Link();
  const down = new Link();
  const connections = new Set<Connection>();
  let upBytes = 0;
  let downBytes = 0;
  let entries: LogEntry[] = [];
  let state: CutKind | 'open' = 'open';
  let cutOf: (connection: number) => ConnectionCut | undefined = () => undefined;
  let opened = 0;
  let cuts = 0;
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
    countCut: () => {
      cuts += 1;
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
    const cut = cutOf(opened++);
    const { target, setUps = 0 } = options;
    connections.add(new Connection({ client, target, up, down, rules, setUps, ...(cut && { cut }) }));
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
    lost: () => up.lost + down.lost,
    requests: () => entries.length,
    log: () => entries.map((entry) => ({ ...entry })),
    reset() {
      upBytes = 0;
      downBytes = 0;
      cuts = 0;
      up.lost = 0;
      down.lost = 0;
      entries = [];
    },
    set,
    cut(kind = 'reset') {
      state = kind;
      if (kind === 'reset') destroyAll();
      hold(kind === 'silent');
    },
    cutSome(plan = () => undefined) {
      cutOf = plan;
      opened = 0;
    },
    cuts: () => cuts,
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
