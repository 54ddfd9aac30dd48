export declare const brotli: (data: Uint8Array, quality?: number) => Uint8Array<ArrayBuffer>;
export declare const gzip: (data: Uint8Array) => Uint8Array<ArrayBuffer>;
export declare const compressFolder: (folder: string) => void;
