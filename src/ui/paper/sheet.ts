/** Which part of a page goes to the printer. Here and not with the rest of printing, since it is needed also where that does not come. */

/** Chooses one sheet of an item by its id; without one, all of the page. */
export const chooseSheet = (id?: string): void => {
  for (const part of document.querySelectorAll('.only')) part.classList.remove('only');
  const sheet = id === undefined ? null : document.getElementById(id);
  sheet?.classList.add('only');
  document.documentElement.classList.toggle('only', sheet !== null);
};
