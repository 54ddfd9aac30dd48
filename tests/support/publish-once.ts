import { publishedData } from './hub.ts';

/** Before the end-to-end tests: the library is published once, outside of any test's time. */
export default async (): Promise<void> => {
  await publishedData();
};
