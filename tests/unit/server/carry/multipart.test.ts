import { describe, expect, it } from 'vitest';
import { boundaryOf, partsOfForm, textOf } from '../../../../server/carry/multipart.ts';
import type { NextPart } from '../../../../server/carry/receive.ts';
import { codeFrom } from '../../../support/fixtures.ts';

/** A body in pieces of `size` bytes. */
const inPieces = (body: Buffer, size: number): NextPart => {
  let at = 0;
  return async () => {
    const piece = body.subarray(at, at + size);
    at += size;
    return piece.length > 0 ? piece : undefined;
  };
};

const FILE = Buffer.from('PK\r\n--X\r\n--\r\n--XYnot quite\r\n\0\xff', 'latin1');
const form = (boundary: string, name = 'relais.zip'): Buffer =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="code"\r\n\r\nÀ B\r\n`),
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/zip\r\n\r\n`,
    ),
    FILE,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);

const readAll = async (next: NextPart, boundary: string): Promise<(readonly [string, boolean, Buffer])[]> => {
  const parts: (readonly [string, boolean, Buffer])[] = [];
  for await (const { name, isFile, next: more } of partsOfForm(next, boundary)) {
    const bytes: Uint8Array[] = [];
    for (let part = await more(); part; part = await more()) bytes.push(part);
    parts.push([name, isFile, Buffer.concat(bytes)]);
  }
  return parts;
};

describe('a form with a file', () => {
  it('is read in pieces of any size, also where a boundary is in two of them', async () => {
    const body = form('XYZ', 'a"; name=\\"code');
    for (let size = 1; size <= body.length; size++) {
      const parts = await readAll(inPieces(body, size), 'XYZ');
      expect(parts, `${size}`).toEqual([
        ['code', false, Buffer.from('À B')],
        ['file', true, FILE],
      ]);
    }
  });

  it('that ends too early is refused, wherever that is', async () => {
    const body = form('XYZ');
    // Behind the last boundary nothing is missing.
    for (let length = 0; length < body.length - '\r\n'.length; length++)
      expect(await codeFrom(() => readAll(inPieces(body.subarray(0, length), 7), 'XYZ')), `${length}`).toBe(
        'malformed',
      );
  });

  it('gives a part that nobody reads up for the next', async () => {
    const names: string[] = [];
    for await (const { name } of partsOfForm(inPieces(form('XYZ'), 5), 'XYZ')) names.push(name);
    expect(names).toEqual(['code', 'file']);
  });

  it('with headers or words without end is refused', async () => {
    const endless = Buffer.concat([
      Buffer.from('--X\r\nContent-Disposition: form-data; name="'),
      Buffer.alloc(9_000, 'a'),
    ]);
    expect(await codeFrom(() => readAll(inPieces(endless, 100), 'X'))).toBe('malformed');
    const read = async (): Promise<string> => {
      for await (const part of partsOfForm(inPieces(form('X'.repeat(70)), 9), 'X'.repeat(70))) return textOf(part, 3);
      return '';
    };
    expect(await codeFrom(read)).toBe('too-large');
  });

  it('says its boundary', () => {
    expect(boundaryOf('multipart/form-data; boundary=----WebKitFormBoundaryA1')).toBe('----WebKitFormBoundaryA1');
    expect(boundaryOf('multipart/form-data; charset=utf-8; boundary="a b"')).toBe('a b');
    expect(boundaryOf('application/x-www-form-urlencoded')).toBeUndefined();
  });
});
