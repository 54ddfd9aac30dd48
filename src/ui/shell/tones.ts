import { sounds } from './settings.ts';

/** Three short tones for what happened to an answer: a third sign, after its shape and its word. */
const TONES = {
  kept: [523],
  arrived: [523, 784],
  refused: [294, 220],
} as const satisfies Readonly<Record<string, readonly number[]>>;

const NOTE_S = 0.14;
const LOUD = 0.2;

let context: AudioContext | undefined;

/** Called at a tap: only from there do browsers let a page sound later. */
export const prepareTones = (): void => {
  if (sounds.value === 'off' || !('AudioContext' in globalThis)) return;
  context ??= new AudioContext();
  void context.resume().catch(() => {});
};

/** Sounds a tone, if a tap came before it. */
export const play = (tone: keyof typeof TONES): void => {
  if (!context || sounds.value === 'off') return;
  let at = context.currentTime;
  for (const frequency of TONES[tone]) {
    const note = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    // Rises and falls: a tone that is cut clicks.
    gain.gain.setTargetAtTime(LOUD, at, 0.01);
    gain.gain.setTargetAtTime(0, at + NOTE_S - 0.04, 0.015);
    note.connect(gain).connect(context.destination);
    note.start(at);
    note.stop(at + NOTE_S + 0.1);
    at += NOTE_S;
  }
};
