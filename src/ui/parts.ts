/** Parts of the app that a page gets once it is read: one file, since each request of its own costs a second on a slow link. */
export { Codes } from './carry/codes.tsx';
export * as fonts from './fonts/fonts.tsx';
export { addLetterBar } from './letters/letter-bar.ts';
export { addDrawings } from './library/drawings.ts';
export { followPrints, printPage } from './paper/print.ts';
export { mountVoice } from './voice/voice.tsx';
