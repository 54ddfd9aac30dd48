import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { openDatabaseFile } from '../../../../server/hub/database.ts';
import type { Envelope } from '../../../../src/core/protocol/envelope.ts';
import { openBox, sealedAnswer, seededPlatform, testLetter } from '../../../support/fixtures.ts';

const box = await openBox('answer store');
const platform = seededPlatform('answer store');
const letter = testLetter({ helped: 'yes', words: 'Une fois, deux chemins.' });
const sealed = await sealedAnswer(platform, box.root, 1, letter);
/** The same words under the same id, sealed once more. */
const again: Envelope = await sealedAnswer(platform, box.root, 1, letter).then((other) => ({
  ...other,
  header: { ...other.header, id: sealed.header.id },
}));

let store: AnswerStore;
beforeEach(() => {
  const secrets = [box.keys.seal];
  store = new AnswerStore(openDatabaseFile(':memory:'), () => secrets, platform);
});
afterEach(() => store.close());

describe('an answer that came by two ways', () => {
  it('is one, and both envelopes have its receipt: asked for at once, later, and by hand', async () => {
    expect(again.header.hash).not.toBe(sealed.header.hash);
    expect(await store.storeOnce(sealed, 1)).toEqual({ seq: 1, fresh: true });
    expect(store.seqOf(again.header.id, again.header.hash)).toBeUndefined();
    for (let n = 0; n < 2; n++) expect(await store.storeOnce(again, 2)).toEqual({ seq: 1, fresh: false });
    expect(store.seqOf(again.header.id, again.header.hash)).toBe(1);
    const named = store.newest(10).map(({ id, hash, seq }) => [id, hash, seq]);
    expect(named.toSorted()).toEqual([sealed, again].map(({ header }) => [header.id, header.hash, 1]).toSorted());
    await store.openPending();
    expect(store.after(0, 10)).toHaveLength(1);
  });

  it('is two, where they say different things', async () => {
    const other = await sealedAnswer(platform, box.root, 1, testLetter({ helped: 'no', words: 'Autre chose.' }));
    const twin: Envelope = { ...other, header: { ...other.header, id: sealed.header.id } };
    await store.storeOnce(sealed, 1);
    expect(await store.storeOnce(twin, 2)).toEqual({ seq: 2, fresh: true });
    expect(store.newest(1).map(({ seq }) => seq)).toEqual([2]);
  });
});
