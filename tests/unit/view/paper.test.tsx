import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import fr from '../../../locales/fr.json';
import type { Block, BulletinItem, CaseItem } from '../../../src/core/protocol/item.ts';
import { formatters } from '../../../src/i18n/formatters.ts';
import { translator } from '../../../src/i18n/translator.ts';
import { Article } from '../../../src/view/article.tsx';
import type { ViewContext } from '../../../src/view/context.ts';
import { registersIn } from '../../../src/view/paper.tsx';
import { scriptOf } from '../../../src/view/script.tsx';

/** What only paper has: empty forms, the line of facts, a presenter's script. */

const v: ViewContext = {
  lang: 'fr',
  words: 'fr',
  draft: false,
  dir: 'ltr',
  t: translator('fr', fr),
  icon: '',
  formatters: formatters('fr'),
};
const register = (title: string, columns: number, lines: number): Extract<Block, { t: 'register' }> => ({
  t: 'register',
  title,
  columns: Array.from({ length: columns }, (_, index) => `C${index}`),
  example: [Array.from({ length: columns }, () => 'exemple')],
  lines,
});
const any = {
  v: 1,
  id: 'well',
  lang: 'fr',
  rev: 3,
  title: 'Le puits est fermé',
  summary: 'L’eau ne doit plus être bue',
  place: 'Tillia',
  picture: 'radio',
  order: 1,
  tags: [],
  related: [],
  body: [],
  sources: [{ id: 'a', title: 'Avis', by: 'Mairie', certainty: 'says' }],
  review: { state: 'human-draft' },
  licence: 'CC-BY-4.0',
  form: 'short',
} as const;
const page = (item: CaseItem | BulletinItem, today = '2026-05-15'): string =>
  renderToString(
    <Article v={v} item={item} centre="Radio Tillia" fingerprint={undefined} today={today} related={[]} />,
  );

describe('registers', () => {
  const small = register('Petit', 7, 12);
  const wide = register('Large', 8, 5);
  const item: CaseItem = { ...any, kind: 'case', body: [small, { t: 'note', k: 'note', c: [wide] }] };

  it('are found in call-outs too, in their order', () => {
    expect(registersIn(item.body)).toEqual([small, wide]);
  });

  it('have an empty form each, with its lines and heads, and no example on it', () => {
    const [, ...sheets] = page(item).split(/(?=<table id="sheet-)/);
    expect(sheets).toHaveLength(2);
    const [first = '', second = ''] = sheets;
    expect(first).toMatch(/^<table id="sheet-1" class="sheet">/);
    expect(second).toMatch(/^<table id="sheet-2" class="sheet wide">/);
    for (const [sheet, lines, columns] of [
      [first, 12, 7],
      [second, 5, 8],
    ] as const) {
      expect(sheet.match(/<tbody>(.*)<\/tbody>/)?.[1]).toBe(`<tr>${'<td></td>'.repeat(columns)}</tr>`.repeat(lines));
      expect(sheet).toContain('<th scope="col">C6</th>');
      expect(sheet).toContain('Centre : Radio Tillia');
      expect(sheet).not.toContain('exemple');
    }
  });

  it('have a button each that names its form', () => {
    expect([...page(item).matchAll(/data-sheet="([^"]+)"/g)].map(([, id]) => id)).toEqual(['sheet-1', 'sheet-2']);
  });
});

it('an item says in a line where it comes from, and leaves room for its address', () => {
  const html = page({ ...any, kind: 'case' });
  expect(html).toContain('Radio Tillia · CC-BY-4.0 · Texte n° 3 · Écrit par une personne. Pas encore relu.');
  expect(html).toContain('<bdi id="printed"></bdi>');
  expect(html).toContain('<div id="qr"></div>');
});

describe('a notice on the radio', () => {
  const notice: BulletinItem = {
    ...any,
    kind: 'bulletin',
    area: 'Tillia',
    urgency: 2,
    issued: '2026-05-01',
    until: '2026-06-01',
    body: [
      { t: 'p', c: ['Le puits est fermé depuis mardi.'] },
      { t: 'ul', c: [['Un'], ['Prenez ', { t: 'b', c: ['l’eau'] }, { t: 'cite', s: 'a' }], ['Trois'], ['Quatre']] },
    ],
  };
  const parts = (item: BulletinItem) => scriptOf(v, item, 'Radio Tillia').map(({ part }) => part);
  const said = (item: BulletinItem, part: string) =>
    scriptOf(v, item, 'Radio Tillia').find((one) => one.part === part)?.lines;

  it('is made of the notice where its author wrote nothing for the radio', () => {
    expect(parts(notice)).toEqual(['greeting', 'what', 'when', 'do', 'help', 'close']);
    expect(said(notice, 'greeting')).toEqual(['Bonjour. Ici Radio Tillia. Écoutez cette annonce.']);
    expect(said(notice, 'what')).toEqual(['Le puits est fermé.', 'L’eau ne doit plus être bue.']);
    expect(said(notice, 'when')).toEqual(['C’est pour : Tillia. C’est valable jusqu’au 1 juin 2026.']);
    expect(said(notice, 'do')).toEqual(['Un', 'Prenez l’eau', 'Trois']);
    expect(parts({ ...notice, body: [] })).not.toContain('do');
  });

  it('has its author’s words in the place of those', () => {
    const script = {
      greeting: 'Fofo.',
      what: 'Puits fermé.',
      when: 'Dès mardi.',
      do: ['Allez.'],
      help: 'Chez Amina.',
      close: 'Kala suuru.',
    };
    const own = { ...notice, script };
    expect(scriptOf(v, own, 'x').flatMap(({ lines }) => lines)).toEqual(Object.values(script).flat());
    expect(said({ ...notice, script: { do: ['Allez.'] } }, 'what')).toEqual(said(notice, 'what'));
  });

  it('in another language than the page’s has nothing of ours: nobody reads out two languages', () => {
    const hausa = { ...notice, lang: 'ha', urgency: 1 } as const;
    expect(parts(hausa)).toEqual(['what', 'when', 'do', 'repeat']);
    expect(said(hausa, 'when')?.[0]).toMatch(/^Tillia · 1 .*2026$/);
    expect(said(hausa, 'when')?.[0]).not.toContain('juin');
    expect(said(hausa, 'repeat')?.[0]).toBe('Le puits est fermé.');
    expect(said({ ...hausa, script: { close: 'Sai an jima.' } }, 'close')).toEqual(['Sai an jima.']);
  });

  it('is repeated where it is most urgent, and only there', () => {
    const repeated = said({ ...notice, urgency: 1 }, 'repeat') ?? [];
    expect(repeated[0]).toBe('Je répète.');
    for (const line of ['Le puits est fermé.', 'Prenez l’eau']) expect(repeated).toContain(line);
    expect(parts({ ...notice, urgency: 3 })).not.toContain('repeat');
    expect(page({ ...notice, urgency: 1 })).toContain('À lire au moins trois fois par jour jusque-là.');
    expect(page(notice)).not.toContain('trois fois');
  });

  it('has seconds beside each part, and in all', () => {
    const own = scriptOf(v, notice, 'Radio Tillia');
    expect(own.find(({ part }) => part === 'what')?.seconds).toBe(5);
    const total = own.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(page(notice)).toContain(`Environ ${total} secondes`);
    expect(page(notice)).toContain('Quoi · 5 s');
  });

  it('is not read once the notice is over', () => {
    expect(page(notice, '2026-06-01')).toContain('id="script"');
    const over = page(notice, '2026-06-02');
    expect(over).toContain('Annonce retirée');
    expect(over).not.toContain('script');
  });
});
