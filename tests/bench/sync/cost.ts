import { startProxy } from '../../support/proxy.ts';
import { type Counted, CountedLink } from '../stage.ts';

/** What something costs on the link, and how the designs are set side by side. */

/** Bytes at the TCP proxy, headers included, and requests. */
export interface Cost {
  readonly bytes: number;
  readonly up: number;
  readonly down: number;
  readonly requests: number;
}

/** One way to bring 500 documents, ten that changed, and the word that nothing did. */
export interface Design {
  readonly name: string;
  readonly content: Cost;
  readonly change: Cost;
  readonly nothing: Cost;
}

export const costOf = ({ up, down, exchanges }: Counted): Cost => ({
  bytes: up + down,
  up,
  down,
  requests: exchanges.length,
});

/** The cost of those requests alone whose path `isCounted`. */
export const costOfPaths = ({ exchanges }: Counted, isCounted: (path: string) => boolean): Cost => {
  const own = exchanges.filter(({ path }) => isCounted(path));
  const up = own.reduce((sum, exchange) => sum + exchange.up, 0);
  const down = own.reduce((sum, exchange) => sum + exchange.down, 0);
  return costOf({ up, down, exchanges: own });
};

/** Runs `work` with a counted link to a server on this machine. */
export const withLink = async <T>(port: number, work: (link: CountedLink, url: string) => Promise<T>): Promise<T> => {
  const proxy = await startProxy({ target: port });
  try {
    return await work(new CountedLink(proxy), proxy.url);
  } finally {
    await proxy.close();
  }
};

/** What `work` costs on this link. */
export const costOfWork = async (link: CountedLink, work: () => Promise<unknown>): Promise<Cost> => {
  link.reset();
  await work();
  // The last acknowledgements of a client may still be on their way.
  await link.quiet(300);
  return costOf(link.read());
};

const cellOf = ({ bytes, requests }: Cost): string => `${bytes} B, ${requests} req`;

/** The designs as a table for people. */
export const designTable = (designs: readonly Design[]): string => {
  const lines = [
    ['design', '500 documents', '10 changed', 'nothing new'],
    ...designs.map((one) => [one.name, cellOf(one.content), cellOf(one.change), cellOf(one.nothing)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
