import { useEffect, useState } from 'preact/hooks';
import type { ScreenFit } from '../../core/protocol/media.ts';

interface Decoder {
  isTypeSupported(type: string): Promise<boolean>;
}

/** Browsers that do not say whether they draw AVIF get WebP, which all have. */
let avif: Promise<boolean> | undefined;
const drawsAvif = (): Promise<boolean> => {
  const decoder = (globalThis as { readonly ImageDecoder?: Decoder }).ImageDecoder;
  avif ??= decoder ? decoder.isTypeSupported('image/avif').catch(() => false) : Promise.resolve(false);
  return avif;
};

/** What this device can show of a picture; undefined until that is known. */
export const useFit = (): ScreenFit | undefined => {
  const [fit, setFit] = useState<ScreenFit>();
  useEffect(() => {
    const width = Math.min(screen.width, screen.height);
    void drawsAvif().then((known) => setFit({ width, density: devicePixelRatio, avif: known }));
  }, []);
  return fit;
};
