import { describe, expect, it } from 'vitest';
import { LIBRARY, lines, problemsIn, read, SHARED, SHARED_FILE, withLine } from './content-folder.ts';

const WITH = { 'content/library.yml': `${LIBRARY}collections: { iati: { fr: Fiches }, docs: { en: Documents } }\n` };
const inIati = { [SHARED_FILE]: lines(...SHARED, 'collection: iati') };

describe('a collection', () => {
  it('is told of each item, and by name in each language once something is in it', () => {
    const { collections, items } = read({ ...WITH, ...inIati });
    expect([...collections]).toEqual([['pump', 'iati']]);
    const centres = items.flatMap((item) => (item.kind === 'centre' ? [[item.lang, item.collections]] : []));
    const named = [{ id: 'iati', name: 'Fiches', items: 1 }];
    expect(centres).toEqual([
      ['fr', named],
      ['en', named],
    ]);
    // What an item is on is no part of its text.
    expect(items.find(({ id }) => id === 'pump')).not.toHaveProperty('collection');
  });

  it('that nothing is in leaves everything as it is', () => {
    expect(read(WITH).items).toEqual(read().items);
  });

  it.each([
    ['that the library does not name', inIati, SHARED_FILE, 8, 'There is no collection "iati".'],
    [
      'with an id that is no part of a shelf’s name',
      { 'content/library.yml': `${LIBRARY}collections: { project-sheets: { fr: Fiches } }\n` },
      'content/library.yml',
      4,
      /2 to 7 small letters/,
    ],
    [
      'that an urgent notice is in',
      {
        ...WITH,
        [SHARED_FILE]: lines(
          ...withLine(SHARED, 1, 'kind: bulletin'),
          'urgency: 1',
          "issued: '2026-01-01'",
          "until: '2026-02-01'",
          'collection: iati',
        ),
      },
      SHARED_FILE,
      11,
      /urgency 1 cannot be in a collection/,
    ],
    [
      'whose shelf a language is named as',
      { 'content/library.yml': LIBRARY.replace('[fr, en]', '[fr, en, fr-xiati]') },
      'content/library.yml',
      2,
      /named as a collection/,
    ],
  ] as const)('%s is a problem', (_, files, file, line, what) => {
    const problems = problemsIn(files);
    expect(problems).toContainEqual(
      expect.objectContaining({
        file,
        line,
        what: typeof what === 'string' ? what : expect.stringMatching(what),
      }),
    );
  });
});
