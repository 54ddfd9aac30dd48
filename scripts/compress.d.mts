export declare const brotli: (data: Uint8Array, quality?: number) => Uint8Array<ArrayBuffer>;
export declare const gzip: (data: Uint8Array) => Uint8Array<ArrayBuffer>;
export declare const brotliLater: (data: Uint8Array, quality?: number) => Promise<Uint8Array<ArrayBuffer>>;
export declare const gzipLater: (data: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>;
export declare const compressFolder: (folder: string) => void;
