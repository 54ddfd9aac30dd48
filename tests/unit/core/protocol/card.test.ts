import { describe, expect, it } from 'vitest';
import { type Card, cardOf, isOver, needsOf, noticesOf, relatedTo } from '../../../../src/core/protocol/card.ts';
import type { BulletinItem, CaseItem, Tag } from '../../../../src/core/protocol/item.ts';
import { sampleItem } from '../../../contract/samples.ts';

const item = (id: string, tags: readonly Tag[], related: readonly string[] = []): CaseItem => ({
  ...sampleItem(id),
  tags,
  related,
});
const notice = (id: string, urgency: 1 | 2 | 3, until: string): Card => {
  const { kind: _, ...common } = item(id, ['need:notices', 'need:money']);
  return cardOf({ ...common, kind: 'bulletin', area: 'Tillia', urgency, issued: '2026-01-01', until } as BulletinItem);
};
const idsOf = (cards: readonly Card[]): string[] => cards.map(({ id }) => id);

describe('a notice', () => {
  it('holds on its last day, and not on the next', () => {
    const card = notice('rain', 2, '2026-06-30');
    expect(isOver(card, '2026-06-30')).toBe(false);
    expect(isOver(card, '2026-07-01')).toBe(true);
    expect(isOver(cardOf(item('pump', [])), '2999-01-01')).toBe(false);
  });

  it('comes first where it is most urgent, and not at all where it is over', () => {
    const cards = [notice('a', 3, '2026-12-31'), notice('b', 1, '2026-12-31'), notice('c', 1, '2026-01-31')];
    expect(idsOf(noticesOf([...cards, cardOf(item('pump', []))], '2026-05-01'))).toEqual(['b', 'a']);
  });
});

describe('what people with the same problem read next', () => {
  const cards = [
    item('pump', ['need:fields']),
    item('milk', ['need:money', 'need:livestock']),
    item('phone', ['need:money']),
    item('radio', ['need:notices']),
    item('kit', []),
  ].map(cardOf);

  it('is what the item names, then what answers one of its needs', () => {
    const shown = item('milk', ['need:livestock', 'need:money'], ['kit', 'gone']);
    expect(idsOf(relatedTo(shown, cards, '2026-05-01'))).toEqual(['kit', 'phone']);
  });

  it('is nothing for an item without needs and names', () => {
    expect(relatedTo(item('kit', []), cards, '2026-05-01')).toEqual([]);
  });

  it('is never a notice that is over, and at most four', () => {
    const many = Array.from({ length: 9 }, (_, i) => cardOf(item(`more-${i}`, ['need:money'])));
    const shown = item('milk', ['need:money'], ['rain']);
    const found = idsOf(relatedTo(shown, [notice('rain', 1, '2026-01-31'), ...many], '2026-05-01'));
    expect(found).toHaveLength(4);
    expect(found).not.toContain('rain');
  });
});

it('the home page shows the needs that something answers, in its own order', () => {
  expect(needsOf([item('a', ['need:school', 'wsis:C7']), item('b', ['need:fields'])].map(cardOf))).toEqual([
    'fields',
    'school',
  ]);
});
