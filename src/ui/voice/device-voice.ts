import { signal } from '@preact/signals';
import { voiceFor } from '../../core/text/voices.ts';
import type { Speaker } from './reading.ts';

/** The device's own voices, as browsers have them. */

/** Some phones tell of their voices late, and some tell nobody: they are asked again after so many milliseconds. */
const ASK_AGAIN_MS = [300, 1_000, 3_000, 10_000];

/** How often it is looked whether a voice fell silent without a word. */
const LOOK_MS = 1_000;

/** A voice for a language: undefined until the device has told of one. `leave` stops looking for it. */
export const watchVoice = (synth: SpeechSynthesis, lang: string) => {
  const voice = signal<SpeechSynthesisVoice | undefined>(undefined);
  const look = (): void => {
    voice.value = voiceFor(lang, synth.getVoices(), navigator.onLine);
  };
  look();
  const timers = ASK_AGAIN_MS.map((wait) => setTimeout(look, wait));
  // Old Safari has voices and no such event.
  synth.addEventListener?.('voiceschanged', look);
  addEventListener('online', look);
  addEventListener('offline', look);
  const leave = (): void => {
    timers.forEach(clearTimeout);
    synth.removeEventListener?.('voiceschanged', look);
    removeEventListener('online', look);
    removeEventListener('offline', look);
  };
  return { voice, leave };
};

/** Speaks with `voice()`. One utterance a sentence: long ones are cut off by some phones. */
export const speakerOf = (synth: SpeechSynthesis, voice: () => SpeechSynthesisVoice | undefined): Speaker => {
  /** Held until it has ended: some browsers throw an utterance away while it is being said, and never tell its end. */
  let saying: SpeechSynthesisUtterance | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;

  const hush = (): void => {
    saying = undefined;
    clearInterval(watch);
    clearTimeout(soon);
    synth.cancel();
  };

  return {
    hush,
    say(text, rate, { ended, failed }) {
      const isBusy = synth.speaking || synth.pending;
      hush();
      const by = voice();
      const utterance = new SpeechSynthesisUtterance(text);
      if (by) {
        utterance.voice = by;
        utterance.lang = by.lang;
      }
      utterance.rate = rate;
      const over = (tell: () => void): void => {
        if (saying !== utterance) return;
        saying = undefined;
        clearInterval(watch);
        tell();
      };
      utterance.onend = () => over(ended);
      utterance.onerror = ({ error }) =>
        over(() => failed(error === 'interrupted' || error === 'canceled' ? 'taken' : 'broken'));
      saying = utterance;
      let silent = 0;
      watch = setInterval(() => {
        silent = synth.speaking || synth.pending ? 0 : silent + 1;
        if (silent > 1) over(ended);
      }, LOOK_MS);
      const speak = (): void => {
        // A page before this one may have left the voice paused.
        synth.resume();
        synth.speak(utterance);
      };
      // Said in the same breath as `cancel`, some browsers drop it.
      if (isBusy) soon = setTimeout(speak, 50);
      else speak();
    },
  };
};
