import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../box/files.ts';

/**
 * After an old copy was restored, phones have seen more than the box remembers, and refuse what it publishes. They say so without knowing:
 * each asks for what came after the number that it has. It is a hint and no proof: anybody can ask for any number.
 */

const pathOf = (dataDir: string): string => join(dataDir, 'newer.json');

/** The highest number that a device said it had, above the box's own; 0 where none did. */
export const newestAsked = (dataDir: string): number => {
  try {
    const { seq } = JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as { seq?: unknown };
    return typeof seq === 'number' && Number.isSafeInteger(seq) ? seq : 0;
  } catch {
    return 0;
  }
};

/** So far above the box's own number a claim is believed: a number that nobody can go beyond must not be made the next one. */
const FARTHEST = 1_000_000;
/** Whoever counts up, request by request, must not keep the disk busy. */
const PAUSE_MS = 60_000;

/** What devices claim to have, as a running hub hears it. */
export class NewerAsked {
  readonly #dataDir: string;
  #highest: number;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#highest = newestAsked(dataDir);
  }

  /** Notes that a device has `seq`, while the box is at `own`; `now` in milliseconds. Returns whether that was news. */
  note(seq: number, own: number, now: number): boolean {
    const isNews = Number.isSafeInteger(seq) && seq > own && seq <= own + FARTHEST && seq > this.#highest;
    if (!isNews || now < this.#quietUntil) return false;
    this.#quietUntil = now + PAUSE_MS;
    this.#highest = seq;
    writeDurably(pathOf(this.#dataDir), JSON.stringify({ seq }), 0o600);
    return true;
  }
}

/** What the operator has to know of where this box stands beside its phones, in sentences. */
export const restoredWords = (dataDir: string, seq: number): readonly string[] => {
  const asked = newestAsked(dataDir);
  if (asked <= seq) return [];
  return [
    `A phone says that it has number ${asked}, and this box is at number ${seq}. Was an old copy restored? Then phones refuse what is published here, and keep what they have, until you say: "npm run publish -- --after ${asked}".`,
    'Was nothing restored? Then somebody made that number up: do nothing.',
  ];
};

/** Said where the keys were used and nothing is known of what was published: the rest of the data folder was not restored. */
export const withoutHistory = (dataDir: string): readonly string[] =>
  existsSync(join(dataDir, 'keys/root-1.json')) && !existsSync(join(dataDir, 'history'))
    ? [
        'This box has keys and no history: it starts at number 1. If the library was ever published before, phones refuse that. Say "npm run publish -- --after N", with N above every number that ever went out, such as 1000.',
      ]
    : [];
