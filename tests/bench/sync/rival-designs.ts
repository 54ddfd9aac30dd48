import type { Row } from '../report.ts';
import type { Cost, Design } from './cost.ts';
import { pouchCosts } from './pouch.ts';
import { installRivals } from './rivals.ts';
import { rxCosts } from './rx.ts';
import type { Versions } from './scene.ts';

/** The designs that need packages, and the row that sets ours against one of them. */

export interface RivalDesigns {
  readonly rows: readonly Row[];
  readonly designs: readonly Design[];
  readonly detail: unknown;
}

/** `ours`: the same change at the same kind of link, where it was measured in this run. */
export const measureRivals = async (
  { first, oneShelf }: Versions,
  ours: Cost | undefined,
  say: (what: string) => void,
): Promise<RivalDesigns> => {
  say('Installing the rivals ...');
  installRivals();
  say('Replicating with PouchDB and RxDB ...');
  const pouch = await pouchCosts(first, oneShelf);
  const rx = await rxCosts(first, oneShelf);
  const times = ours && ours.bytes / pouch.design.change.bytes;
  const against: Row[] = times
    ? [
        {
          key: 'change-against-pouchdb',
          what: 'bytes of the change of 10, against PouchDB in this run',
          measured: Number(times.toFixed(3)),
          unit: 'times',
          limit: 0.125,
          detail: { ours, pouchdb: pouch.design.change },
        },
      ]
    : [];
  const { known, fresh } = pouch;
  return { rows: against, designs: [pouch.design, rx], detail: { pouchdbOverCuts: { known, fresh } } };
};
