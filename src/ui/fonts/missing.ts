/**
 * Which letters of a page no font of this device has. A browser draws a box in the place of such a letter, the same one that it draws for a code
 * point that no script uses; so letters are drawn and compared with those. There is no other way to ask: `document.fonts.check` says yes to anything.
 */

/** A drawn letter: its width in pixels, and what marks of ink it left ('' for none). */
export interface Picture {
  readonly width: number;
  readonly ink: string;
}

export type Draw = (letter: string) => Picture;

/** Code points that Unicode gives to nobody, with four digits and with five. */
const UNASSIGNED = ['\u0378', '\u0379', '\u{1e9fe}', '\u{1e9ff}'] as const;

/** Those of `letters` that are drawn as a box, or not at all. */
export const missingOf = (letters: readonly string[], draw: Draw): readonly string[] => {
  const boxes = UNASSIGNED.map(draw);
  const missing = letters.filter((letter) => {
    const { width, ink } = draw(letter);
    return ink === '' || boxes.some((box) => box.width === width && box.ink === ink);
  });
  if (missing.length > 0 || boxes[0]?.ink === boxes[1]?.ink) return missing;
  // Firefox writes the code point into its box: all boxes differ, and are as wide as their number of digits asks for.
  const widthOf = (letter: string) => boxes[letter.length > 1 ? 2 : 0]?.width;
  return letters.length > 1 && letters.every((letter) => draw(letter).width === widthOf(letter)) ? letters : [];
};

/** The scripts that we have a font for (ISO 15924), each with what its letters are. `Latn`: only letters beyond those that every font has. */
export const SCRIPTS = {
  Adlm: /\p{Script=Adlm}/u,
  Arab: /\p{Script=Arab}/u,
  Beng: /\p{Script=Beng}/u,
  Deva: /\p{Script=Deva}/u,
  Ethi: /\p{Script=Ethi}/u,
  Gujr: /\p{Script=Gujr}/u,
  Latn: /[\u014a\u014b\u0180-\u02af\u1e00-\u1eff]/u,
  Tfng: /\p{Script=Tfng}/u,
} as const;

export type Script = keyof typeof SCRIPTS;
export const ALL = Object.keys(SCRIPTS) as readonly Script[];

/** More letters than this tell nothing new. */
const ENOUGH = 24;

/** The different letters of each script in a text. A mark alone looks broken in every font, so marks are not asked about. */
export const lettersIn = (text: string): ReadonlyMap<Script, readonly string[]> => {
  const letters = [...new Set(text)].filter((char) => /\p{L}/u.test(char));
  const found = ALL.map(
    (script) => [script, letters.filter((char) => SCRIPTS[script].test(char)).slice(0, ENOUGH)] as const,
  );
  return new Map(found.filter(([, some]) => some.length > 0));
};

const SIDE = 48;

/** Draws letters as this page's text is drawn; undefined where the browser lets nobody read what was drawn. */
export const drawer = (): Draw | undefined => {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.font = `24px ${getComputedStyle(document.body).fontFamily}`;
  const draw: Draw = (letter) => {
    context.clearRect(0, 0, SIDE, SIDE);
    context.fillText(letter, SIDE / 4, (SIDE * 2) / 3);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    const marks: number[] = [];
    for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 127) marks.push(at);
    return { width: context.measureText(letter).width, ink: marks.join(' ') };
  };
  // A browser that answers with noise, so that nobody is recognised by it, draws nothing twice alike.
  const [once, again] = [draw('a'), draw('a')];
  return once.ink === again.ink ? draw : undefined;
};
