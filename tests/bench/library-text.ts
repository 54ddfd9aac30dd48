import { zstdDecompressSync } from 'node:zlib';
import { brotli } from '../../scripts/compress.mjs';
import { PACK_MAGIC, SectionType } from '../../src/core/pack/format.ts';
import { readBodies } from '../../src/core/pack/text.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { Row } from './report.ts';
import type { Stage } from './stage.ts';

/** How close a shelf's text on the wire comes to one brotli stream of the items' canonical bytes. */

const HEADER = 1 + 1 + 4 + 32;

interface WireSection {
  readonly type: number;
  readonly compressed: boolean;
  readonly payload: Buffer;
}

const sectionsOf = (pack: Buffer): WireSection[] => {
  const sections: WireSection[] = [];
  for (let at = PACK_MAGIC.length; at + HEADER <= pack.length; ) {
    const length = pack.readUInt32BE(at + 2);
    const payload = pack.subarray(at + HEADER, at + HEADER + length);
    sections.push({ type: pack.readUInt8(at), compressed: pack.readUInt8(at + 1) === 1, payload });
    at += HEADER + length;
  }
  return sections;
};

const textOf = async (url: string, lang: string) => {
  const response = await fetch(`${url}/c/full/${lang}.pack`);
  if (!response.ok) throw new Error(`/c/full/${lang}.pack: ${response.status}`);
  const pack = Buffer.from(await response.arrayBuffer());
  const sections = sectionsOf(pack);
  const bodies = sections.find(({ type }) => type === SectionType.bodies);
  if (!bodies) throw new Error(`/c/full/${lang}.pack has no bodies`);
  const texts = await readBodies(webPlatform, bodies.compressed ? zstdDecompressSync(bodies.payload) : bodies.payload);
  const plain = Buffer.concat([...texts.values()]);
  const oneBrotli = brotli(plain).length;
  const onWire = HEADER + bodies.payload.length;
  const bySection = Object.fromEntries(
    Object.entries(SectionType).map(([name, type]) => [
      name,
      sections.find((one) => one.type === type)?.payload.length,
    ]),
  );
  return {
    lang,
    pack: pack.length,
    bySection,
    uncompressed: plain.length,
    onWire,
    oneBrotli,
    times: onWire / oneBrotli,
  };
};

export const libraryText = async ({ hub }: Stage): Promise<Row> => {
  const detail = [await textOf(hub.url, 'fr'), await textOf(hub.url, 'en')];
  return {
    key: 'library-text',
    what: 'text on the wire against one brotli 11 stream of it',
    measured: Number(Math.max(...detail.map(({ times }) => times)).toFixed(4)),
    unit: 'times',
    limit: 1.1,
    detail,
  };
};
