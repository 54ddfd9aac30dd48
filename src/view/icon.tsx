import type { ViewContext } from './context.ts';

interface IconProps {
  readonly v: ViewContext;
  /** File name in `icons/`, without `.svg`; no drawing may be named like an element's `id` in a page. */
  readonly name: string;
  /** `s` 24 px (the default), `m` 36 px, `l` 56 px with its millet fill. */
  readonly size?: 's' | 'm' | 'l';
}

/** A drawing beside words; never alone, so it is hidden from screen readers. */
export function Icon({ v, name, size = 's' }: IconProps) {
  return (
    <svg class={size === 's' ? 'i' : `i i-${size}`} aria-hidden="true">
      <use href={`${v.icon}#${name}`} />
    </svg>
  );
}

/** Pictures that have a drawing of people doing the act; for others the icon itself stands large. */
const SCENES: ReadonlySet<string> = new Set(['milk-can', 'phone', 'radio', 'mast']);

/** The name of the drawing that `Scene` shows for a picture: what a page must bring along. */
export function sceneName(picture: string): string {
  return SCENES.has(picture) ? `scene-${picture}` : picture;
}

/** The picture at the top of an item. The text says what it shows, so it is hidden from screen readers. */
export function Scene({ v, picture }: { readonly v: ViewContext; readonly picture: string }) {
  return (
    <svg class="scene" viewBox="0 0 288 132" aria-hidden="true">
      <use href={`${v.icon}#${sceneName(picture)}`} />
    </svg>
  );
}
