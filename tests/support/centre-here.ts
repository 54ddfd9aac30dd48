import type { Hono } from 'hono';
import { ServingKeys } from '../../server/box/serving.ts';
import type { ReceiveLimits } from '../../server/carry/receive.ts';
import { readConfig } from '../../server/config.ts';
import { AnswerStore } from '../../server/hub/answer-store.ts';
import { createCentre } from '../../server/hub/centre.ts';
import { openDatabase } from '../../server/hub/database.ts';
import { PublishedLibrary } from '../../server/hub/library.ts';
import { linkFolder, publishedData } from './hub.ts';

/** A centre's hub in this process, where a test has to reach into it: all of its routes, the published library, a database on the disk. */
export const centreHere = async (
  dataDir: string,
  code: string,
  receive?: ReceiveLimits,
): Promise<{
  readonly app: Hono;
  readonly database: ReturnType<typeof openDatabase>;
  readonly keys: ServingKeys;
  close(): void;
}> => {
  linkFolder(await publishedData(), dataDir);
  const keys = new ServingKeys(dataDir);
  const database = openDatabase(dataDir);
  const answers = new AnswerStore(database, () => keys.current().openers);
  const library = new PublishedLibrary(dataDir);
  const config = readConfig({ DATA_DIR: dataDir });
  const ports = {
    config,
    appDir: 'dist/app',
    keys,
    code,
    answers,
    library,
    log: () => {},
    ...(receive && { receive }),
  };
  return { app: createCentre(ports), database, keys, close: () => answers.close() };
};
