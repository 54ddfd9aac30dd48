import type { CollectionView } from '../../core/api/worker-api.ts';
import { CollectionOffers } from '../../view/collections.tsx';
import type { App } from '../shell/app.ts';

interface OffersProps {
  readonly app: App;
  readonly lines: readonly CollectionView[];
  readonly title?: string;
}

/** Collections that are not on this phone, or not yet. */
export function Offers({ app, ...offers }: OffersProps) {
  return <CollectionOffers v={app.context.value} onKeep={(shelf) => app.client.keep(shelf)} {...offers} />;
}
