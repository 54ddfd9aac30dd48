import type { DocumentName, Entry, Segment } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

/** A segment with the documents of it that are gone, by their places. */
export interface Part {
  readonly segment: Segment;
  readonly gone: ReadonlySet<number>;
}

/** Terms between two pauses. */
const TERMS_A_SLICE = 256;

/** All terms of a segment, one after the other. */
function* entriesOf(segment: Segment): Generator<Entry, void> {
  for (let first = ''; ; ) {
    const some: Entry[] = [];
    segment.scan(first, (entry) => some.push(entry) < TERMS_A_SLICE);
    yield* some;
    const last = some.at(-1);
    if (!last || some.length < TERMS_A_SLICE) return;
    // The next that there can be.
    first = `${last.term}\u0000`;
  }
}

/**
 * One segment of several, without what is gone: documents of the first, then of the second, and so on. Pauses often, by `yield`; returns the
 * bytes.
 */
export function* mergeSlices(parts: readonly Part[]): Generator<void, Uint8Array<ArrayBuffer>> {
  const names: DocumentName[] = [];
  const cursors = parts.map(({ segment, gone }) => {
    const places = segment.names.map((name, i) => (gone.has(i) ? -1 : names.push(name) - 1));
    const entries = entriesOf(segment);
    return { segment, places, entries, entry: entries.next().value || undefined };
  });
  const writer = new SegmentWriter(names);
  for (let count = 1; ; count++) {
    let term: string | undefined;
    for (const { entry } of cursors) if (entry && (term === undefined || entry.term < term)) term = entry.term;
    if (term === undefined) return writer.finish();
    for (const cursor of cursors) {
      const { entry, segment, places } = cursor;
      if (entry?.term !== term) continue;
      segment.read(entry, (document, weight) => {
        const place = places[document] as number;
        if (place >= 0) writer.post(place, weight);
      });
      cursor.entry = cursor.entries.next().value || undefined;
    }
    writer.end(term);
    if (count % TERMS_A_SLICE === 0) yield;
  }
}
