import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIati } from '../../../../server/iati/command.ts';

const GOLDEN = readFileSync(join(import.meta.dirname, 'golden/activities.xml'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-iati-'));
  mkdirSync(join(folder, 'content'));
  writeFileSync(join(folder, 'a.xml'), GOLDEN);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => {
  const lines: string[] = [];
  const complaints: string[] = [];
  const fine = runIati(args, {
    folder,
    contentDir: join(folder, 'content'),
    today: '2026-11-24',
    print: (line) => lines.push(line),
    complain: (line) => complaints.push(line),
  });
  return { fine, lines, complaints };
};

describe('the command', () => {
  it('checks a file', () => {
    expect(run('check', 'a.xml')).toEqual({
      fine: true,
      lines: ['a.xml: 1 × activity, 0 errors, 0 warnings.'],
      complaints: [],
    });
  });

  it('tells all that is wrong, with file, line and remedy, and how much it is', () => {
    writeFileSync(
      join(folder, 'b.xml'),
      GOLDEN.replace('role="1"', 'role="7"')
        .replace(/ *<narrative xml:lang="en">ITU.*\n/, '')
        .replace('percentage="25"', 'percentage="26"'),
    );
    const { fine, complaints } = run('import', 'b.xml');
    expect(fine).toBe(false);
    expect(complaints).toEqual([
      'b.xml:27: Warning: <participating-org> is not told in "en". Have it translated.',
      'b.xml:38: role of <participating-org> is "7", which is not in the codelist OrganisationRole. Choose one of 1, 2, 3, 4.',
      'b.xml:50: Countries and regions add up to 101, not to 100. Correct the percentages.',
      'b.xml: 2 errors, 1 warning (1 × missing-translation). Nothing was imported.',
    ]);
    expect(readdirSync(join(folder, 'content'))).toEqual([]);
  });

  it('puts sheets into a collection that the library names, and into no other', () => {
    writeFileSync(
      join(folder, 'content/library.yml'),
      'name: { fr: Centre }\nlanguages: [fr, en]\nlicence: CC0-1.0\ncollections: { iati: { fr: Fiches } }\n',
    );
    expect(() => run('import', 'a.xml', '--collection', 'sheets')).toThrow('The library has no collection "sheets"');
    expect(run('import', 'a.xml', '--collection', 'iati').fine).toBe(true);
    const [id = ''] = readdirSync(join(folder, 'content')).filter((name) => name !== 'library.yml');
    expect(readFileSync(join(folder, 'content', id, 'item.yml'), 'utf8')).toMatch(/^collection: iati$/m);
  });

  it('imports into the library, or where it is told, and never twice', () => {
    expect(run('import', 'a.xml').lines.at(-1)).toMatch(/^1 × sheet, 0 errors, \d warnings \(\d × to-complete\)/);
    expect(readdirSync(join(folder, 'content'))).toEqual(['xi-example-1-seed-000']);
    expect(() => run('import', 'a.xml')).toThrow(/is there already/);
    mkdirSync(join(folder, 'other'));
    expect(run('import', 'a.xml', '--into', 'other', '--only', 'XI-EXAMPLE-1-seed-000').fine).toBe(true);
    expect(readdirSync(join(folder, 'other'))).toEqual(['xi-example-1-seed-000']);
  });

  it('leaves out languages that the library is not in', () => {
    writeFileSync(join(folder, 'content/library.yml'), 'languages: [fr, ha]\n');
    expect(run('import', 'a.xml').complaints.join('\n')).toContain('The texts in "en" are left out');
    expect(readdirSync(join(folder, 'content/xi-example-1-seed-000')).sort()).toEqual(['fr.md', 'item.yml']);
  });

  it('says how it is used', () => {
    expect(() => run()).toThrow(/npm run iati -- check FILE/);
    expect(() => run('export', 'a.xml')).toThrow(/npm run iati/);
    expect(() => run('import', 'a.xml', '--force')).toThrow(/There is no --force/);
    expect(() => run('import', 'a.xml', '--into')).toThrow(/--into needs a value/);
    expect(() => run('import', 'a.xml', '--only', 'XX')).toThrow('a.xml has no activity "XX".');
    expect(() => run('check', 'none.xml')).toThrow(/cannot be read/);
  });
});
