import type { Browser } from '@playwright/test';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and alpha of each, from the top left, row by row, 0-255. */
  readonly pixels: readonly number[];
}

/** What a screenshot shows. It is read on another page, which has no policy. */
export const pixelsOf = async (browser: Browser, png: Buffer): Promise<Pixels> => {
  const reader = await browser.newPage();
  const image = await reader.evaluate(async (data) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const { width, height, data: pixels } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width, height, pixels: Array.from(pixels) };
  }, png.toString('base64'));
  await reader.close();
  return image;
};
