import { expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../server/config.ts';

it.each([
  [{}, undefined],
  [{ UPSTREAM: 'https://relais.example.org' }, 'https://relais.example.org'],
  [{ UPSTREAM: 'https://relais.example.org:443/' }, 'https://relais.example.org'],
  // A hub on some Wi-Fi: phones do not have the app from there.
  [{ UPSTREAM: 'http://192.168.1.2:8080' }, undefined],
  [{ UPSTREAM: 'http://192.168.1.2:8080', APP_ORIGIN: 'https://relais.example.org/' }, 'https://relais.example.org'],
  [{ APP_ORIGIN: 'https://Bibliotheque.example.org' }, 'https://bibliotheque.example.org'],
])('%j: the app is from %s', (env, origin) => {
  expect(readConfig(env).appOrigin).toBe(origin);
});

it.each(['http://relais.example.org', 'relais.example.org', 'https://relais.example.org/fr/', '*', 'null'])(
  'refuses APP_ORIGIN=%s',
  (APP_ORIGIN) => {
    expect(() => readConfig({ APP_ORIGIN })).toThrow(ConfigError);
  },
);

it('a collection is mirrored by its name, and only with its language', () => {
  const UPSTREAM = 'https://relais.example.org';
  expect(readConfig({ UPSTREAM, SHELVES: 'fr, fr-xiati' }).upstream?.shelves).toEqual(['fr', 'fr-xiati']);
  expect(() => readConfig({ UPSTREAM, SHELVES: 'ha,fr-xiati' })).toThrow('"fr-xiati" without its language: add fr');
});
