import { connect } from 'node:net';

/** A request, written as HTTP/1.1 has it and piece by piece, to see when the other side has had enough. */
export interface SlowRequest {
  readonly port: number;
  /** Request line and headers, without `Host` and `Connection`. */
  readonly head: readonly string[];
  /** Bytes of the body, one after the other; what was announced and is not among them never comes. */
  readonly pieces: Iterable<string | Uint8Array>;
  /** Milliseconds between two of them. */
  readonly ms: number;
}

/** Sends it. Resolves to what came back until the connection ended. */
export const sendSlowly = ({ port, head, pieces, ms }: SlowRequest): Promise<string> =>
  new Promise((resolve) => {
    let reply = '';
    let timer: NodeJS.Timeout;
    const socket = connect(port, 'localhost', () => {
      socket.write(`${[...head, 'Host: localhost', 'Connection: close'].join('\r\n')}\r\n\r\n`);
      const rest = pieces[Symbol.iterator]();
      timer = setInterval(() => {
        const { value, done } = rest.next();
        if (!done) socket.write(value);
      }, ms);
    });
    socket.on('data', (data) => {
      reply += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(reply);
    });
  });
