/** All that an async iterator gives. Knows neither Node nor a browser. */
export const listOf = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
};
