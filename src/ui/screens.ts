/** The screens that a page turned inside the app needs: one file, apart from what everybody loads first. */
export { ListScreen } from './library/list-screen.tsx';
export { MoreScreen } from './more/more-screen.tsx';
export { ItemScreen } from './reader/item-screen.tsx';
