/** Looks of rows whose drawing is a background (`Rows` in view/cards.tsx): the same as `.i-m` beside words. */
const LOOKS = `.list .drawn {
  background: no-repeat 0 50% / 2.25rem;
  padding-inline-start: 3rem;
  print-color-adjust: exact;
}
[dir="rtl"] .drawn { background-position-x: 100%; }
`;

/** What changes the colours of the page while a list stands there. */
const COLOURS = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'];

/**
 * Makes a class `d-{name}` for each drawing of a file of symbols, which shows it as a background. A `<use>` is a tree of its own: in a list of
 * thousands the drawings cost more than the words.
 *
 * @param file Address of the symbols.
 * @param done Called once the classes are there; never where the file cannot be had.
 * @returns Takes the classes away.
 */
export const addDrawings = (file: string, done: () => void): (() => void) => {
  const sheet = new CSSStyleSheet();
  let urls: readonly string[] = [];
  let symbols: readonly Element[] = [];
  let drawn = '';
  const draw = (): void => {
    const old = urls;
    const style = getComputedStyle(document.body);
    const [ink, fill] = [style.color, style.getPropertyValue('--tint')];
    // Paper takes what the screen shows, where that will do: new images may come too late for it.
    if (symbols.length === 0 || drawn === ink + fill) return;
    drawn = ink + fill;
    const images = symbols.map((symbol) => [symbol.id, imageOf(symbol, ink, fill)] as const);
    urls = images.map(([, url]) => url);
    const rules = images.map(([name, url]) => `.list .d-${name} { background-image: url(${url}); }`);
    sheet.replaceSync(LOOKS + rules.join('\n'));
    for (const url of old) URL.revokeObjectURL(url);
  };
  // `responseXML`, since trusted types let no script parse a text.
  const request = new XMLHttpRequest();
  request.open('GET', file);
  request.responseType = 'document';
  request.onload = () => {
    symbols = [...(request.responseXML?.querySelectorAll('symbol') ?? [])];
    if (symbols.length === 0) return;
    draw();
    document.adoptedStyleSheets.push(sheet);
    done();
  };
  request.send();
  const colours = COLOURS.map((query) => matchMedia(query));
  for (const colour of colours) colour.addEventListener('change', draw);
  return () => {
    request.abort();
    for (const colour of colours) colour.removeEventListener('change', draw);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    for (const url of urls) URL.revokeObjectURL(url);
  };
};

/** Address of a drawing as an image of its own, in the colours of the page. */
const imageOf = (symbol: Element, ink: string, fill: string): string => {
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${symbol.getAttribute('viewBox')}"`,
    ` style="--fill:${fill}" color="${ink}"`,
    ' fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">',
    symbol.innerHTML,
    '</svg>',
  ];
  return URL.createObjectURL(new Blob(svg, { type: 'image/svg+xml' }));
};
