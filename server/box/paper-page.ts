import { generate } from 'lean-qr';
import { toGroups, toLine } from './paper.ts';

/** The page of a spare key: for a printer, in French and English, with everything that somebody needs who finds it in ten years. */
export interface SparePage {
  readonly seed: Uint8Array;
  readonly id: string;
  /** The library's fingerprint. */
  readonly library: string;
  /** Number of the root that first names the key. */
  readonly root: number;
  /** `2026-11-25` */
  readonly day: string;
}

const FRENCH = {
  title: 'Clé de secours de la bibliothèque',
  lines: [
    'Cette feuille remplace la clé de la boîte si elle est perdue ou volée. Qui la tient peut publier à votre place et ouvrir les réponses : gardez-la sous clé, loin de la boîte.',
    'Imprimez deux feuilles. Relisez-les. Puis effacez ce fichier, et videz la mémoire de l’imprimante si d’autres s’en servent.',
    'Pour s’en servir : dans le dossier de Relais, tapez « npm run keys -- restore », puis les 14 groupes. Une faute est nommée par son groupe.',
    'Il n’y a ni I, ni L, ni O, ni U : ce sont les chiffres 1 et 0, et la lettre V.',
  ],
} as const;

const ENGLISH = {
  title: 'Spare key of the library',
  lines: [
    'This sheet replaces the key of the box where that was lost or stolen. Whoever holds it can publish in your place and open the answers: keep it under lock, away from the box.',
    'Print two sheets. Read them over. Then delete this file, and empty the printer’s memory if others use it.',
    'To use it: in the folder of Relais, type "npm run keys -- restore", then the 14 groups. A mistake is named by its group.',
    'There is no I, L, O or U: those are the digits 1 and 0, and the letter V.',
  ],
} as const;

const factsOf = ({ id, library, root, day }: SparePage): readonly string[] => [
  `Bibliothèque / Library: ${library}`,
  `Clé / Key: ${id}`,
  `Racine / Root: ${root}`,
  `Date: ${day}`,
];

/** A QR code as text: two squares of the code a letter, light on dark or dark on light as the terminal has it. */
export const codeAsText = (text: string): string => {
  const code = generate(text);
  const lines: string[] = [];
  // Two squares of margin on each side: less is not read.
  for (let y = -2; y < code.size + 2; y += 2) {
    let line = '';
    for (let x = -2; x < code.size + 2; x++)
      line += [' ', '▄', '▀', '█'][(code.get(x, y) ? 2 : 0) + (code.get(x, y + 1) ? 1 : 0)];
    lines.push(line);
  }
  return lines.join('\n');
};

const codeAsSvg = (text: string): string => {
  const code = generate(text);
  let d = '';
  for (let y = 0; y < code.size; y++) for (let x = 0; x < code.size; x++) if (code.get(x, y)) d += `M${x},${y}h1v1h-1z`;
  return `<svg viewBox="-2 -2 ${code.size + 4} ${code.size + 4}" shape-rendering="crispEdges" role="img" aria-label="QR"><path d="${d}"/></svg>`;
};

/** As a text file. */
export const pageAsText = (page: SparePage): string => {
  const groups = toGroups(page.seed).map((group, i) => `${String(i + 1).padStart(4)}. ${group}`);
  const half = groups.length / 2;
  const columns = groups.slice(0, half).map((group, i) => `${group}      ${groups[i + half]}`);
  const block = ({ title, lines }: typeof FRENCH | typeof ENGLISH): string => [title, ...lines].join('\n\n');
  return `${[block(FRENCH), block(ENGLISH), columns.join('\n'), factsOf(page).join('\n'), toLine(page.seed), codeAsText(toLine(page.seed))].join('\n\n\n')}\n`;
};

const STYLE = `@page{size:A4;margin:16mm}
body{font:16px/1.4 sans-serif;max-width:178mm;margin:0 auto;padding:8px;color:#000;background:#fff}
h1{font-size:22px;margin:0 0 8px}
p{margin:0 0 6px}
ol{font:700 24px/1.5 monospace;letter-spacing:.12em;margin:8mm 0;padding-left:16mm;border:2px solid;padding-block:4mm}
@media print,(min-width:640px){.two{display:grid;grid-template-columns:1fr 1fr;gap:0 10mm}ol{columns:2}.foot{display:grid;grid-template-columns:50mm 1fr;gap:8mm;align-items:start}}
@media print{body{padding:0}}
svg{width:50mm;height:50mm}
.line{font:12px monospace;overflow-wrap:anywhere}`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** As an HTML file that needs nothing beside it. */
export const pageAsHtml = (page: SparePage): string => {
  const block = (lang: string, { title, lines }: typeof FRENCH | typeof ENGLISH): string =>
    `<div lang="${lang}"><h1>${escaped(title)}</h1>${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}</div>`;
  const groups = toGroups(page.seed)
    .map((group) => `<li>${group}</li>`)
    .join('');
  return `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${FRENCH.title}</title><style>${STYLE}</style></head><body>
<div class="two">${block('fr', FRENCH)}${block('en', ENGLISH)}</div>
<ol>${groups}</ol>
<div class="foot">${codeAsSvg(toLine(page.seed))}<div>${factsOf(page)
    .map((fact) => `<p>${escaped(fact)}</p>`)
    .join('')}<p class="line">${toLine(page.seed)}</p></div></div>
</body></html>
`;
};
