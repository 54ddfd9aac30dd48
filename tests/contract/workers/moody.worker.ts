import { expose } from 'comlink';

/** A data worker with moods, for tests of the link to it: `?mute` never says that it is ready, and `hang` stops answering. */
let hung = false;
const never = new Promise<never>(() => {});
const started = String(Math.random());

const api = {
  ping: () => (hung ? never : 'ready'),
  open: () => ({ installId: started, evicted: false }),
  want: () => (hung ? never : undefined),
  attend: () => undefined,
  find: (number: string) => {
    if (number === 'hang') hung = true;
    return hung ? never : started;
  },
  watchStatus: async (listener: (name: string) => void) => {
    listener(started);
    return undefined;
  },
};

if (new URL(self.location.href).searchParams.has('throw')) throw new Error('cannot start');
expose(api);
if (!new URL(self.location.href).searchParams.has('mute')) self.postMessage('relais-ready');
