import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import type { FormItem, ItemBody } from '../../src/core/protocol/item.ts';
import { History } from '../publish/history.ts';
import { currentTree } from '../publish/tree.ts';
import { readSite, type Site } from '../publish/write-tree.ts';

/** What the running hub knows of the published library; read again when another publication shows up. */
export class PublishedLibrary {
  readonly #dataDir: string;
  readonly #history: History;
  #site: { readonly file: string; readonly site: Site } | undefined;
  #items: { readonly seq: number; readonly items: ReadonlyMap<string, ItemBody> } = { seq: 0, items: new Map() };

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#history = new History(dataDir);
  }

  /** What the newest tree says of itself: parsed once a tree. With thousands of texts, all their ids are in it, and every page asks. */
  site(): Site {
    const { ino, mtimeMs, size } = statSync(join(currentTree(this.#dataDir), 'site.json'));
    const file = `${ino} ${mtimeMs} ${size}`;
    if (this.#site?.file !== file) this.#site = { file, site: readSite(this.#dataDir) };
    return this.#site.site;
  }

  /** A published form in one language. */
  form(id: string, lang: string): FormItem | undefined {
    const item = this.#all().get(`${lang}/${id}`);
    return item?.kind === 'form' ? item : undefined;
  }

  /** All published forms in one language. */
  forms(lang: string): readonly FormItem[] {
    return [...this.#all().values()].flatMap((item) => (item.kind === 'form' && item.lang === lang ? item : []));
  }

  /** Title of an item: in the language that is asked for, or in any. */
  title(id: string, lang: string): string | undefined {
    const languages = [lang, ...this.site().languages];
    return languages.map((one) => this.#all().get(`${one}/${id}`)?.title).find((title) => title !== undefined);
  }

  /** By language and id. */
  #all(): ReadonlyMap<string, ItemBody> {
    const { seq } = this.site();
    if (this.#items.seq !== seq) this.#items = { seq, items: this.#readItems(seq) };
    return this.#items.items;
  }

  #readItems(seq: number): ReadonlyMap<string, ItemBody> {
    const items = new Map<string, ItemBody>();
    for (const [lang, rows] of Object.entries(this.#history.publication(seq).shelves)) {
      for (const { id, sha256 } of rows) {
        const body = sha256 === undefined ? undefined : this.#history.body(sha256);
        if (body) items.set(`${lang}/${id}`, JSON.parse(fromUtf8(body)) as ItemBody);
      }
    }
    return items;
  }
}
