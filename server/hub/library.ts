import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import type { FormItem } from '../../src/core/protocol/item.ts';
import { History } from '../publish/history.ts';
import { readSite, type Site } from '../publish/publish.ts';

/** What the running hub knows of the published library; read again when another publication shows up. */
export class PublishedLibrary {
  readonly #dataDir: string;
  readonly #history: History;
  #forms: { readonly seq: number; readonly forms: ReadonlyMap<string, FormItem> } = { seq: 0, forms: new Map() };

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#history = new History(dataDir);
  }

  site(): Site {
    return readSite(this.#dataDir);
  }

  /** A published form in one language. */
  form(id: string, lang: string): FormItem | undefined {
    const { seq } = this.site();
    if (this.#forms.seq !== seq) this.#forms = { seq, forms: this.#readForms(seq) };
    return this.#forms.forms.get(`${lang}/${id}`);
  }

  #readForms(seq: number): ReadonlyMap<string, FormItem> {
    const forms = new Map<string, FormItem>();
    for (const [lang, rows] of Object.entries(this.#history.publication(seq).shelves)) {
      for (const { id, kind, sha256 } of rows) {
        const body = kind === 'form' && sha256 !== undefined ? this.#history.body(sha256) : undefined;
        if (body) forms.set(`${lang}/${id}`, JSON.parse(fromUtf8(body)) as FormItem);
      }
    }
    return forms;
  }
}
