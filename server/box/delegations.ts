import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { ConfigError } from '../config.ts';
import { type Asked, only, type Surroundings, wholeOf } from './asked.ts';
import { delegate, readHubs, revoke } from './hub-list.ts';
import { makeRelayKey } from './keys.ts';
import type { BoxState } from './next-root.ts';
import { codeAsText } from './paper-page.ts';

/** `request`, `delegate` and `revoke`: other boxes that speak for the library. */

export const request = ({ dataDir, print }: Surroundings): void => {
  if (existsSync(join(dataDir, 'keys')))
    throw new ConfigError(
      `The data folder ${dataDir} has a library of its own, and speaks for no other. Run this on the hub that mirrors one (UPSTREAM), with its DATA_DIR.`,
    );
  const key = toBase64Url(makeRelayKey(dataDir).publicKey);
  print('Public key of this hub, for whoever runs the library. It is no secret:');
  print(key);
  print(codeAsText(key));
  print(`There: npm run keys -- delegate ${key} --name "..."`);
};

export const changeHubs = (state: BoxState, asked: Asked, around: Surroundings): void => {
  const { options } = asked;
  const after = options.after === undefined ? 0 : (wholeOf('after', options.after) ?? 0);
  if (asked.verb === 'revoke') {
    const name = only(asked, 'NAME');
    const { n } = revoke(state.dataDir, name, after);
    around.print(`"${name}" speaks for this library no longer (list ${n}).`);
    around.print('Now run "npm run publish": phones hear of it at their next contact.');
    return;
  }
  const key = only(asked, 'PUBLIC_KEY');
  if (options.name === undefined) throw new ConfigError('A hub needs a name for people: --name "School of Tillia".');
  const until = endOf(options.until, around.now);
  const before = readHubs(state.dataDir)?.hubs.find((hub) => hub.key === key || hub.name === options.name);
  const { n } = delegate(state.dataDir, { key, name: options.name, until }, after);
  around.print(
    `"${options.name}" may speak for this library${options.until ? ` until ${options.until}` : ''} (list ${n}).`,
  );
  if (before) around.print(`It takes the place of "${before.name}" with the key ${before.key}.`);
  around.print('Now run "npm run publish": phones hear of it at their next contact.');
};

/** The last second of a day, in UTC. */
const endOf = (day: string | undefined, now: number): number | undefined => {
  if (day === undefined) return undefined;
  const end = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T23:59:59Z`) : Number.NaN;
  if (Number.isNaN(end) || new Date(end).toISOString().slice(0, 10) !== day)
    throw new ConfigError(`--until ${day}: it has to be a day, like 2027-12-31.`);
  if (end < now) throw new ConfigError(`--until ${day}: that day is over.`);
  return end / 1000;
};
