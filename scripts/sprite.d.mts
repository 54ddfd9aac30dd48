export const symbolOf: (name: string, svg: string) => string;
