/**
 * Finds the addresses of the app's own files. No file of the app says another's hashed name, or a change in one would rename all that lead to it: it asks
 * for `parts.js`, and a list says which file that is in this build.
 *
 * `list`: names with their hashes, and a space between them (`parts-DleVcUYX.js sprite-0XVCfMiM.svg`). Where it did not come, a file is asked for by its
 * plain name, which nobody serves: that fails as a file does that does not come.
 */
export const addressIn = (list: string): ((name: string) => string) => {
  const files = new Map(list.split(' ').map((file) => [file.replace(/-[\w-]{8}(?=\.)/, ''), file]));
  return (name) => `/assets/${files.get(name) ?? name}`;
};
