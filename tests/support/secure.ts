import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';

/** A hub at an https address, by a certificate that nobody vouches for: only a browser that was started with its key takes it. */

/** One value of DER, which certificates are written in. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  // As short as it can be, or browsers refuse it.
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const [INTEGER, BITS, OID, TEXT, TIME, SEQUENCE, SET, VERSION] = [0x02, 0x03, 0x06, 0x0c, 0x17, 0x30, 0x31, 0xa0];

/** Of `name`, for ten years. `pin`: its key, as Chromium is told of it. */
const selfSigned = (name: string): { readonly cert: string; readonly key: string; readonly pin: string } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // ecdsa-with-SHA256; commonName.
  const algorithm = der(SEQUENCE, der(OID, Buffer.from('2a8648ce3d040302', 'hex')));
  const who = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OID, Buffer.from('550403', 'hex')), der(TEXT, Buffer.from(name)))),
  );
  const day = (years: number): Buffer =>
    der(TIME, Buffer.from(`${String((new Date().getUTCFullYear() + years) % 100).padStart(2, '0')}0101000000Z`));
  // Browsers take none of an older version than the third: 2, counted from 0.
  const version = der(VERSION, der(INTEGER, Buffer.from([2])));
  const body = der(
    SEQUENCE,
    version,
    der(INTEGER, Buffer.from([1])),
    algorithm,
    who,
    der(SEQUENCE, day(0), day(10)),
    who,
    spki,
  );
  const signature = sign('sha256', body, privateKey);
  const whole = der(SEQUENCE, body, algorithm, der(BITS, Buffer.from([0]), signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    pin: createHash('sha256').update(spki).digest('base64'),
  };
};

export interface SecureDoor {
  readonly port: number;
  readonly pin: string;
  /** Nothing goes through any more, as without a link. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** Takes https at 127.0.0.1 for the hub that listens on `target` of this machine. */
export const openSecurely = async (name: string, target: number): Promise<SecureDoor> => {
  const { pin, ...own } = selfSigned(name);
  let isCut = false;
  const open = new Set<Socket>();
  const server = createServer(own, (inside) => {
    const outside = connect(target, 'localhost');
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(one);
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.on('error', () => {});
      one.pipe(other);
    }
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    if (isCut) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    pin,
    cut() {
      isCut = true;
      end();
    },
    restore() {
      isCut = false;
    },
    close: () => {
      end();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
