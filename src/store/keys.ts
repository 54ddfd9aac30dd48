/** All keys that begin with these. */
export const under = (...first: readonly string[]): IDBKeyRange => IDBKeyRange.bound([...first], [...first, []]);
