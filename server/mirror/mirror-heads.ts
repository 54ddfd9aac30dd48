import type { Platform } from '../../src/core/platform.ts';
import { toBase64 } from '../../src/core/protocol/bytes.ts';
import { type Head, headSchema } from '../../src/core/protocol/head.ts';
import { parseSigned } from '../../src/core/protocol/signed.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { readIfThere } from '../hub/files.ts';
import type { HeadSource } from '../hub/tree-routes.ts';
import { currentTree } from '../publish/tree.ts';
import type { MirrorStore } from './mirror-store.ts';

/** The head of a mirrored library: the newest one that its publisher signed for the tree that is served. */
export class MirrorHeads implements HeadSource {
  readonly platform: Platform;
  readonly #dataDir: string;
  readonly #store: MirrorStore;
  #last: { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;

  constructor(dataDir: string, store: MirrorStore, platform: Platform = webPlatform) {
    this.#dataDir = dataDir;
    this.#store = store;
    this.platform = platform;
  }

  current(): Uint8Array<ArrayBuffer> | undefined {
    const published = readIfThere(`${currentTree(this.#dataDir)}/c/head`);
    if (!published) return undefined;
    const newest = this.#store.newestHead();
    const key = `${published.toString('base64')} ${newest && toBase64(newest)}`;
    if (this.#last?.key === key) return this.#last.bytes;
    // News whose texts have not all come yet has another number.
    const isSame = newest && headOf(newest).seq === headOf(published).seq;
    this.#last = { key, bytes: new Uint8Array(isSame ? newest : published) };
    return this.#last.bytes;
  }
}

const headOf = (bytes: Uint8Array): Head => parseSigned(new Uint8Array(bytes), headSchema, 'head').signed;
