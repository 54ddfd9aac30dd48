import { useState } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import { containsWords } from '../../core/text/fold.ts';
import { All } from '../../view/all.tsx';
import type { App } from '../shell/app.ts';

/** Every item, filtered by the words of its title as they are typed. */
export function AllScreen({ app, library }: { readonly app: App; readonly library: LibraryView | undefined }) {
  const [query, setQuery] = useState('');
  const items = library?.cards.filter(({ title, place }) => containsWords(`${title} ${place}`, query)) ?? [];
  return (
    // The field inside is the view's; what is typed bubbles up to here.
    <div onInput={(event) => setQuery((event.target as HTMLInputElement).value)}>
      <All v={app.context.value} items={items} query={query} />
    </div>
  );
}
