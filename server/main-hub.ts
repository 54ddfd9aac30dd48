import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { openKeys, operatorCode } from './box/keys.ts';
import { ServingKeys } from './box/serving.ts';
import { ConfigError, readConfig } from './config.ts';
import { ContentError } from './content/problems.ts';
import { AnswerStore } from './hub/answer-store.ts';
import { createHub } from './hub/app.ts';
import { keepBuild } from './hub/builds.ts';
import { openDatabase } from './hub/database.ts';
import { PublishedLibrary } from './hub/library.ts';
import { slim } from './hub/slim.ts';
import { createLog } from './log.ts';
import { restoredWords, withoutHistory } from './publish/newer.ts';
import { type PublishInput, publish } from './publish/publish.ts';
import { currentTree } from './publish/tree.ts';

/** Entry of `npm start`: makes the data folder, publishes, listens. Whatever stops it is one sentence and exit code 1. */
const appDir = fileURLToPath(new URL('../app', import.meta.url));

const stop = (sentence: string): never => {
  console.error(sentence);
  process.exit(1);
};

const openFolder = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch {
    stop(`The data folder ${path} cannot be written: choose another with DATA_DIR, or change its owner.`);
  }
};

/** Publishes; where that fails, whatever the reason, the library that was published before goes on being served. */
const publishOrKeep = async (input: PublishInput): Promise<void> => {
  try {
    await publish(input);
  } catch (error) {
    if (!existsSync(currentTree(input.dataDir))) throw error;
    console.error(
      `${error instanceof Error ? error.message : String(error)}\nNothing was published; the library that was there before is served.`,
    );
  }
};

/** The address that other devices can use, where the hub listens on all of them. */
const shownHost = (host: string): string => {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
};

const start = async (): Promise<void> => {
  // Answers lie in clear in the hub's database: only its own user reads what it writes.
  process.umask(0o077);
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  openFolder(config.dataDir);
  // Without its keys a box does not start, whatever it has published.
  await openKeys(config.dataDir);
  const code = operatorCode(config.dataDir);
  const { dataDir, contentDir } = config;
  const doubts = withoutHistory(dataDir);
  await publishOrKeep({ dataDir, contentDir, appDir });
  keepBuild(appDir, dataDir);
  const serving = new ServingKeys(dataDir);
  const answers = new AnswerStore(openDatabase(dataDir), () => serving.current().openers);
  await answers.openPending();
  const library = new PublishedLibrary(dataDir);
  for (const line of [...doubts, ...restoredWords(dataDir, library.site().seq)]) console.error(line);
  const hub = createHub({ config, appDir, keys: serving, code, answers, library, log });

  const server = createAdaptorServer({ fetch: hub.fetch });
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
    console.log(`Operator's code: ${code}`);
    console.log(`Data: ${dataDir}`);
    log('info', 'hub.started', { port });
  });

  const close = (): void => {
    server.close(() => {
      answers.close();
      process.exit(0);
    });
    // Keep-alive connections of idle phones must not hold the end up.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(() => {
      answers.close();
      process.exit(0);
    }, 2_000).unref();
  };
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
};

start().catch((error: unknown) => {
  if (error instanceof ContentError || error instanceof ConfigError) stop(error.message);
  stop(`Relais cannot start: ${error instanceof Error ? error.message : String(error)}`);
});
