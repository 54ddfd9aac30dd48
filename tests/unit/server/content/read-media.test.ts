import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leavesOf } from '../../../../server/content/blobs.ts';
import type { LibraryItem } from '../../../../src/core/protocol/item.ts';
import { blobsOf, LEAF } from '../../../../src/core/protocol/media.ts';
import { mediaFile } from '../../../support/media.ts';
import { folder, ITEM, item, lines, MATTER, problemsIn, read, TEXT } from './content-folder.ts';

const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const FILES = [
  'milk-and-money-320.avif',
  'milk-and-money-320.webp',
  'milk-and-money-640.avif',
  'milk-and-money-640.webp',
];

const put = (name: string, data: string | Uint8Array): void => {
  mkdirSync(join(folder, 'content/pump/media'), { recursive: true });
  writeFileSync(join(folder, 'content/pump/media', name), data);
};

/** A picture as `npm run pictures` leaves it, under the name `flow`; `changes` replaces some of its files. */
const putPicture = (changes: Readonly<Record<string, Uint8Array>> = {}, hashed = true): void => {
  const source = '<svg/>';
  put('flow.svg', source);
  const files: Record<string, string> = {};
  for (const made of FILES) {
    const data = changes[made] ?? mediaFile('akashganga', made);
    const name = made.replace('milk-and-money', 'flow');
    put(name, data);
    files[name] = hashOf(hashed ? data : mediaFile('akashganga', made));
  }
  put(
    'pictures.json',
    JSON.stringify({ flow: { source: 'flow.svg', sha256: hashOf(Buffer.from(source)), preview: 'UklGRg==', files } }),
  );
};

const RECORDING = 'recording: { file: fr.opus, by: "Mariama", voice: person }';
const heard = (line = RECORDING): Record<string, string> => ({
  [ITEM]: lines(...MATTER.slice(0, 5), line, '---', ...TEXT),
});

const pump = (files: Readonly<Record<string, string>>): LibraryItem =>
  read(files).items.find(({ id }) => id === 'pump') as LibraryItem;

const PICTURE = '![Le lait monte, l’argent descend.](flow "Qui paie qui[^visit]")';

describe('a picture', () => {
  it('becomes a figure: its words, a line with its source, and each file with size and hash', () => {
    putPicture();
    const [figure] = pump(item('', PICTURE)).body;
    expect(figure).toMatchObject({
      t: 'figure',
      alt: 'Le lait monte, l’argent descend.',
      c: ['Qui paie qui', { t: 'cite', s: 'visit' }],
      preview: 'UklGRg==',
      files: [
        { type: 'image/avif', width: 320, height: 292 },
        { type: 'image/webp', width: 320, height: 292 },
        { type: 'image/avif', width: 640, height: 584 },
        { type: 'image/webp', width: 640, height: 584 },
      ],
    });
  });

  it('is a blob of its item, in the call-out too, once', () => {
    putPicture();
    const source = read(item('', PICTURE, '', '> [!note] Voici.', '>', `> ${PICTURE}`));
    const blobs = blobsOf(source.items.find(({ id }) => id === 'pump') as LibraryItem);
    expect(blobs).toHaveLength(4);
    for (const { hash, bytes } of blobs) {
      const data = readFileSync(source.blobs.get(hash) ?? '');
      expect(data).toHaveLength(bytes);
      expect(createHash('sha256').update(data).digest('base64url')).toBe(hash);
    }
  });

  it.each([
    ['without words', '![](flow)', /without words/, /square brackets/],
    ['with too many words', `![${'a'.repeat(401)}](flow)`, /401 characters/, /400/],
    ['with too long a line', `![Le lait](flow "${'a'.repeat(161)}")`, /161 characters/, /160/],
    ['in a sentence', 'Voyez ![le lait](flow) ici.', /inside a sentence/, /line of its own/],
    ['that is not there', '![Le lait](river)', /no picture "river"/, /npm run pictures/],
    ['named as its drawing', '![Le lait](flow.svg)', /what a picture is made from/, /name it "flow"/],
    ['outside its folder', '![Le lait](../../milk/media/flow)', /There is no picture/, /media\//],
  ])('%s is refused with file, line and remedy', (_, text, what, remedy) => {
    putPicture();
    const [problem, ...others] = problemsIn(item('', '## Le lait', '', text));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ file: ITEM, line: 10 });
    expect(problem?.what).toMatch(what);
    expect(problem?.remedy).toMatch(remedy);
  });

  it('that was drawn and not made yet says what to run', () => {
    put('flow.svg', '<svg/>');
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ what: expect.stringMatching(/not been made/), line: 8 }]);
  });

  it('whose drawing has changed since is refused', () => {
    putPicture();
    put('flow.svg', '<svg><g/></svg>');
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ what: expect.stringMatching(/made from another/) }]);
  });

  it('with a file that somebody else made is refused', () => {
    putPicture({ [FILES[0] as string]: mediaFile('niger-radio', 'news-on-its-way-320.avif') }, false);
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ what: expect.stringMatching(/"flow-320.avif".*changed/) }]);
  });

  it('with a file of other bytes than its name says is refused, whatever the list says', () => {
    putPicture({ [FILES[1] as string]: Buffer.from('<svg onload="alert(1)"/>') });
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ what: expect.stringMatching(/"flow-320.webp" is not/) }]);
  });

  it('that is too large for a slow link is refused', () => {
    putPicture({
      [FILES[3] as string]: Buffer.concat([mediaFile('akashganga', FILES[3] as string), Buffer.alloc(61_440)]),
    });
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ remedy: expect.stringMatching(/At most 60 kB/) }]);
  });

  it('is refused where nobody can read what was made', () => {
    putPicture();
    put('pictures.json', '{"flow": {"source": 3}}');
    expect(problemsIn(item('', PICTURE))).toMatchObject([{ what: expect.stringMatching(/pictures\.json/) }]);
  });

  it('with a figure under it wants a source, as every figure', () => {
    putPicture();
    expect(
      read(item('', '![Le lait](flow "40 litres")')).warnings.map(({ kind, line }) => [kind, line]),
    ).toContainEqual(['missing-source', 8]);
  });
});

describe('a recording', () => {
  it('is measured, and its language is one in which something can be heard', () => {
    const data = mediaFile('akashganga', 'fr.opus');
    put('fr.opus', data);
    const { items } = read(heard());
    const { recording } = items.find(({ id }) => id === 'pump') as LibraryItem;
    expect(recording).toMatchObject({
      by: 'Mariama',
      voice: 'person',
      seconds: 28,
      file: { type: 'audio/ogg', bytes: data.length },
    });
    expect(leavesOf(data)).toHaveLength(Math.ceil(data.length / LEAF) * 32);
    expect(recording?.file.leaves).toBe(createHash('sha256').update(leavesOf(data)).digest('base64url'));
    for (const lang of ['fr', 'en'])
      expect(items.find((one) => one.kind === 'centre' && one.lang === lang)).toMatchObject({ heard: ['fr'] });
  });

  it.each([
    ['that is not there', undefined, /There is no recording/, /Ogg Opus/],
    ['that is none', Buffer.from('ID3 an mp3'), /not a whole Ogg Opus/, /opusenc/],
    ['that was cut', mediaFile('akashganga', 'fr.opus').subarray(0, 20_000), /not a whole/, /opusenc/],
    ['that is too long', Buffer.alloc(615_000), /601 kB/, /600 kB/],
  ])('%s is refused with file, line and remedy', (_, data, what, remedy) => {
    if (data) put('fr.opus', data);
    const [problem, ...others] = problemsIn(heard());
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ file: ITEM, line: 6 });
    expect(problem?.what).toMatch(what);
    expect(problem?.remedy).toMatch(remedy);
  });

  it('has to say whose voice it is', () => {
    expect(problemsIn(heard('recording: { file: fr.opus, by: "X", voice: robot }'))[0]).toMatchObject({ line: 6 });
    expect(problemsIn(heard('recording: { file: ../../../etc/passwd, by: X, voice: person }'))[0]?.what).toMatch(
      /no recording/,
    );
  });
});
