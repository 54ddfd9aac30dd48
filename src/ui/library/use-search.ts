import { useEffect, useState } from 'preact/hooks';
import type { SearchAnswer, SearchQuestion, SearchState } from '../../core/api/worker-api.ts';
import type { App } from '../shell/app.ts';

/** Between two letters of a quick typist: nobody reads what is found for the first. */
const TYPING_MS = 120;

export interface Found {
  /** What was found; undefined until the first answer, and where the search is not on this device. */
  readonly answer: SearchAnswer | undefined;
  /** It is of the question as it is now, not of the one before. */
  readonly isCurrent: boolean;
  /** More texts are on their way into the search. */
  readonly isGrowing: boolean;
  /** The search does not answer: it was not kept on this device. */
  readonly isAway: boolean;
}

/** More is found as the search grows: what is on the screen stays where it is, and the rest follows. */
const inPlace = (before: SearchAnswer | null, { hits, total }: SearchAnswer): SearchAnswer => {
  const fresh = new Map(hits.map((hit) => [hit.card.id, hit]));
  const kept = (before?.hits ?? []).flatMap(({ card }) => fresh.get(card.id) ?? []);
  const ids = new Set(kept.map(({ card }) => card.id));
  return { hits: [...kept, ...hits.filter(({ card }) => !ids.has(card.id))], total };
};

/** Asks as somebody types, and again as more of the library can be found. Nothing is loaded before the first question. */
export const useSearch = (app: App, question: SearchQuestion | undefined): Found => {
  const [state, setState] = useState<SearchState>();
  const [found, setFound] = useState<{ readonly key: string; readonly answer: SearchAnswer | null }>();
  const isAsked = question !== undefined;
  const key = JSON.stringify(question);
  useEffect(() => (isAsked ? app.client.watchSearch(setState) : undefined), [isAsked]);
  useEffect(() => {
    if (!question) return setFound(undefined);
    let isOver = false;
    const ask = (): void => {
      app.client.search(question).then(
        (answer) =>
          isOver ||
          setFound((before) => ({ key, answer: before?.key === key ? inPlace(before.answer, answer) : answer })),
        () => isOver || setFound({ key, answer: null }),
      );
    };
    const timer = setTimeout(ask, TYPING_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, state?.revision]);
  return {
    answer: isAsked ? (found?.answer ?? undefined) : undefined,
    isCurrent: found?.key === key,
    isGrowing: isAsked && found?.answer !== null && state?.whole !== true,
    isAway: found?.answer === null,
  };
};
