import { resolve } from 'node:path';
import * as v from 'valibot';
import { languageTag } from '../src/core/protocol/shapes.ts';
import { collectionOf, languageOf } from '../src/core/protocol/shelf.ts';

/** The one place for settings. Every variable is in the table of docs/configuration.md. */
export interface Config {
  /** Port to listen on. 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Keys, database and published tree. */
  readonly dataDir: string;
  /** The library's source. */
  readonly contentDir: string;
  /** What people type, without a slash at the end; its scheme decides on `Secure` cookies. */
  readonly publicUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** Seconds between two signatures of the head, so that devices see that the hub is alive. */
  readonly resignSeconds: number;
  /** Origin of the app that may reach this hub from phones over plain http, without a slash at the end; undefined: none may. */
  readonly appOrigin: string | undefined;
  /** The library that this hub mirrors; undefined: it has its own. */
  readonly upstream: Upstream | undefined;
}

/** Where a hub in between gets its library from, and passes answers on to. */
export interface Upstream {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Languages, and collections in them, that are mirrored; undefined: all of them. */
  readonly shelves: readonly string[] | undefined;
  readonly media: 'all' | 'pictures' | 'none';
  /** Bytes an hour and a day that news, pictures and recordings may cost; undefined: as many as it takes. */
  readonly hourly: number | undefined;
  readonly daily: number | undefined;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A setting that cannot be used: one sentence for the person who started the hub. */
export class ConfigError extends Error {}

const whole = (env: NodeJS.ProcessEnv, name: string, fallback: number, max: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new ConfigError(`${name} is "${text}": it has to be a whole number from 0 to ${max}.`);
  }
  return value;
};

/** Kilobytes as bytes. */
const kilobytes = (env: NodeJS.ProcessEnv, name: string): number | undefined =>
  env[name] ? whole(env, name, 0, 1e9) * 1000 : undefined;

const MEDIA: readonly Upstream['media'][] = ['all', 'pictures', 'none'];

const readUpstream = (env: NodeJS.ProcessEnv): Upstream | undefined => {
  const origin = env.UPSTREAM?.replace(/\/+$/, '');
  if (!origin) return undefined;
  if (!/^https?:\/\/[^/@]+$/.test(origin))
    throw new ConfigError(`UPSTREAM is "${origin}": it has to be like https://relais.example.org.`);
  const shelves = env.SHELVES ? env.SHELVES.split(',').map((name) => name.trim()) : undefined;
  const wrong = shelves?.find((name) => !v.is(languageTag, name));
  if (wrong !== undefined)
    throw new ConfigError(
      `SHELVES has "${wrong}": it has to be codes of languages with commas between them, like fr,ha.`,
    );
  const alone = shelves?.find((name) => collectionOf(name) !== undefined && !shelves.includes(languageOf(name)));
  if (alone !== undefined)
    throw new ConfigError(
      `SHELVES has the collection "${alone}" without its language: add ${languageOf(alone)}, which has the pages and the forms.`,
    );
  const media = (env.MEDIA || 'all') as Upstream['media'];
  if (!MEDIA.includes(media)) throw new ConfigError(`MEDIA is "${media}": it has to be one of ${MEDIA.join(', ')}.`);
  return { origin, shelves, media, hourly: kilobytes(env, 'HOURLY_KB'), daily: kilobytes(env, 'DAILY_KB') };
};

/** Where phones have the app from: of a hub in between, its centre, unless that is known to be another hub on some Wi-Fi. */
const readAppOrigin = (env: NodeJS.ProcessEnv, upstream: Upstream | undefined): string | undefined => {
  const origin = env.APP_ORIGIN?.replace(/\/+$/, '');
  if (!origin) return upstream?.origin.startsWith('https:') ? new URL(upstream.origin).origin : undefined;
  if (!/^https:\/\/[^/@]+$/.test(origin))
    throw new ConfigError(`APP_ORIGIN is "${origin}": it has to be like https://relais.example.org.`);
  return new URL(origin).origin;
};

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Reads the environment. Throws `ConfigError`. */
export const readConfig = (env: NodeJS.ProcessEnv): Config => {
  const logLevel = (env.LOG_LEVEL || 'warn') as LogLevel;
  if (!LEVELS.includes(logLevel))
    throw new ConfigError(`LOG_LEVEL is "${logLevel}": it has to be one of ${LEVELS.join(', ')}.`);
  const publicUrl = env.PUBLIC_URL?.replace(/\/+$/, '') || undefined;
  if (publicUrl !== undefined && !/^https?:\/\/[^/]+$/.test(publicUrl)) {
    throw new ConfigError(`PUBLIC_URL is "${publicUrl}": it has to be like https://relais.example.org.`);
  }
  const upstream = readUpstream(env);
  return {
    port: whole(env, 'PORT', 8080, 65_535),
    host: env.HOST || 'localhost',
    dataDir: resolve(env.DATA_DIR || 'data'),
    contentDir: resolve(env.CONTENT_DIR || 'content'),
    publicUrl,
    logLevel,
    resignSeconds: whole(env, 'RESIGN_SECONDS', 3600, 86_400),
    appOrigin: readAppOrigin(env, upstream),
    upstream,
  };
};
