import type { Carrier } from '../../src/engine/link.ts';

/** A request ended with an answer, whatever that says. */
export const ANSWERED = 'answered';

/**
 * The same carrier; `note` hears how each request ended: `ANSWERED`, or why nobody answered, by the system's code if it has one, such as ENOTFOUND. `fetch` says
 * the same of all of them, and has the reason as its cause.
 */
export const noting = (carrier: Carrier, note: (reach: string) => void): Carrier => ({
  fetch: async (url, init) => {
    try {
      const response = await carrier.fetch(url, init);
      note(ANSWERED);
      return response;
    } catch (error) {
      const { name, cause } = error as { readonly name?: string; readonly cause?: NodeJS.ErrnoException };
      note(cause?.code ?? cause?.message ?? name ?? String(error));
      throw error;
    }
  },
});
