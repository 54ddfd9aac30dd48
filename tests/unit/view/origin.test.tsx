import { renderToString } from 'preact-render-to-string';
import { expect, it } from 'vitest';
import { viewContext } from '../../../server/publish/site.ts';
import { cardOf } from '../../../src/core/protocol/card.ts';
import type { LibraryItem } from '../../../src/core/protocol/item.ts';
import { Article } from '../../../src/view/article.tsx';
import { Home } from '../../../src/view/home.tsx';
import { testCase } from '../../support/fixtures.ts';

const item = { ...testCase('pump', 'fr'), rev: 1 } as LibraryItem;
const article = (lang: string, fingerprint?: string): string =>
  renderToString(
    <Article
      v={viewContext(lang)}
      item={item}
      centre="Radio Tillia"
      fingerprint={fingerprint}
      today="2026-05-01"
      related={[]}
    />,
  );

it('who signed a text stands behind where it comes from, once that is known', () => {
  expect(article('fr', 'ABCDEFGHIJKLMNOP')).toMatch(/Signé par.*Radio Tillia.*ABCDEFGHI</);
  expect(article('fr')).not.toContain('Signé par');
});

it('so does why a text stands in another language than the chosen one, and only then', () => {
  expect(article('dje')).toContain('Ce texte n’est pas encore en Zarma. En Français, c’est le plus proche');
  expect(article('fr')).not.toContain('Pourquoi cette langue');
});

it('urgent notices that came first are told, and are no topics: those are still to come', () => {
  const notice = { ...cardOf({ ...item, id: 'flood' }), kind: 'bulletin', urgency: 1, until: '2090-12-31' } as const;
  const home = renderToString(
    <Home
      v={viewContext('fr')}
      centre=""
      items={[]}
      early={[notice]}
      coming={<p>Ça arrive</p>}
      today="2026-05-01"
      names={[]}
      languages={[]}
    />,
  );
  expect(home.match(/href="\/fr\/flood"/g)).toHaveLength(1);
  expect(home).toMatch(/notice is-danger.*<p>Ça arrive<\/p>/);
});

it('what was written here has a place of its own on the first page', () => {
  const home = (local: boolean): string => {
    const items = [cardOf({ ...item, ...(local && { local: true as const }) }), cardOf({ ...item, id: 'phone' })];
    return renderToString(
      <Home v={viewContext('fr')} centre="" items={items} today="2026-05-01" names={[]} languages={[]} />,
    );
  };
  expect(home(true)).toMatch(/D’ici.*\/fr\/pump/);
  expect(home(false)).not.toContain('D’ici');
});
