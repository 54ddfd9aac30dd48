import type { Hono } from 'hono';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { ServingKeys } from '../box/serving.ts';
import { ReceivedFiles, type ReceiveLimits } from '../carry/receive.ts';
import type { AnswerStore } from './answer-store.ts';
import { createHub, type HubPorts } from './app.ts';
import { CentreDesk } from './desk.ts';
import { serveFile } from './files.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { pageHeaders } from './security.ts';
import { HeadSigner } from './tree-routes.ts';

/** The hub of a centre: it signs its library's heads, and opens its answers for the operator. */
export interface CentrePorts extends Omit<HubPorts, 'desk' | 'heads' | 'own' | 'blobs'> {
  readonly keys: ServingKeys;
  /** What the operator types. */
  readonly code: string;
  readonly answers: AnswerStore;
  /** How much a file may be that is opened here. */
  readonly receive?: ReceiveLimits;
}

export const createCentre = (ports: CentrePorts): Hono => {
  const { config, appDir, keys, answers, library, platform = webPlatform } = ports;
  const desk = new CentreDesk(keys, answers, platform);
  const received = new ReceivedFiles(config.dataDir, ports.receive);
  const own = (app: Hono): void => {
    app.route('/inbox/api', inboxRoutes({ ...ports, platform, desk, received }));
    app.get('/inbox', (context) => {
      const headers = pageHeaders(library.site().styleHash);
      return serveFile(context, `${appDir}/inbox.html`, { cache: 'no-cache', headers }) ?? context.notFound();
    });
  };
  const heads = new HeadSigner(config.dataDir, keys, config.resignSeconds, platform);
  return createHub({ ...ports, platform, desk, heads, own });
};
