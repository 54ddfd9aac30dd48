import type { ViewContext } from './context.ts';

interface GoneProps {
  readonly v: ViewContext;
  /** Something was typed that can still be brought back. */
  readonly undo: boolean;
}

/** For a moment after `Fini`, above the bar: the screen is clear, and a tap that was a mistake is taken back. */
export function Gone({ v, undo }: GoneProps) {
  return (
    <p class="gone" role="status">
      {v.t('done.gone')}
      {undo && (
        <button class="act" type="button" id="undo">
          {v.t('form.undo')}
        </button>
      )}
    </p>
  );
}
