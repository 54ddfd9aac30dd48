import { connect, type Socket } from 'node:net';
import type { CannedReply, ConnectionCut, Interception, LogEntry, ProxiedRequest } from '../proxy.ts';
import { createFlow, type Flow, type Item, type Link, NOTHING } from './link.ts';
import { RequestScanner } from './requests.ts';

const serialise = (reply: CannedReply, method: string): Buffer => {
  const body = Buffer.from(reply.body ?? '');
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...reply.headers, 'Content-Length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = reply.status ?? 200;
  const head = Buffer.from(`HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Intercepted'}\r\n${lines.join('')}\r\n`);
  return method === 'HEAD' ? head : Buffer.concat([head, body]);
};

export const kill = (socket: Socket): void => {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
};

export type Plan = { kind: 'forward' } | { kind: 'lose'; lost: () => void } | { kind: 'answer'; reply: Interception };

export interface Rules {
  /** Counts and logs a request, and says what becomes of it. */
  plan(request: ProxiedRequest): { plan: Plan; entry: LogEntry };
  countUp(bytes: number): void;
  countDown(bytes: number): void;
  countCut(): void;
  closed(connection: Connection): void;
}

/** A reset takes with it what the client has not read yet: it comes so much later, in milliseconds, than the last byte. */
const READ_MS = 50;

export interface ConnectionOptions {
  readonly client: Socket;
  /** Port of the real server. */
  readonly target: number;
  readonly up: Link;
  readonly down: Link;
  readonly rules: Rules;
  /** Round trips before the first byte. */
  readonly setUps: number;
  readonly cut?: ConnectionCut;
}

/** client -> up link -> far end -> server, and back through the down link. */
export class Connection {
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
  readonly #cut: ConnectionCut | undefined;
  /** Bytes that arrive before it is cut. */
  #left: number;

  constructor({ client, target, up, down, rules, setUps, cut }: ConnectionOptions) {
    this.#client = client;
    this.#targetPort = target;
    this.#up = up;
    this.#down = down;
    this.#rules = rules;
    this.#cut = cut;
    this.#left = cut?.at ?? Number.POSITIVE_INFINITY;
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
    if (setUps > 0) {
      this.#upFlow.blocked = true;
      this.#setUp(setUps);
    }
  }

  /** Lets the first byte go after so many round trips, which are as late and as lost as everything else. */
  #setUp(roundTrips: number): void {
    if (this.#upFlow.closed) return;
    if (roundTrips === 0) {
      this.#unblock(this.#up, this.#upFlow);
      return;
    }
    const back = createFlow(() => this.#setUp(roundTrips - 1));
    const there = createFlow(() => this.#down.push(back, { data: NOTHING }));
    this.#up.push(there, { data: NOTHING });
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

  /** What arrives of these bytes: all of them, but for where it is cut. */
  #before(data: Buffer, link: Link): Buffer {
    const arrives = data.subarray(0, this.#left);
    this.#left -= arrives.length;
    link.lost += data.length - arrives.length;
    return arrives;
  }

  /** Cuts it where it is to be. Says whether it is cut. */
  #isCut(): boolean {
    if (!this.#cut || this.#left > 0) return false;
    this.#rules.countCut();
    this.#up.drop(this.#upFlow);
    this.#down.drop(this.#downFlow);
    this.#client.resume();
    if (this.#target) kill(this.#target);
    if (this.#cut.kind === 'reset') setTimeout(() => this.destroy(), READ_MS);
    return true;
  }

  #arriveNear(item: Item): void {
    if (this.#client.destroyed) return;
    const { mark, entry } = item;
    const data = this.#before(item.data, this.#down);
    if (data.length > 0) {
      this.#rules.countDown(data.length);
      if (entry) entry.downBytes += data.length;
      if (!this.#client.write(data)) this.#downFlow.blocked = true;
    }
    if (this.#isCut()) return;
    // Only here, behind the last byte: ending as soon as the server does would truncate what is still queued.
    if (mark === 'end') this.#client.end();
    else if (mark === 'reset') kill(this.#client);
  }

  #arriveFar(item: Item): void {
    const { mark } = item;
    const data = this.#before(item.data, this.#up);
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
    if (this.#isCut()) return;
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
