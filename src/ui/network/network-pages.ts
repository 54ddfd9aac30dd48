/** What few open, and mostly the same people: one file, apart from the other screens. */
export { CarryScreen } from '../carry/carry-screen.tsx';
export { NetworkScreen } from './network-screen.tsx';
