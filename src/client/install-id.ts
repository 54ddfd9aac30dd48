/**
 * The eviction detector's other half. Browsers evict IndexedDB and leave localStorage: an id that stands in one and not in the other tells
 * that what this device held was thrown away.
 */
const KEY = 'relais-install';

export const rememberedInstall = (): string | null => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

export const rememberInstall = (id: string): void => {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Storage is refused: the detector is blind, nothing else is lost.
  }
};
