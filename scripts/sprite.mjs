/** A drawing's file as a symbol of the sprite. */
export const symbolOf = (name, svg) => {
  const [, viewBox, content] = /viewBox="([^"]+)"[^>]*>([\s\S]*)<\/svg>/.exec(svg) ?? [];
  if (viewBox === undefined) throw new Error(`The drawing ${name} has no viewBox.`);
  return `<symbol id="${name}" viewBox="${viewBox}">${content.trim()}</symbol>`;
};
