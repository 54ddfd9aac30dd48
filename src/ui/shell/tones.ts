import { sounds } from './settings.ts';

/** Three short tones for what happened to an answer: a third sign, after its shape and its word. */
const TONES = {
  kept: [523],
  arrived: [523, 784],
  refused: [294, 220],
} as const satisfies Readonly<Record<string, readonly number[]>>;

const NOTE_S = 0.14;
const LOUD = 0.2;
/** A note fades for so long. */
const TAIL_S = 0.1;

let context: AudioContext | undefined;
/** When the last note ends, on the clock of `context`. */
let ends = 0;

/** Called at a tap: only from there do browsers let a page sound later. A phone without sound loses nothing else. */
export const prepareTones = (): void => {
  if (sounds.value === 'off') return;
  try {
    context ??= new AudioContext();
  } catch {
    // None here.
  }
};

/** Sounds a tone, if a tap came before it. */
export const play = (tone: keyof typeof TONES): void => {
  if (!context || sounds.value === 'off') return;
  try {
    void context.resume().catch(() => {});
    sound(context, TONES[tone]);
  } catch {
    // As above.
  }
};

const sound = (audio: AudioContext, frequencies: readonly number[]): void => {
  let at = audio.currentTime;
  for (const frequency of frequencies) {
    const note = new OscillatorNode(audio, { frequency });
    const gain = new GainNode(audio, { gain: 0 });
    // Rises and falls: a tone that is cut clicks.
    gain.gain.setTargetAtTime(LOUD, at, 0.01);
    gain.gain.setTargetAtTime(0, at + NOTE_S - 0.04, 0.015);
    note.connect(gain).connect(audio.destination);
    note.start(at);
    note.stop(at + NOTE_S + TAIL_S);
    at += NOTE_S;
    // Awake, the sound card costs battery: to sleep after the last note, of whichever tone.
    ends = at + TAIL_S;
    note.onended = () => {
      if (audio.currentTime >= ends) void audio.suspend().catch(() => {});
    };
  }
};
