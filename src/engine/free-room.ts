/** Bytes that the browser still gives; endless where it does not say. */
export const freeRoom = async (): Promise<number> => {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Number.POSITIVE_INFINITY : quota - (usage ?? 0);
};
