import { AnswersDb } from '../../../src/store/answers-db.ts';

/** Another page's data worker: freezes one answer in the database that it is told of. */
self.addEventListener(
  'message',
  ({ data }: MessageEvent<{ name: string; sealed: Parameters<AnswersDb['freeze']>[0] }>) => {
    const db = new AnswersDb(data.name);
    void db.freeze(data.sealed, () => 'd'.repeat(22)).then(() => self.postMessage('frozen'));
  },
);
self.postMessage('ready');
