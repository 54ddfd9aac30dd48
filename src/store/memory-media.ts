import type { BlobStore, LeafTail } from '../core/sync/ports.ts';

/** In-memory twin of `MediaDb`: same contract (tests/contract/), no disk. */
export class MemoryMedia implements BlobStore {
  readonly #lists = new Map<string, Uint8Array>();
  readonly #leaves = new Map<string, Map<number, Uint8Array>>();
  readonly #tails = new Map<string, LeafTail>();

  async list(hash: string): Promise<Uint8Array | undefined> {
    return this.#lists.get(hash);
  }
  async saveList(hash: string, list: Uint8Array): Promise<void> {
    this.#lists.set(hash, list);
  }
  async stored(hash: string): Promise<readonly number[]> {
    return [...(this.#leaves.get(hash)?.keys() ?? [])].sort((a, b) => a - b);
  }
  async leaves(hash: string): Promise<readonly { readonly n: number; readonly data: Uint8Array }[]> {
    const numbers = await this.stored(hash);
    return numbers.map((n) => ({ n, data: this.#leaves.get(hash)?.get(n) as Uint8Array }));
  }
  async saveLeaf(hash: string, n: number, data: Uint8Array): Promise<void> {
    const leaves = this.#leaves.get(hash) ?? new Map<number, Uint8Array>();
    this.#leaves.set(hash, leaves.set(n, data));
  }
  async tail(hash: string): Promise<LeafTail | undefined> {
    return this.#tails.get(hash);
  }
  async saveTail(hash: string, tail: LeafTail): Promise<void> {
    if (tail.data.length === 0) this.#tails.delete(hash);
    else this.#tails.set(hash, tail);
  }
  async dropLeaf(hash: string, n: number): Promise<void> {
    this.#leaves.get(hash)?.delete(n);
    if (this.#leaves.get(hash)?.size === 0) this.#leaves.delete(hash);
  }
  async drop(hash: string): Promise<void> {
    this.#lists.delete(hash);
    this.#leaves.delete(hash);
    this.#tails.delete(hash);
  }
  async hashes(): Promise<readonly string[]> {
    return [...new Set([...this.#lists.keys(), ...this.#leaves.keys(), ...this.#tails.keys()])];
  }
}
