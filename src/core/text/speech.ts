/**
 * How long a text takes when it is read aloud on the radio.
 *
 * Words a minute by language. Nobody has timed a presenter in any of these languages yet: until somebody has, each is read at `UNTIMED`, which is where
 * presenters' handbooks start. To calibrate: time one page read aloud, words × 60 / seconds, and write it here.
 */
const TIMED: Readonly<Record<string, number>> = {};
const UNTIMED = 120;

/** Words a minute in a language (BCP 47 tag). */
export const paceOf = (lang: string): number => TIMED[lang] ?? TIMED[lang.split('-')[0] ?? ''] ?? UNTIMED;

/** Words as they are spoken: what has a letter or a digit, between spaces. */
export const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Seconds that a text takes at that many words a minute, rounded up; 0 for no words. */
export const secondsFor = (text: string, pace: number): number => Math.ceil((wordsIn(text) * 60) / pace);
