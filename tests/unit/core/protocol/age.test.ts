import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { identityOf, open, recipientOf, seal } from '../../../../src/core/protocol/age.ts';
import { concat, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, flipped, seededBytes, seededPlatform } from '../../../support/fixtures.ts';

const CHUNK = 64 * 1024;
const LENGTHS = [0, 1, 1024, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5];
const platform = seededPlatform('age');

const person = async (name: string) => {
  const secret = seededBytes(name)(32);
  return { secret, recipient: recipientOf(await webPlatform.keyAgreement.publicOf(secret)) };
};
const amina = await person('amina');
const boukary = await person('boukary');
const text = (length: number) => seededBytes('text')(length);
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b));

describe('seal and open', () => {
  it.each(LENGTHS)('%i bytes, for each of two recipients', async (length) => {
    const file = await seal(platform, [amina.recipient, boukary.recipient], text(length));
    for (const { secret } of [amina, boukary])
      expect(same(await open(platform, secret, file), text(length))).toBe(true);
  });

  it('never seals twice the same way', async () => {
    const [one, two] = [
      await seal(platform, [amina.recipient], text(9)),
      await seal(platform, [amina.recipient], text(9)),
    ];
    expect(same(one, two)).toBe(false);
  });

  it('is shut for everybody else', async () => {
    const file = await seal(platform, [amina.recipient], text(9));
    expect(await codeFrom(() => open(platform, boukary.secret, file))).toBe('tampered');
  });

  it('seals to nobody whose address is mistyped', async () => {
    const wrong = amina.recipient.replace(/.$/, (letter) => (letter === 'q' ? 'p' : 'q'));
    expect(await codeFrom(() => seal(platform, [wrong], text(9)))).toBe('malformed');
  });
});

describe('a damaged file', () => {
  it('is refused at every bit of its payload and of its header', { timeout: 30_000 }, async () => {
    const plain = utf8('Le puits est à sec.');
    const file = await seal(platform, [amina.recipient], plain);
    const headerEnd = file.indexOf(10, Buffer.from(file).indexOf('\n---') + 1);
    // The last letter of base64 has two bits that mean nothing: there alone a file may still open, unchanged.
    const harmless = [headerEnd - 1];
    for (let bit = 0; bit < file.length * 8; bit++) {
      const opened = await open(platform, amina.secret, flipped(file, bit)).catch(() => undefined);
      if (harmless.includes(bit >> 3) && opened) expect(same(opened, plain)).toBe(true);
      else expect(opened, `bit ${bit}`).toBeUndefined();
    }
  });

  /** The file with something else in its header, which is text up to the line of the MAC. */
  const withHeader = async (change: (header: string) => string): Promise<Uint8Array> => {
    const file = Buffer.from(await seal(platform, [amina.recipient], utf8('Le puits est à sec.')));
    const end = file.indexOf(10, file.indexOf('\n---') + 1);
    return concat([utf8(change(file.toString('latin1', 0, end))), file.subarray(end)]);
  };

  it.each([...'\tx-\n'])('is refused where something else than a space stands before the MAC: %j', async (letter) => {
    const file = await withHeader((header) => header.replace(/\n--- /, `\n---${letter}`));
    expect(await codeFrom(() => open(platform, amina.secret, file))).toBe('tampered');
  });

  it.each([
    ['too short', Buffer.alloc(31, 7)],
    ['too long', Buffer.alloc(33, 7)],
    ['empty', Buffer.alloc(0)],
    ['a point of low order', Buffer.alloc(32)],
  ])('is refused where the share of its key is %s', async (_, share) => {
    const text64 = share.toString('base64').replaceAll('=', '');
    const file = await withHeader((header) => header.replace(/X25519 \S+/, `X25519 ${text64}`));
    expect(await codeFrom(() => open(platform, amina.secret, file))).toBe('tampered');
  });

  it('is refused wherever it is cut', async () => {
    const file = await seal(platform, [amina.recipient], text(CHUNK + 40));
    const payload = file.length - (CHUNK + 40 + 16 + 16 + 16);
    const cuts = [0, 1, 21, 100, payload - 1, payload, payload + 15, payload + 16, payload + 17, payload + 16 + CHUNK];
    for (const length of [...cuts, payload + 16 + CHUNK + 16, payload + 16 + CHUNK + 17, file.length - 1]) {
      await expect(open(platform, amina.secret, file.slice(0, length)), `${length} bytes`).rejects.toThrow();
    }
    expect(same(await open(platform, amina.secret, file), text(CHUNK + 40))).toBe(true);
  });

  it('is refused where chunks changed places or something follows', async () => {
    const file = await seal(platform, [amina.recipient], text(3 * CHUNK));
    const step = CHUNK + 16;
    const start = file.length - 3 * step;
    const [head, a, b, c] = [0, 1, 2, 3].map((i) =>
      i === 0 ? file.slice(0, start) : file.slice(start + (i - 1) * step, start + i * step),
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    for (const parts of [
      [head, b, a, c],
      [head, a, c],
      [head, a, b],
      [head, a, b, c, c],
      [head, a, b, c, utf8('x')],
    ]) {
      expect(await codeFrom(() => open(platform, amina.secret, concat(parts)))).toBe('tampered');
    }
  });
});

describe('the age-encryption package', () => {
  it.each(LENGTHS)('opens the %i bytes that we seal', async (length) => {
    const file = await seal(platform, [boukary.recipient, amina.recipient], text(length));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identityOf(amina.secret));
    expect(same(await decrypter.decrypt(file), text(length))).toBe(true);
  });

  it.each(LENGTHS)('seals %i bytes that we open', async (length) => {
    const encrypter = new Encrypter();
    for (const { recipient } of [boukary, amina]) encrypter.addRecipient(recipient);
    const file = await encrypter.encrypt(text(length));
    expect(same(await open(platform, amina.secret, file), text(length))).toBe(true);
  });
});

const AGE = '/usr/bin/age';

// A second oracle where the machine has it; the package above is there always.
const withAge = existsSync(AGE) ? describe : () => {};

withAge('the age command', () => {
  const inFolder = (work: (path: (name: string) => string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'relais-age-'));
    try {
      work((name) => join(folder, name));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it.each(LENGTHS)('opens the %i bytes that we seal', async (length) => {
    const file = await seal(platform, [boukary.recipient, amina.recipient], text(length));
    inFolder((path) => {
      writeFileSync(path('key'), `${identityOf(amina.secret)}\n`);
      const opened = execFileSync(AGE, ['-d', '-i', path('key')], { input: file, maxBuffer: 1 << 22 });
      expect(same(opened, text(length))).toBe(true);
    });
  });

  it.each(LENGTHS)('seals %i bytes that we open', async (length) => {
    const input = text(length);
    const file = execFileSync(AGE, ['-r', boukary.recipient, '-r', amina.recipient], { input, maxBuffer: 1 << 22 });
    expect(same(await open(platform, amina.secret, new Uint8Array(file)), text(length))).toBe(true);
  });
});
