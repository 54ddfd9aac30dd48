/**
 * Bytes that the browser still gives; endless where it does not say. Chromium says 10 GiB from 138 on, however full the disk is. What that costs is the reserve
 * of those who ask, and no more: a write that fails is `full`, which ends what came ahead or by hand, and is said; an answer makes its own room, of what is
 * kept too; texts may have to wait until somebody takes something away, which is said as well. To try what fits, as the network's page does once, would
 * write a megabyte for each picture.
 */
export const freeRoom = async (): Promise<number> => {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Number.POSITIVE_INFINITY : quota - (usage ?? 0);
};
