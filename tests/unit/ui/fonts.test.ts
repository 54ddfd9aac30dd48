import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL, type Draw, lettersIn, missingOf, type Picture, SCRIPTS } from '../../../src/ui/fonts/missing.ts';
import table from '../../../src/ui/fonts/table.json';

/** Which letters a device cannot draw, by pictures that no device drew: each of them is how some browser draws what it lacks. */

const letter = (char: string): Picture => ({ width: 9 + (char.codePointAt(0) ?? 0) / 7, ink: `ink of ${char}` });
/** A device that has `fonts`, and draws all else as `box` says. */
const device =
  (fonts: RegExp, box: (char: string) => Picture): Draw =>
  (char) =>
    fonts.test(char) ? letter(char) : box(char);

const BENGALI = ['ক', 'খ', 'গ'];
const ADLAM = ['𞤀', '𞤁', '𞤂'];
const same = (): Picture => ({ width: 14, ink: 'box' });
const blank = (): Picture => ({ width: 0, ink: '' });
/** Firefox: the code point in small digits, in a box as wide as these ask for. */
const digits = (char: string): Picture => ({ width: char.length > 1 ? 20 : 14, ink: `box ${char.codePointAt(0)}` });

describe.each([
  ['one box for all', same],
  ['nothing', blank],
  ['a box with the digits of each', digits],
])('a browser that draws %s', (_, box) => {
  it('has every letter of its fonts', () => {
    expect(missingOf([...BENGALI, ...ADLAM], device(/\p{L}/u, box))).toEqual([]);
    expect(missingOf(BENGALI, device(/\p{Script=Beng}/u, box))).toEqual([]);
  });

  it('has none of a script that no font of it has', () => {
    const latin = device(/\p{Script=Latn}/u, box);
    expect(missingOf(BENGALI, latin)).toEqual(BENGALI);
    expect(missingOf(ADLAM, latin)).toEqual(ADLAM);
  });
});

it('finds single letters that a font lacks: hooked ones among Latin', () => {
  const roboto = device(/[a-zé]/, same);
  expect(missingOf(['ɓ', 'é', 'ƙ'], roboto)).toEqual(['ɓ', 'ƙ']);
});

it('takes no letter for a box because it is as wide as one', () => {
  const narrow = device(/\p{Script=Beng}/u, digits);
  const draw: Draw = (char) => (char === 'ক' ? { width: 14, ink: 'ink' } : narrow(char));
  expect(missingOf(BENGALI, draw)).toEqual([]);
  expect(missingOf(['ক'], draw)).toEqual([]);
});

describe('the letters of a text', () => {
  it.each([
    ['Bonjour à tous, ça va ? Œuf', []],
    ['Ƙauyen Ɓarnawa', ['Latn']],
    ['Ọ̀rọ̀ ẹ̀kọ́', ['Latn']],
    ['স্বাগতম', ['Beng']],
    ['મિલ્ક दूध', ['Deva', 'Gujr']],
    ['مرحبا ⵣⴰ ሰላም 𞤀𞤣', ['Adlm', 'Arab', 'Ethi', 'Tfng']],
    ['১২৩ ١٢٣', []],
  ])('%s', (text, scripts) => {
    expect([...lettersIn(text).keys()]).toEqual(scripts);
  });

  it('are each there once, without marks, and no more than tell something', () => {
    expect(lettersIn('কা কি কু খ').get('Beng')).toEqual(['ক', 'খ']);
    const all = Array.from({ length: 100 }, (_, index) => String.fromCodePoint(0x1200 + index)).join('');
    expect(lettersIn(all).get('Ethi')?.length).toBeLessThan(30);
  });
});

describe('the fonts', () => {
  const folder = 'public/fonts';

  it('are those of the table, with its sizes and hashes, and nothing else', () => {
    const files = Object.values(table).map(({ file }) => file.slice('/fonts/'.length));
    expect(readdirSync(folder).sort()).toEqual([...files, 'OFL.txt'].sort());
    for (const { file, bytes, sha256 } of Object.values(table)) {
      const data = readFileSync(join('public', file));
      expect(data.length).toBe(bytes);
      expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
      expect(file).toContain(sha256.slice(0, 8));
      expect(data.subarray(0, 4).toString()).toBe('wOF2');
    }
  });

  it('are there for each script that is looked for, and cover its letters', () => {
    expect(Object.keys(table).sort()).toEqual([...ALL].sort());
    const samples = {
      Adlm: '𞤀',
      Arab: 'م',
      Beng: 'ক',
      Deva: 'द',
      Ethi: 'ሰ',
      Gujr: 'દ',
      Latn: 'ɓɗƙƴŋɲǝɣɛɔẓẹọṣ',
      Tfng: 'ⵣ',
    };
    for (const script of ALL)
      for (const char of samples[script]) {
        expect(SCRIPTS[script].test(char) || script === 'Latn').toBe(true);
        const inRange = table[script].range.split(',').some((part) => {
          const [from = 0, to = from] = part
            .slice(2)
            .split('-')
            .map((hex) => Number.parseInt(hex, 16));
          const code = char.codePointAt(0) ?? 0;
          return code >= from && code <= to;
        });
        expect([char, inRange]).toEqual([char, true]);
      }
  });

  it('have their licence beside them', () => {
    expect(readFileSync(join(folder, 'OFL.txt'), 'utf8')).toContain('SIL Open Font License, Version 1.1');
  });
});
