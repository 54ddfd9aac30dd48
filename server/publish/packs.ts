import { constants, zstdCompressSync } from 'node:zlib';
import { encodePack, type Section, SectionType } from '../../src/core/pack/format.ts';
import { encodeBodies, encodeDeltas } from '../../src/core/pack/text.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { diffBuckets, encodeBuckets, type Row, toBuckets } from '../../src/core/protocol/catalogue.ts';
import type { SignedHead } from '../../src/core/protocol/head.ts';
import type { SignedRoot } from '../../src/core/protocol/root.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { Shelf } from './catalogue.ts';
import type { History, Publication } from './history.ts';

/** One zstd frame at the highest level, without a checksum: every section has its SHA-256. */
export const deflate = (data: Uint8Array): Uint8Array =>
  new Uint8Array(
    zstdCompressSync(data, {
      params: { [constants.ZSTD_c_compressionLevel]: 22, [constants.ZSTD_c_checksumFlag]: 0 },
      pledgedSrcSize: data.length,
    } as Parameters<typeof zstdCompressSync>[1]),
  );

export interface PackInput {
  readonly head: SignedHead;
  readonly roots: readonly SignedRoot[];
  readonly table: Uint8Array;
  readonly history: History;
}

/** Everything of one shelf, for a device that has nothing of it. */
export const fullPack = async ({ head, roots, table }: PackInput, shelf: Shelf): Promise<Uint8Array> =>
  encodePack(webPlatform, deflate, [
    { type: SectionType.head, payload: canonicalBytes(head) },
    { type: SectionType.roots, payload: canonicalBytes(roots) },
    { type: SectionType.table, payload: table },
    { type: SectionType.catalogue, payload: encodeBuckets(await toBuckets(webPlatform, shelf.rows)) },
    {
      type: SectionType.bodies,
      payload: encodeBodies(
        deflate,
        shelf.items.map(({ body }) => body),
      ),
    },
  ]);

/** What brings one shelf from an earlier publication to this one; the head alone where nothing changed. */
export const deltaPack = async (
  { head, roots, table, history }: PackInput,
  name: string,
  shelf: Shelf,
  base: Publication,
): Promise<Uint8Array> => {
  const sections: Section[] = [{ type: SectionType.head, payload: canonicalBytes(head) }];
  if (base.root < head.signed.root) sections.push({ type: SectionType.roots, payload: canonicalBytes(roots) });
  if (base.table !== head.signed.table) sections.push({ type: SectionType.table, payload: table });
  const before = base.shelves[name] ?? [];
  const changed = diffBuckets(await toBuckets(webPlatform, before), await toBuckets(webPlatform, shelf.rows));
  if (changed.size > 0) {
    sections.push({ type: SectionType.catalogue, payload: encodeBuckets(changed) });
    sections.push({
      type: SectionType.deltas,
      payload: await encodeDeltas(webPlatform, changes(before, shelf, history)),
    });
  }
  return encodePack(webPlatform, deflate, sections);
};

const changes = (before: readonly Row[], shelf: Shelf, history: History) => {
  const known = new Map(before.map((row) => [row.id, row.sha256]));
  return shelf.items
    .filter(({ row }) => known.get(row.id) !== row.sha256)
    .map(({ row, body }) => {
      const sha256 = known.get(row.id);
      return { base: sha256 === undefined ? undefined : history.body(sha256), next: body };
    });
};
