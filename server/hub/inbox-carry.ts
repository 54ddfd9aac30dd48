import type { Hono } from 'hono';
import * as v from 'valibot';
import { MOST_IN_CODES, toCodes } from '../../src/core/carry/short.ts';
import { damagedAnswers } from '../../src/core/carry/take.ts';
import { codeOf } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { languageTag } from '../../src/core/protocol/shapes.ts';
import type { ServingKeys } from '../box/serving.ts';
import { withArchive } from '../carry/archive-file.ts';
import { shownName } from '../carry/multipart.ts';
import { lookOut, outOfCentre } from '../carry/out.ts';
import { passOver, type ReceivedFiles } from '../carry/receive.ts';
import { archiveReply, refusalOf } from '../carry/reply.ts';
import { takeAtCentre } from '../carry/take-in.ts';
import type { Log } from '../log.ts';
import { currentTree } from '../publish/tree.ts';
import { shelvesAt } from '../publish/write-tree.ts';
import type { AnswerStore } from './answer-store.ts';
import { type AnswerDesk, receiptBy } from './desk.ts';
import type { PublishedLibrary } from './library.ts';

export interface InboxCarryPorts {
  readonly dataDir: string;
  readonly keys: ServingKeys;
  readonly answers: AnswerStore;
  readonly library: PublishedLibrary;
  readonly desk: AnswerDesk;
  readonly received: ReceivedFiles;
  /** Where phones have the app from; undefined: from here. */
  readonly appAddress: string | undefined;
  readonly platform: Platform;
  readonly log: Log;
}

/** What the file is called that is sent; as a part of an address, since a header has no accents. */
const FILE_NAME = 'x-file-name';

const nameIn = (header: string | undefined): string | undefined => {
  try {
    return shownName(decodeURIComponent(header ?? ''));
  } catch {
    return undefined;
  }
};

/** What `npm run carry` does at a centre, for an operator who is signed in. */
export const inboxCarryRoutes = (app: Hono, ports: InboxCarryPorts): void => {
  const { dataDir, keys, answers, library, desk, received, platform, log } = ports;

  app.get('/carry', (context) => {
    const { hub } = keys.current();
    const codes = toCodes(answers.newest(MOST_IN_CODES).map((answer) => receiptBy(hub, answer)));
    const address = ports.appAddress;
    return context.json({ ...lookOut(dataDir, currentTree(dataDir)), most: received.most, codes, address });
  });

  app.get('/carry.zip', (context) => {
    const shelves = context.req.queries('shelf') ?? [];
    const here = shelvesAt(library.site());
    if (!shelves.every((name) => v.is(languageTag, name) && here.includes(name)))
      return context.json({ error: 'not-found' }, 404);
    const wish = { shelves, media: context.req.query('media') === '1' };
    return archiveReply(outOfCentre({ dataDir, hub: keys.current().hub, answers }, wish), log);
  });

  app.post('/carry', async (context) => {
    const next = received.partsOf(context.req.raw.body);
    const file = nameIn(context.req.header(FILE_NAME));
    const announced = Number(context.req.header('content-length')) || undefined;
    try {
      const taken = await received.take(next, announced, (path) =>
        withArchive(path, (archive) => takeAtCentre(platform, desk, archive)),
      );
      const { fresh, known, refused, isDamaged, damaged } = taken;
      log('info', 'carry.in', { fresh, known, refused, isDamaged });
      if (damaged !== undefined) refusalOf(damagedAnswers(damaged), log, file);
      return context.json({ fresh, known, refused, isDamaged, part: damaged });
    } catch (error) {
      const { code, status, refused } = refusalOf(error, log, file);
      // Where the rest still comes, nobody would hear why it is not wanted.
      if (codeOf(error, 'storage') !== 'no-link') await passOver(next);
      return context.json({ error: code, part: refused.part, most: refused.most }, status);
    }
  });
};
