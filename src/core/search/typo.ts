/**
 * Whether `a` becomes `b` by at most one typing error: a letter too much, too few or another one, or two neighbours swapped. In UTF-16
 * code units; before `from` both are alike.
 */
export const isWithinOneError = (a: string, b: string, from = 0): boolean => {
  const more = b.length - a.length;
  if (more < -1 || more > 1) return false;
  let i = from;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === a.length && i === b.length) return true;
  if (more === 1) return endAlike(a, i, b, i + 1);
  if (more === -1) return endAlike(a, i + 1, b, i);
  const isSwap = a.charCodeAt(i) === b.charCodeAt(i + 1) && a.charCodeAt(i + 1) === b.charCodeAt(i);
  return endAlike(a, i + 1, b, i + 1) || (isSwap && endAlike(a, i + 2, b, i + 2));
};

/** Whether `word` begins like `start`, with at most one error in it. */
export const beginsWithinOneError = (start: string, word: string, from = 0): boolean =>
  [0, -1, 1].some(
    (more) => start.length + more <= word.length && isWithinOneError(start, word.slice(0, start.length + more), from),
  );

const endAlike = (a: string, i: number, b: string, j: number): boolean => {
  if (a.length - i !== b.length - j) return false;
  for (let k = 0; i + k < a.length; k++) if (a.charCodeAt(i + k) !== b.charCodeAt(j + k)) return false;
  return true;
};

/** An error in the first letter is one of the same script, about: 512 code units, without signs and marks of ours. */
export const mayStandFor = (a: string, b: string): boolean => {
  const first = b.charCodeAt(0);
  return first >= FIRST_LETTER && first >> SCRIPT_BITS === a.charCodeAt(0) >> SCRIPT_BITS;
};
const FIRST_LETTER = 0x30;
const SCRIPT_BITS = 9;

/** First code units that may stand for the first of `term`: from, up to but without. */
export const lettersLike = (term: string): readonly [from: number, to: number] => {
  const script = term.charCodeAt(0) >> SCRIPT_BITS;
  return [Math.max(FIRST_LETTER, script << SCRIPT_BITS), (script + 1) << SCRIPT_BITS];
};
