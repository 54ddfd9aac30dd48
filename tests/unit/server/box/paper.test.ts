import { generate } from 'lean-qr';
import { describe, expect, it } from 'vitest';
import { readLetters, toGroups, toLine, whatIsWrong } from '../../../../server/box/paper.ts';
import { codeAsText, pageAsHtml, pageAsText } from '../../../../server/box/paper-page.ts';
import { seededBytes } from '../../../support/fixtures.ts';

const random = seededBytes('paper');
const seed = random(32);
const groups = toGroups(seed);
const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const wrongOf = (text: string): readonly number[] => {
  const reading = readLetters(text);
  if (!('wrong' in reading)) throw new Error(JSON.stringify(reading));
  return reading.wrong;
};
const withGroup = (place: number, group: string): string =>
  groups.map((one, i) => (i === place ? group : one)).join(' ');

describe('the letters of a key', () => {
  it('are read back, for any key', () => {
    const seeds = [
      seed,
      new Uint8Array(32),
      new Uint8Array(32).fill(255),
      ...Array.from({ length: 200 }, () => random(32)),
    ];
    for (const one of seeds) {
      expect(toGroups(one)).toHaveLength(14);
      expect(readLetters(toGroups(one).join('\n'))).toEqual({ seed: one });
      expect(readLetters(toLine(one))).toEqual({ seed: one });
    }
  });

  it('are the same for the same key, now and later', () => {
    expect(toLine(new Uint8Array(32))).toBe(
      'RELAIS-1:00005-0000A-0000F-0000M-0000H-0000Y-0000V-0000D-00008-00007-00002-0000S-0000W-0GD6H',
    );
  });

  it('may be typed small, in one piece, with dashes, in lines, and with the numbers of the groups', () => {
    const typed = [
      groups.join('').toLowerCase(),
      groups.join('-'),
      groups.map((group, i) => `${i + 1}. ${group}`).join('\n'),
      groups.map((group, i) => `  ${i + 1})  ${group.slice(0, 2)} ${group.slice(2)}`).join('\r\n'),
      toLine(seed),
    ];
    for (const text of typed) expect(readLetters(text)).toEqual({ seed });
  });

  it('may have what looks alike: O for 0, I and L for 1', () => {
    for (let i = 0; i < 100; i++) {
      const one = random(32);
      const alike = toGroups(one).join(' ').replaceAll('0', 'O').replace('1', 'I').replaceAll('1', 'l');
      expect(readLetters(alike)).toEqual({ seed: one });
    }
  });
});

describe('a mistake in copying', () => {
  it('is named by its group, whichever sign is wrong', () => {
    for (const [place, group] of groups.entries())
      for (let at = 0; at < 5; at++)
        for (const sign of `${SIGNS}U?`) {
          if (sign === group[at]) continue;
          expect(wrongOf(withGroup(place, group.slice(0, at) + sign + group.slice(at + 1)))).toEqual([place + 1]);
        }
  });

  it('is named by its group where two signs changed places', () => {
    for (const [place, group] of groups.entries())
      for (let a = 0; a < 4; a++)
        for (let b = a + 1; b < 5; b++) {
          if (group[a] === group[b]) continue;
          const signs = [...group];
          [signs[a], signs[b]] = [signs[b] as string, signs[a] as string];
          expect(wrongOf(withGroup(place, signs.join('')))).toEqual([place + 1]);
        }
  });

  it('is named by both groups where two groups changed places', () => {
    for (let a = 0; a < 13; a++) {
      const turned = [...groups];
      [turned[a], turned[a + 1]] = [turned[a + 1] as string, turned[a] as string];
      expect(wrongOf(turned.join(' '))).toEqual([a + 1, a + 2]);
    }
  });

  it('is found by the whole where it hides in its group', () => {
    // A sum of two mistakes that the group's own sign does not see.
    let hidden = 0;
    for (const a of SIGNS)
      for (const b of SIGNS) {
        const group = a + b + (groups[3] as string).slice(2);
        if (group === groups[3]) continue;
        const reading = readLetters(withGroup(3, group));
        expect(reading).not.toHaveProperty('seed');
        if ('mixed' in reading) hidden++;
      }
    expect(hidden).toBe(31);
  });

  it('is said where a group is missing, or twice there', () => {
    expect(readLetters(groups.slice(1).join(' '))).toEqual({ length: 65 });
    expect(readLetters([...groups, groups[0]].join(' '))).toEqual({ length: 75 });
    expect(readLetters('')).toEqual({ length: 0 });
  });

  it('has a sentence that says what to look at', () => {
    expect(whatIsWrong(readLetters(groups.join(' ')))).toBeUndefined();
    expect(whatIsWrong({ wrong: [3] })).toMatch(/^Group 3 is wrong\./);
    expect(whatIsWrong({ wrong: [3, 12] })).toMatch(/^Groups 3, 12 are wrong\./);
    expect(whatIsWrong({ length: 65 })).toMatch(/^That is 65 signs; a spare key has 70/);
    expect(whatIsWrong({ mixed: true })).toMatch(/compare all of them/);
  });
});

describe('the page of a spare', () => {
  const page = { seed, id: 'BgnFpqoBkuk', library: 'BHixqjoEFyo', root: 2, day: '2026-11-25' };

  it.each([
    ['HTML', pageAsHtml(page)],
    ['text', pageAsText(page)],
  ])('has all that somebody needs, in two languages, as %s', (_, text) => {
    for (const group of groups) expect(text).toContain(group);
    for (const word of [page.id, page.library, page.day, 'npm run keys -- restore', 'Spare key', 'Clé de secours'])
      expect(text).toContain(word);
    expect(readLetters(text)).toEqual({ seed });
  });

  it('needs nothing beside it, and runs nothing', () => {
    const html = pageAsHtml(page);
    expect(html).not.toMatch(/<script|src=|href=|url\(/);
  });

  it('has the letters as a code', () => {
    const code = generate(toLine(seed));
    const squares = (pageAsHtml(page).match(/h1v1h-1z/g) ?? []).length;
    let dark = 0;
    for (let y = 0; y < code.size; y++) for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark++;
    expect(squares).toBe(dark);
    expect(pageAsText(page)).toContain(codeAsText(toLine(seed)));
  });
});
