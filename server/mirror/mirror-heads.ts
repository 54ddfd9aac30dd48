import { type Head, headSchema } from '../../src/core/protocol/head.ts';
import { parseSigned } from '../../src/core/protocol/signed.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { readIfThere } from '../hub/files.ts';
import type { HeadSource } from '../hub/tree-routes.ts';
import { currentTree } from '../publish/tree.ts';
import type { MirrorStore } from './mirror-store.ts';

/** The head of a mirrored library: the newest one that its publisher signed for the tree that is served. */
export class MirrorHeads implements HeadSource {
  readonly platform = webPlatform;
  readonly #dataDir: string;
  readonly #store: MirrorStore;

  constructor(dataDir: string, store: MirrorStore) {
    this.#dataDir = dataDir;
    this.#store = store;
  }

  current(): Uint8Array<ArrayBuffer> | undefined {
    const published = readIfThere(`${currentTree(this.#dataDir)}/c/head`);
    if (!published) return undefined;
    const newest = this.#store.state()?.signed?.head;
    // News whose texts have not all come yet has another number.
    return newest && headOf(newest).seq === headOf(published).seq ? new Uint8Array(newest) : new Uint8Array(published);
  }
}

const headOf = (bytes: Uint8Array): Head => parseSigned(new Uint8Array(bytes), headSchema, 'head').signed;
