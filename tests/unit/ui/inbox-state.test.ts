import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FormItem } from '../../../src/core/protocol/item.ts';
import type { AnswersResult, InboxAnswer, SignInResult, SignOutResult } from '../../../src/ui/inbox/api.ts';
import type { Clock } from '../../../src/ui/inbox/door-state.ts';
import { InboxState } from '../../../src/ui/inbox/inbox-state.ts';

const form: FormItem = {
  v: 1,
  kind: 'form',
  id: 'short',
  lang: 'fr',
  rev: 1,
  title: 'Ça vous aide ?',
  version: 1,
  addressee: 'centre',
  submit: 'Envoyer',
  questions: [
    {
      type: 'select_one',
      name: 'helped',
      label: 'Ce sujet vous aide ?',
      required: false,
      appearance: 'faces',
      choices: [{ name: 'yes', label: 'Oui', icon: 'face-yes' }],
    },
    { type: 'text', name: 'words', label: 'Que demander ?', required: false, max: 500 },
  ],
};

const answer = (seq: number, words = 'bonjour'): InboxAnswer => ({
  seq,
  number: String(47_290_000 + seq),
  readable: true,
  form: 'short',
  item: 'akashganga',
  title: 'Le lait d’Akashganga',
  lang: 'fr',
  answers: { helped: 'yes', words },
  filled: 1_700_000_000,
  received: 1_700_000_100 + seq,
});

const UNREACHABLE = { kind: 'unreachable' } as const;

/** A hub of one operator: a list of answers, a session, and a link that can be cut. */
const fakeHub = () => {
  const hub = {
    list: [] as InboxAnswer[],
    signedIn: true,
    cut: false,
    pageSize: 200,
    asked: [] as number[],
    acted: [] as boolean[],
    signInResult: { kind: 'done' } as SignInResult,
    async signIn(): Promise<SignInResult> {
      if (hub.cut) return UNREACHABLE;
      hub.signedIn = hub.signInResult.kind === 'done';
      return hub.signInResult;
    },
    async signOut(): Promise<SignOutResult> {
      if (hub.cut) return UNREACHABLE;
      hub.signedIn = false;
      return { kind: 'done' };
    },
    async answers(after: number, _lang: string, acted: boolean): Promise<AnswersResult> {
      hub.asked.push(after);
      hub.acted.push(acted);
      if (hub.cut) return UNREACHABLE;
      if (!hub.signedIn) return { kind: 'signed-out' };
      const answers = hub.list.filter(({ seq }) => seq > after).slice(0, hub.pageSize);
      return { kind: 'page', answers, forms: answers.length > 0 ? [form] : [], more: answers.length === hub.pageSize };
    },
  };
  return hub;
};

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

const setUp = async (count = 0) => {
  const hub = fakeHub();
  hub.list = Array.from({ length: count }, (_, index) => answer(index + 1));
  const state = new InboxState(hub, clock, 'fr');
  state.setVisible(true);
  await vi.advanceTimersByTimeAsync(0);
  return { hub, state };
};

const seqs = (answers: { readonly value: readonly InboxAnswer[] }) => answers.value.map(({ seq }) => seq);
const poll = () => vi.advanceTimersByTimeAsync(5000);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('tells the hub that somebody is at the page only after somebody did something, and again where it was not heard', async () => {
  const { hub, state } = await setUp(1);
  await poll();
  state.stir();
  hub.cut = true;
  await poll();
  hub.cut = false;
  await poll();
  await poll();
  // The first pull takes one more request to see that there is no more.
  expect(hub.acted.slice(-5)).toEqual([false, false, true, true, false]);
});

describe('what arrives', () => {
  it('pages through everything, newest first, and asks for later ones only', async () => {
    const hub = fakeHub();
    hub.pageSize = 2;
    hub.list = [1, 2, 3, 4].map((seq) => answer(seq));
    const state = new InboxState(hub, clock, 'fr');
    state.setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(hub.asked).toEqual([0, 2, 4]);
    expect(seqs(state.shown)).toEqual([4, 3, 2, 1]);
    expect(state.unread.value).toBe(4);
    await poll();
    expect(hub.asked).toEqual([0, 2, 4, 4]);
  });

  it('comes on top by itself while nobody is at the rows', async () => {
    const { hub, state } = await setUp(1);
    hub.list.push(answer(2), answer(3));
    await poll();
    expect(seqs(state.shown)).toEqual([3, 2, 1]);
    expect(state.fresh.value).toBe(2);
    state.choose(3);
    expect(state.fresh.value).toBe(0);
  });

  it.each([
    ['an answer is open', (state: InboxState) => state.choose(1)],
    ['the search is in use', (state: InboxState) => state.setFilter('lait')],
    ['somebody is at the rows', (state: InboxState) => Object.assign(state, { isAtRows: () => true })],
  ])('waits to be asked for while %s', async (_, act) => {
    const { hub, state } = await setUp(1);
    act(state);
    hub.list.push(answer(2));
    await poll();
    expect(seqs(state.shown)).toEqual([1]);
    expect(seqs(state.held)).toEqual([2]);
    // Left alone again: what follows still waits behind what waits, so that the order stays.
    state.unchoose();
    state.setFilter('');
    state.isAtRows = () => false;
    hub.list.push(answer(3));
    await poll();
    expect(seqs(state.held)).toEqual([3, 2]);
    state.showHeld();
    expect(seqs(state.shown)).toEqual([3, 2, 1]);
    expect(seqs(state.held)).toEqual([]);
  });

  it('never loops over a page that says more and holds nothing new', async () => {
    const { hub, state } = await setUp(1);
    hub.answers = async () => ({ kind: 'page', answers: [answer(1)], forms: [], more: true });
    await poll();
    expect(seqs(state.shown)).toEqual([1]);
  });

  it('stops while the page is hidden, and asks at once when it is back', async () => {
    const { hub, state } = await setUp(1);
    state.setVisible(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.asked).toEqual([0]);
    hub.list.push(answer(2));
    state.setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(seqs(state.shown)).toEqual([2, 1]);
  });
});

describe('without a link', () => {
  it('keeps the list, and goes on asking', async () => {
    const { hub, state } = await setUp(2);
    hub.cut = true;
    await poll();
    expect(state.reachable.value).toBe(false);
    expect(state.screen.value).toBe('list');
    expect(seqs(state.shown)).toEqual([2, 1]);
    hub.cut = false;
    hub.list.push(answer(3));
    await poll();
    expect(state.reachable.value).toBe(true);
    expect(seqs(state.shown)).toEqual([3, 2, 1]);
  });

  it('shows what came before a cut between two pages', async () => {
    const hub = fakeHub();
    hub.pageSize = 2;
    hub.list = [1, 2, 3].map((seq) => answer(seq));
    const whole = hub.answers;
    hub.answers = async (after, lang, acted) => {
      hub.cut = after > 0;
      return whole(after, lang, acted);
    };
    const state = new InboxState(hub, clock, 'fr');
    state.setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(seqs(state.shown)).toEqual([2, 1]);
    hub.answers = whole;
    hub.cut = false;
    await poll();
    expect(seqs(state.shown)).toEqual([3, 2, 1]);
  });

  it('empties the screen at once on signing out, and tells the hub when it can', async () => {
    const { hub, state } = await setUp(2);
    hub.cut = true;
    await state.signOut();
    expect(state.screen.value).toBe('sign-in');
    expect(seqs(state.shown)).toEqual([]);
    expect(state.door.notice.value).toBe('leaving');
    // Trying to get in again with a wrong code is no reason to stop leaving.
    await state.door.signIn('no');
    hub.cut = false;
    await poll();
    expect(hub.signedIn).toBe(false);
    expect(state.door.notice.value).toBeUndefined();
  });
});

describe('the session', () => {
  it('asks for the code without a word on a first visit, and with one when the hub ended it', async () => {
    const hub = fakeHub();
    hub.signedIn = false;
    hub.list = [answer(1)];
    const state = new InboxState(hub, clock, 'fr');
    state.setVisible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(state.screen.value).toBe('sign-in');
    expect(state.door.notice.value).toBeUndefined();
    await state.door.signIn('ABCD');
    await vi.advanceTimersByTimeAsync(0);
    expect(seqs(state.shown)).toEqual([1]);
    state.choose(1);
    hub.signedIn = false;
    await poll();
    expect(state.screen.value).toBe('sign-in');
    expect(state.door.notice.value).toBe('expired');
    expect(seqs(state.shown)).toEqual([]);
    expect(state.read.value.size).toBe(0);
    expect(state.chosen.value).toBeUndefined();
    const asked = hub.asked.length;
    await poll();
    expect(hub.asked.length).toBe(asked);
  });

  it('says that a code is wrong, and counts down when there were too many', async () => {
    const { hub, state } = await setUp();
    await state.signOut();
    hub.signInResult = { kind: 'wrong-code' };
    await state.door.signIn('no');
    expect(state.door.notice.value).toBe('wrong-code');
    hub.signInResult = { kind: 'wait', seconds: 3 };
    await state.door.signIn('no');
    expect(state.door.wait.value).toBe(3);
    hub.signInResult = { kind: 'done' };
    await state.door.signIn('yes');
    expect(state.screen.value).toBe('sign-in');
    await vi.advanceTimersByTimeAsync(2000);
    expect(state.door.wait.value).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(state.door.wait.value).toBe(0);
    await state.door.signIn('yes');
    expect(state.screen.value).toBe('list');
  });

  it('drops a reply that comes after signing out', async () => {
    const { hub, state } = await setUp(1);
    let reply: (result: AnswersResult) => void = () => {};
    hub.answers = () => new Promise((resolve) => (reply = resolve));
    await poll();
    await state.signOut();
    reply({ kind: 'page', answers: [answer(2)], forms: [form], more: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(state.screen.value).toBe('sign-in');
    expect(seqs(state.shown)).toEqual([]);
  });
});

describe('reading', () => {
  it('marks what was opened, for this session', async () => {
    const { state } = await setUp(3);
    state.choose(2);
    expect(state.unread.value).toBe(2);
    expect(state.chosen.value?.seq).toBe(2);
  });

  it('finds words without accents, labels of choices, and numbers with a space', async () => {
    const { hub, state } = await setUp(1);
    hub.list.push(answer(2, 'Où faire le test ?'));
    await poll();
    for (const query of ['ou faire', 'OÙ FAIRE', '4729 0002', '0002']) {
      state.setFilter(query);
      expect(seqs(state.rows), query).toEqual([2]);
    }
    state.setFilter('oui');
    expect(seqs(state.rows)).toEqual([2, 1]);
    state.setFilter('rien');
    expect(seqs(state.rows)).toEqual([]);
  });

  it('draws a hundred rows, and more when asked', async () => {
    const { state } = await setUp(150);
    expect(state.rows.value.length).toBe(100);
    state.showOlder();
    expect(state.rows.value.length).toBe(150);
  });
});
