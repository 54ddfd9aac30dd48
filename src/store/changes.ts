import type { Unwatch } from '../core/api/worker-api.ts';

/**
 * Who is told of what changed in the databases: live queries here, and in every other page, worker and service worker of this origin.
 * A topic is a database's name, and behind a slash a store's or a finer one.
 */

const CHANNEL = 'relais-changes';

type Heard = (topics: readonly string[]) => void;
const queries = new Set<Heard>();
let channel: BroadcastChannel | undefined;
/** Of the query that is just being asked. */
let noted: Set<string> | undefined;

const spread: Heard = (topics) => {
  for (const hear of queries) hear(topics);
};

const listen = (): BroadcastChannel => {
  if (!channel) {
    channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }: MessageEvent<readonly string[]>) => spread(data);
  }
  return channel;
};

/** What is read from here on, if it is for a live query: to be called before anything is awaited. */
export const note: Heard = (topics) => {
  for (const topic of topics) noted?.add(topic);
};

/** These have changed, and that is stored. */
export const tell: Heard = (topics) => {
  if (topics.length === 0) return;
  spread(topics);
  // What is stored is stored, whether others hear of it or not.
  try {
    listen().postMessage(topics);
  } catch {}
};

/**
 * A live query: asked at once, and again whenever something it reads has changed, wherever. What fails is asked again at the next change; the
 * page keeps what it shows.
 *
 * Rule: a query begins all its reads before it awaits any. What it reads later is not known to be read, and its changes would be missed.
 */
export const watch = <T>(query: () => Promise<T>, listener: (value: T) => void): Unwatch => {
  const read = new Set<string>();
  let isAsking = false;
  let isStale = false;
  let isOver = false;
  const begin = (): Promise<T> => {
    noted = read;
    try {
      return query();
    } finally {
      noted = undefined;
    }
  };
  const ask = async (): Promise<void> => {
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    while (isStale && !isOver) {
      isStale = false;
      try {
        const value = await begin();
        if (!isOver) listener(value);
      } catch (error) {
        console.warn('live query', String(error));
      }
    }
    isAsking = false;
  };
  const hear: Heard = (topics) => {
    if (topics.some((topic) => read.has(topic))) void ask();
  };
  listen();
  queries.add(hear);
  void ask();
  return () => {
    isOver = true;
    queries.delete(hear);
  };
};
