import { knownLanguage } from './fallback.ts';

/** Which of a device's voices reads a language. */

/** What we look at of a `SpeechSynthesisVoice`. */
export interface VoiceLike {
  /** BCP 47, or what older Android makes of it: `fr_FR`, `fra-FRA`. */
  readonly lang: string;
  /** Whether it speaks without a network. */
  readonly localService: boolean;
  readonly default: boolean;
}

/** Codes of three letters that some engines say in the place of the two that BCP 47 wants. */
const LONG_CODES: Readonly<Record<string, string>> = {
  ara: 'ar',
  ben: 'bn',
  eng: 'en',
  fra: 'fr',
  guj: 'gu',
  hau: 'ha',
  hin: 'hi',
  por: 'pt',
  spa: 'es',
  swa: 'sw',
};

const shortened = (tag: string): string => {
  const [code = '', ...rest] = tag.replaceAll('_', '-').split('-');
  return [LONG_CODES[code.toLowerCase()] ?? code, ...rest].join('-');
};

/**
 * The voice that reads a language best: one of the same region before others, on the device before one in the network, the device's own choice
 * first. `online`: whether voices that need the network count. Undefined where none speaks the language: another language's voice is never taken.
 */
export const voiceFor = <Voice extends VoiceLike>(
  lang: string,
  voices: readonly Voice[],
  online: boolean,
): Voice | undefined => {
  const language = lang.split('-')[0] ?? lang;
  const score = (voice: Voice): number =>
    (voice.localService ? 4 : 0) +
    (knownLanguage(shortened(voice.lang), [lang]) === lang ? 2 : 0) +
    (voice.default ? 1 : 0);
  const [best] = voices
    .filter((voice) => knownLanguage(shortened(voice.lang), [language]) === language)
    .filter((voice) => voice.localService || online)
    // Sorting keeps the device's order among equals.
    .sort((a, b) => score(b) - score(a));
  return best;
};
