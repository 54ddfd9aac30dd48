/** Eight letters of a hash of what is in a file. */
export declare const hashOf: (data: string | Uint8Array) => string;
export declare const detach: (code: string, name: string, entries: readonly string[]) => string;
export declare const nameFiles: (
  out: string,
  pages: Readonly<Record<string, { readonly list: string; readonly has: (name: string) => boolean }>>,
) => ReadonlyMap<string, string>;
