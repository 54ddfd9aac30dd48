import { type Signal, signal } from '@preact/signals';
import { ALL, type Script } from './missing.ts';
import table from './table.json';

/** The fonts that a person took: fetched, checked, kept for offline, used at each start, dropped again. */

const CACHE = 'relais-fonts';
const KEY = 'relais-fonts';

/** The name that the style sheet has behind the system's own fonts. */
const FAMILY = 'Relais';

const remembered = (): readonly Script[] => {
  try {
    const names = (localStorage.getItem(KEY) ?? '').split(' ');
    return ALL.filter((script) => names.includes(script));
  } catch {
    return [];
  }
};

/** The scripts whose letters this phone has from us. */
export const kept: Signal<readonly Script[]> = signal(remembered());

const remember = (scripts: readonly Script[]): void => {
  kept.value = scripts;
  try {
    if (scripts.length > 0) localStorage.setItem(KEY, scripts.join(' '));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is refused: they hold until the page goes.
  }
};

const faces = new Map<Script, FontFace>();

/** Throws where the bytes are not those that this build knows. */
const check = async (script: Script, data: ArrayBuffer): Promise<void> => {
  const { bytes, sha256 } = table[script];
  if (data.byteLength !== bytes) throw new Error('font: length');
  // Plain http has no `crypto.subtle`, and whoever could change the font there could change this script too.
  if (!globalThis.crypto?.subtle) return;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== sha256) throw new Error('font: hash');
};

/** Plain http has no cache of ours: the browser's own keeps the file, whose name is its hash. */
const open = async (): Promise<Cache | undefined> => ('caches' in globalThis ? caches.open(CACHE) : undefined);

const use = async (script: Script, data: ArrayBuffer): Promise<void> => {
  const face = new FontFace(FAMILY, data, { unicodeRange: table[script].range });
  await face.load();
  document.fonts.add(face);
  faces.set(script, face);
};

/** A file that stalls is given up: the person can ask again. */
const WAIT_MS = 60_000;

/** Fetches the letters of a script, checks and keeps them, and draws with them at once. Rejects where they do not come, or are not the right ones. */
export const take = async (script: Script): Promise<void> => {
  const { file } = table[script];
  const response = await fetch(file, { credentials: 'omit', signal: AbortSignal.timeout(WAIT_MS) });
  if (!response.ok) throw new Error('font: missing');
  const data = await response.arrayBuffer();
  await check(script, data);
  await use(script, data);
  // A full phone draws with them all the same, until the page goes.
  await (await open())?.put(file, new Response(data)).catch(() => {});
  remember([...kept.value.filter((one) => one !== script), script]);
};

/** Forgets the letters of a script. */
export const drop = async (script: Script): Promise<void> => {
  const face = faces.get(script);
  if (face) document.fonts.delete(face);
  faces.delete(script);
  remember(kept.value.filter((one) => one !== script));
  await (await open())?.delete(table[script].file);
};

/** Draws with what was taken before. What is damaged or gone is forgotten: then it is offered anew. */
export const useKept = async (): Promise<void> => {
  const cache = await open();
  for (const script of kept.value) {
    try {
      const response = await (cache ? cache.match(table[script].file) : fetch(table[script].file));
      if (!response) throw new Error('font: gone');
      const data = await response.arrayBuffer();
      await check(script, data);
      await use(script, data);
    } catch {
      remember(kept.value.filter((one) => one !== script));
    }
  }
};

/** Seconds that the letters of a script take on a slow link, 50 kbit a second. */
export const secondsOf = (script: Script): number => Math.ceil((table[script].bytes * 8) / 50_000);
