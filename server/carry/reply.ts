import { codeOf, type ErrorCode, RelaisError } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/protocol/network.ts';
import { type Refused, refusedIn } from '../../src/view/carry-refusal.ts';
import { isDiskFull } from '../hub/sqlite.ts';
import type { Log } from '../log.ts';
import { archiveBytes } from './archive-file.ts';
import type { Outgoing } from './out.ts';
import { SLOW } from './receive.ts';

/** What a page gets back: a file, or the code of what is wrong with one. */

/** A file as a download, made while it is fetched. */
export const archiveReply = ({ shelves, files, counts }: Outgoing, log: Log): Response => {
  const body = async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let bytes = 0;
    try {
      for await (const part of archiveBytes(files)) {
        bytes += part.length;
        yield part;
      }
    } catch (error) {
      log('error', 'carry.broken', { bytes, why: String(error) });
      throw error;
    }
    log('info', 'carry.out', { bytes, languages: shelves.length, ...counts });
  };
  const parts = body();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="relais-${dayOf(Date.now())}.zip"`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    },
  });
};

/** Of what came too slowly: 408, as for every request that takes too long. */
const TOO_SLOW = 408;
const STATUS = { busy: 503, full: 507, 'too-large': 413, storage: 500, 'no-link': 400 } as const;
type Status = (typeof STATUS)[keyof typeof STATUS] | typeof TOO_SLOW | 422;

/** Why a file was not taken, for its page and for logs. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly status: Status;
  /** What and where, for a page. */
  readonly refused: Refused;
  /** All that is known, as JSON. */
  readonly details: string;
}

/** What kept a file from being taken; and a line in the log. `file`: its name, where one is known. */
export const refusalOf = (error: unknown, log: Log, file?: string): Refusal => {
  const isFull = isDiskFull(error) || (error as NodeJS.ErrnoException | null)?.code === 'ENOSPC';
  const code = isFull ? 'full' : codeOf(error, 'storage');
  const why = error instanceof RelaisError ? error.details : { why: String(error) };
  const about = { ...(file !== undefined && { file }), ...why };
  log(code === 'storage' ? 'error' : 'warn', 'carry.refused', { code, ...about });
  const isSlow = error instanceof RelaisError && error.details.what === SLOW;
  const status = isSlow ? TOO_SLOW : (STATUS[code as keyof typeof STATUS] ?? 422);
  const details = JSON.stringify(about);
  return { code, status, refused: refusedIn(details), details };
};
