const adopted = new Set<string>();

/**
 * Adds a sheet that comes with a part of the app. As an object, since the pages' policy lets no `<style>` in; the sheet that every page carries stays small.
 */
export const adopt = (css: string): void => {
  if (adopted.has(css)) return;
  adopted.add(css);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
};
