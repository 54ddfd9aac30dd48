import type { ErrorCode } from '../../core/errors.ts';
import type { CarriedShelf } from '../../core/protocol/carried.ts';
import type { Refused } from '../../view/carry-refusal.ts';

/** What goes by hand at a centre (`server/hub/inbox-carry.ts`). */

/** What of the library can go. */
export interface ToCarry {
  readonly kind: 'here';
  readonly shelves: readonly CarriedShelf[];
  /** Bytes of pictures and recordings. */
  readonly media: number;
  /** Bytes that a file may have which is opened here. */
  readonly most: number;
  /** The newest receipts, as codes. */
  readonly codes: readonly string[];
  /** Where phones have the app from; absent: from here. */
  readonly address?: string;
}

/** What came of the answers in a file. */
export interface Taken {
  readonly kind: 'taken';
  readonly fresh: number;
  /** Here before. */
  readonly known: number;
  /** For another centre. */
  readonly refused: number;
  readonly isDamaged: boolean;
  /** What the file is called, and which file in it is damaged. */
  readonly name: string;
  readonly part?: string;
}

export interface NotTaken extends Refused {
  readonly kind: 'refused';
  readonly code: ErrorCode;
}

interface SignedOut {
  readonly kind: 'signed-out';
}

interface Unreachable {
  readonly kind: 'unreachable';
}

/** Told how many bytes have gone, of how many. */
export type OnStep = (done: number, total: number) => void;

/** Where a file is written that a person chose: of the File System Access API, Chromium's on computers. */
export interface SaveTarget {
  readonly name: string;
  createWritable(): Promise<WritableStream<Uint8Array>>;
}

export interface StickApi {
  readonly look: () => Promise<ToCarry | SignedOut | Unreachable>;
  /** Sends a file, and hears what came of it. `onSent`: how far it is sent. */
  readonly take: (file: File, onSent: OnStep) => Promise<Taken | NotTaken | SignedOut>;
  /** Writes a file to where a person wants it. `onWritten`: how many bytes there are already. */
  readonly save: (
    wish: StickWish,
    target: SaveTarget,
    onWritten: (bytes: number) => void,
  ) => Promise<{ readonly kind: 'saved' } | { readonly kind: 'not-written' } | SignedOut | Unreachable>;
}

export interface StickWish {
  readonly shelves: readonly string[];
  readonly media: boolean;
}

/** A plain link: the browser downloads it, and nothing of it is in the page's memory. */
export const stickHref = ({ shelves, media }: StickWish): string =>
  `/inbox/api/carry.zip?${new URLSearchParams([...shelves.map((name) => ['shelf', name]), ['media', media ? '1' : '0']])}`;

/** Letters of a file's name that go along: for the hub's log. */
const MOST_NAME = 80;
const CARRY = '/inbox/api/carry';
const UNREACHABLE: Unreachable = { kind: 'unreachable' };
const SIGNED_OUT: SignedOut = { kind: 'signed-out' };

/** Over `fetch`, and XMLHttpRequest for what goes up: `fetch` tells nobody how far it is. Never throws. */
export const stickApi = (): StickApi => ({
  async look() {
    const response = await fetch(CARRY).catch(() => undefined);
    if (response?.status === 401) return SIGNED_OUT;
    const body: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined;
    return isToCarry(body) ? { ...body, kind: 'here' } : UNREACHABLE;
  },
  take: (file, onSent) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const { name } = file;
      // Cut, or the stick was pulled out.
      const cut = (): void => resolve({ kind: 'refused', code: 'no-link', name });
      request.upload.addEventListener('progress', ({ loaded, total }) => onSent(loaded, total));
      request.addEventListener('error', cut);
      request.addEventListener('abort', cut);
      request.addEventListener('load', () => {
        const body = request.response as
          | (Partial<Omit<Taken, 'kind'>> & Pick<Refused, 'most'> & { readonly error?: ErrorCode })
          | null;
        if (request.status === 401) resolve(SIGNED_OUT);
        else if (typeof body?.error === 'string')
          resolve({ kind: 'refused', code: body.error, name, part: body.part, most: body.most });
        else if (request.status === 200 && typeof body?.fresh === 'number')
          resolve({ fresh: body.fresh, known: 0, refused: 0, isDamaged: false, ...body, kind: 'taken', name });
        else cut();
      });
      request.open('POST', CARRY);
      request.responseType = 'json';
      request.setRequestHeader('x-relais', 'inbox');
      request.setRequestHeader('content-type', 'application/octet-stream');
      // Half of a pair, as the cut may leave it, cannot be written in an address.
      request.setRequestHeader('x-file-name', encodeURIComponent(name.slice(-MOST_NAME).replace(/\p{Cs}/gu, '')));
      request.send(file);
    }),
  async save(wish, target, onWritten) {
    const response = await fetch(stickHref(wish)).catch(() => undefined);
    if (response?.status === 401) return SIGNED_OUT;
    const reader = response?.ok ? response.body?.getReader() : undefined;
    if (!reader) return UNREACHABLE;
    const notWritten = async () => {
      await reader.cancel().catch(() => {});
      return { kind: 'not-written' } as const;
    };
    const writer = await target
      .createWritable()
      .then((stream) => stream.getWriter())
      .catch(() => undefined);
    if (!writer) return notWritten();
    for (let bytes = 0; ; ) {
      const part = await reader.read().catch(() => undefined);
      if (!part) {
        await writer.abort().catch(() => {});
        return UNREACHABLE;
      }
      try {
        if (part.done) {
          await writer.close();
          return { kind: 'saved' };
        }
        await writer.write(part.value);
      } catch {
        return notWritten();
      }
      bytes += part.value.length;
      onWritten(bytes);
    }
  },
});

/** Our own hub sends this: the check is for a foreign page in its place. */
const isToCarry = (body: unknown): body is Omit<ToCarry, 'kind'> => {
  const { shelves, media, most, codes } = (body ?? {}) as Partial<ToCarry>;
  return Array.isArray(shelves) && Array.isArray(codes) && typeof media === 'number' && typeof most === 'number';
};
