import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { openDataFolder } from './box/data-folder.ts';
import { centreCode, openKeys, operatorCode } from './box/keys.ts';
import { ServingKeys } from './box/serving.ts';
import { type Config, ConfigError, readConfig, type Upstream } from './config.ts';
import { ContentError } from './content/problems.ts';
import { AnswerStore } from './hub/answer-store.ts';
import { keepBuild } from './hub/builds.ts';
import { createCentre } from './hub/centre.ts';
import { openDatabase } from './hub/database.ts';
import { PublishedLibrary } from './hub/library.ts';
import { holdFolder } from './hub/one-hub.ts';
import { slim } from './hub/slim.ts';
import { isDiskFull } from './hub/sqlite.ts';
import { createLog, type Log } from './log.ts';
import { openMirror } from './mirror/open-mirror.ts';
import { restoredWords, withoutHistory } from './publish/newer.ts';
import { type PublishInput, publish, refuseMirror } from './publish/publish.ts';
import { currentTree } from './publish/tree.ts';
import { sentenceOf } from './sentence.ts';

/** Entry of `npm start`: makes the data folder, publishes, listens. Whatever stops it is one sentence and exit code 1. */
const appDir = fileURLToPath(new URL('../app', import.meta.url));

const stop = (sentence: string): never => {
  console.error(sentence);
  process.exit(1);
};

/** Publishes; where that fails, whatever the reason, the library that was published before goes on being served. */
const publishOrKeep = async (input: PublishInput): Promise<void> => {
  try {
    await publish(input);
  } catch (error) {
    if (!existsSync(currentTree(input.dataDir))) throw error;
    console.error(`${sentenceOf(error)}\nNothing was published; the library that was there before is served.`);
  }
};

/** The address that other devices can use, where the hub listens on all of them. */
const shownHost = (host: string): string => {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
};

/** What the two kinds of hub have in common. */
interface OpenHub {
  readonly app: Hono;
  /** Said to the operator at the start. */
  readonly lines: readonly string[];
  close(): void;
}

/** The hub of a centre, which publishes its own library and gets the answers. */
const openCentre = async (config: Config, log: Log): Promise<OpenHub> => {
  const { dataDir, contentDir } = config;
  refuseMirror(dataDir);
  // Without its keys a box does not start, whatever it has published.
  await openKeys(dataDir);
  const code = operatorCode(centreCode(dataDir));
  const doubts = withoutHistory(dataDir);
  await publishOrKeep({ dataDir, contentDir, appDir });
  keepBuild(appDir, dataDir);
  const keys = new ServingKeys(dataDir);
  const answers = new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
  await answers.openPending().catch((error: unknown) => {
    if (!isDiskFull(error)) throw error;
    // The library is served all the same, and they are opened once there is room.
    console.error('The disk is full: answers that wait to be opened stay closed. Make room.');
  });
  const library = new PublishedLibrary(dataDir);
  for (const line of [...doubts, ...restoredWords(dataDir, library.site().seq)]) console.error(line);
  const app = createCentre({ config, appDir, keys, code, answers, library, log });
  return { app, lines: [`Operator's code: ${code}`], close: () => answers.close() };
};

/** A hub in between, which mirrors the library of another one, and passes answers on to it. */
const openRelay = (config: Config, upstream: Upstream, log: Log): OpenHub => {
  const { app, mirror, code, close } = openMirror(config, upstream, appDir, log);
  keepBuild(appDir, config.dataDir);
  mirror.start();
  return { app, lines: [`Operator's code: ${code}`, `Mirrors: ${upstream.origin}`, 'Its state: /hub'], close };
};

const start = async (): Promise<void> => {
  // Answers lie in clear in the hub's database: only its own user reads what it writes.
  process.umask(0o077);
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  openDataFolder(config.dataDir);
  const { dataDir } = config;
  const folder = holdFolder(dataDir);
  const hub = config.upstream ? openRelay(config, config.upstream, log) : await openCentre(config, log);

  const server = createAdaptorServer({ fetch: hub.app.fetch });
  slim(server);
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      stop(`Port ${config.port} is taken: stop the other program, or choose another with PORT.`);
    if (error.code === 'EACCES')
      stop(`Port ${config.port} may not be used by this user: choose one above 1023 with PORT.`);
    stop(
      `The hub cannot listen on ${config.host}:${config.port} (${error.code ?? error.message}): check HOST and PORT.`,
    );
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : config.port;
    console.log(`Relais: ${config.publicUrl ?? `http://${shownHost(config.host)}:${port}`}`);
    for (const line of hub.lines) console.log(line);
    console.log(`Data: ${dataDir}`);
    log('info', 'hub.started', { port });
  });

  const end = (): never => {
    hub.close();
    folder.close();
    process.exit(0);
  };
  const close = (): void => {
    server.close(end);
    // Keep-alive connections of idle phones must not hold the end up.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(end, 2_000).unref();
  };
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
};

start().catch((error: unknown) => {
  if (error instanceof ContentError || error instanceof ConfigError) stop(error.message);
  stop(`Relais cannot start: ${sentenceOf(error)}`);
});
