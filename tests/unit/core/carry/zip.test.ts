import { crc32, deflateRawSync } from 'node:zlib';
import { downloadZip } from 'client-zip';
import { describe, expect, it } from 'vitest';
import { openZip, type Source } from '../../../../src/core/carry/zip.ts';
import { RelaisError } from '../../../../src/core/errors.ts';
import { utf8 } from '../../../../src/core/protocol/bytes.ts';
import { codeFrom, seededBytes } from '../../../support/fixtures.ts';

const sourceOf = (bytes: Uint8Array): Source & { readonly reads: [number, number][] } => {
  const reads: [number, number][] = [];
  return {
    reads,
    size: bytes.length,
    async read(from, to) {
      reads.push([from, to]);
      return bytes.slice(from, Math.min(to, bytes.length));
    },
  };
};

interface File {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: 0 | 8;
  /** What the directory says that it unpacks to. */
  readonly claims?: number;
  readonly flags?: number;
}

/** A ZIP as other programs write it. */
const zipOf = (files: readonly File[], comment = ''): Uint8Array => {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 0, claims = data.length, flags = 0x800 } of files) {
    const packed = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const fields = (buffer: Buffer, at: number): void => {
      buffer.writeUInt16LE(flags, at);
      buffer.writeUInt16LE(method, at + 2);
      buffer.writeUInt32LE(crc32(data), at + 8);
      buffer.writeUInt32LE(packed.length, at + 12);
      buffer.writeUInt32LE(claims, at + 16);
      buffer.writeUInt16LE(Buffer.byteLength(name), at + 20);
    };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    fields(local, 6);
    local.writeUInt16LE(4, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    fields(entry, 8);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), Buffer.from('xtra'), packed);
    entries.push(entry, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + 4 + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return new Uint8Array(Buffer.concat([...locals, directory, end, Buffer.from(comment)]));
};

const data = seededBytes('zip')(5_000);
const read = async (bytes: Uint8Array, path: string, from = 0, to = data.length) =>
  (await openZip(sourceOf(bytes))).get(path)?.read(from, to);

describe('an archive', () => {
  it('is read by its directory, and each file where it stands', async () => {
    const input = [
      { name: 'c/full/fr.pack', input: data },
      { name: 'index.html', input: 'for people' },
      { name: 'b/AB/'.concat('A'.repeat(43)), input: data.slice(0, 100) },
    ];
    const bytes = new Uint8Array(await downloadZip(input).arrayBuffer());
    const source = sourceOf(bytes);
    const archive = await openZip(source);
    expect([...archive].map(([path, { size }]) => [path, size])).toEqual([
      ['c/full/fr.pack', 5_000],
      [`b/AB/${'A'.repeat(43)}`, 100],
    ]);
    const before = source.reads.length;
    expect(await archive.get('c/full/fr.pack')?.read(1_000, 1_200)).toEqual(data.slice(1_000, 1_200));
    const [, [from = 0, to = 0] = []] = source.reads.slice(before);
    expect(to - from).toBe(200);
  });

  it.each([
    ['packed again, smaller, in a folder of its own', [{ name: 'Relais 2/c/head', data, method: 8 as const }], ''],
    ['with a comment', [{ name: 'c/head', data }], 'made by PK\u0005\u0006 somebody'],
  ])('%s is read all the same', async (_, files, comment) => {
    expect(await read(zipOf(files, comment), 'c/head')).toEqual(data);
    expect(await read(zipOf(files, comment), 'c/head', 10, 20)).toEqual(data.slice(10, 20));
  });

  it('of a stranger has nothing of ours', async () => {
    const names = [
      '../c/head',
      '/etc/passwd',
      'c/full/../x.pack',
      'c/headers',
      'C/HEAD',
      'o/1.batch.exe',
      'c\\head',
      '',
    ];
    const archive = await openZip(sourceOf(zipOf(names.map((name) => ({ name, data })))));
    // One folder is passed over, and only one: what is behind it is one of the known paths, which nothing is ever written under.
    expect([...archive.keys()]).toEqual(['c/head']);
    const locked = zipOf([{ name: 'c/head', data, flags: 1 }]);
    expect((await openZip(sourceOf(locked))).size).toBe(0);
  });

  it.each<[string, Uint8Array, string]>([
    ['is empty', new Uint8Array(0), 'truncated'],
    ['is something else', utf8('<!doctype html><p>Connexion'.repeat(100)), 'truncated'],
    ['lacks its end', zipOf([{ name: 'c/head', data }]).slice(0, -30), 'truncated'],
    ['lacks its beginning', zipOf([{ name: 'c/head', data }]).slice(30), 'truncated'],
  ])('that %s is refused', async (_, bytes, code) => {
    expect(await codeFrom(async () => void (await read(bytes, 'c/head')))).toBe(code);
  });

  it('that unpacks to more than it says, or to less, is refused', async () => {
    for (const [claims, code] of [
      [4_999, 'too-large'],
      [5_001, 'malformed'],
    ] as const) {
      const bytes = zipOf([{ name: 'c/head', data, method: 8, claims }]);
      expect(await codeFrom(async () => void (await read(bytes, 'c/head')))).toBe(code);
    }
    const bomb = zipOf([{ name: 'c/head', data, method: 8, claims: 1 << 30 }]);
    expect(await codeFrom(async () => void (await read(bomb, 'c/head')))).toBe('too-large');
  });

  it('is never anything but refused or right, whatever bit is turned', async () => {
    const texts = new Map([
      ['c/head', data.slice(0, 60)],
      ['c/root/1.json', data.slice(60, 120)],
      ['o/1.batch', data.slice(120, 180)],
    ]);
    const good = zipOf([...texts].map(([name, data], i) => ({ name, data, method: i === 1 ? 8 : 0 })));
    /** What could be read, or why not. */
    const readAll = async (bytes: Uint8Array): Promise<readonly [string, Uint8Array | string][]> => {
      try {
        const archive = await openZip(sourceOf(bytes));
        return (await Promise.all(
          [...archive].map(async ([path, file]) => [path, await file.read(0, file.size).catch(codeIn)] as const),
        )) as [string, Uint8Array | string][];
      } catch (error) {
        return [['', codeIn(error)]];
      }
    };
    expect(await readAll(good)).toEqual([...texts]);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Uint8Array.from(good);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const [path, came] of await readAll(bytes)) {
        if (typeof came === 'string') expect(['malformed', 'too-large', 'tampered', 'truncated']).toContain(came);
        // A name of ours may turn into another one of ours (`c/root/3.json`), never what is under it.
        else
          expect(
            [...texts.values()].some((text) => Buffer.from(text).equals(came)),
            `bit ${bit}: ${path}`,
          ).toBe(true);
      }
    }
  });
});

const codeIn = (error: unknown): string => (error instanceof RelaisError ? error.code : String(error));
