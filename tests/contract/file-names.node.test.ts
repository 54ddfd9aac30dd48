import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWith, ONE_LINE, type SecondBuild } from '../support/second-build.ts';

/** Two builds whose sources differ in one line: what a phone has to fetch is the file with that line, and the list of names. */
const filesOf = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'dist/app/assets')).filter((name) => !/\.(br|gz)$/.test(name));

const renamed = {
  screen: ['files.js', 'screens.js'],
  engine: ['engine.js', 'files.js'],
  // The operator's page speaks too.
  word: ['files.js', 'fr.js', 'inbox-files.js', 'inbox-fr.js'],
} as const;

describe.each(Object.entries(renamed))('one line of %s', (change, expected) => {
  let next: SecondBuild;
  beforeAll(() => {
    next = buildWith(ONE_LINE[change as keyof typeof renamed]);
  });
  afterAll(() => next.remove());

  it('renames the file that it is in, and no other', () => {
    const before = new Set(filesOf('.'));
    const after = filesOf(next.folder);
    const plain = after.filter((name) => !before.has(name)).map((name) => name.replace(/-[\w-]{8}\./, '.'));
    expect(plain.sort()).toEqual(expected);
    expect(after.length).toBe(before.size);
  });
});
