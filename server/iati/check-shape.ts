import type { Findings } from './findings.ts';
import { activitiesShape, type Child, type Shape, type ValueType } from './shape.ts';
import { wrongWith } from './values.ts';
import type { XmlElement } from './xml.ts';

/** Whether a file is built as the schema has it: elements, their order and number, attributes, types of values. */
export const checkShape = (root: XmlElement, findings: Findings): void => {
  if (root.name !== 'iati-activities') {
    const of = root.name.startsWith('{')
      ? 'The elements of an IATI file have no namespace: take xmlns out.'
      : 'An activity file is needed, with <iati-activities> around all.';
    findings.error(root.line, 'schema', `The file is a <${root.name}>, not <iati-activities>.`, of);
    return;
  }
  const version = root.attributes.get('version');
  if (version !== undefined && !/^2\.0[123]$/.test(version.trim())) {
    findings.error(
      root.line,
      'schema',
      `The file is of IATI ${version || '(no version)'}.`,
      'Versions 2.01, 2.02 and 2.03 are read: have it converted.',
    );
    // An older version has another structure: each of its elements would be told as wrong.
    return;
  }
  new Checker(findings).check(root, activitiesShape);
};

class Checker {
  readonly #findings: Findings;
  constructor(findings: Findings) {
    this.#findings = findings;
  }

  check(element: XmlElement, shape: Shape): void {
    this.#attributes(element, shape);
    this.#children(element, shape);
    if (shape.text !== undefined) this.#value(element.line, `<${element.name}>`, element.text, shape.text);
    else if (/\S/.test(element.text)) {
      this.#error(
        element.line,
        `<${element.name}> has text directly inside: "${shorten(element.text)}".`,
        shape.children.some(({ name }) => name === 'narrative') ? 'Put it into <narrative>.' : 'Take it out.',
      );
    }
  }

  #attributes(element: XmlElement, shape: Shape): void {
    for (const [name, value] of element.attributes) {
      const own = Object.hasOwn(shape.attributes, name) ? shape.attributes[name] : undefined;
      if (own) this.#value(element.line, `${name} of <${element.name}>`, value, own.type);
      else if (!name.startsWith('xml:') || shape.closed) {
        this.#error(
          element.line,
          `<${element.name}> has an attribute "${name}", which the schema does not have.`,
          `Take it out, or correct its name${namesOf(Object.keys(shape.attributes))}.`,
        );
      }
    }
    for (const [name, { required }] of Object.entries(shape.attributes)) {
      if (required && !element.attributes.has(name))
        this.#error(element.line, `<${element.name}> has no attribute "${name}".`, 'Add it.');
    }
  }

  #children(element: XmlElement, shape: Shape): void {
    const counts = new Map<string, number>();
    const known: Placed[] = [];
    let foreign: XmlElement | undefined;
    let told = false;
    for (const child of element.children) {
      if (child.name.startsWith('{')) {
        foreign ??= child;
        continue;
      }
      const at = shape.children.findIndex(({ name }) => name === child.name);
      const own = shape.children[at];
      if (!own) {
        this.#error(
          child.line,
          `<${child.name}> has no place in <${element.name}>.`,
          `Take it out, or correct its name${namesOf(shape.children.map(({ name }) => name))}.`,
        );
        continue;
      }
      if (foreign && !told) {
        told = true;
        this.#error(
          foreign.line,
          `<${foreign.name}> of another namespace stands before <${child.name}>.`,
          'Move it to the end.',
        );
      }
      known.push({ child, at });
      const count = (counts.get(child.name) ?? 0) + 1;
      counts.set(child.name, count);
      if (own.max === 1 && count === 2)
        this.#error(child.line, `A second <${child.name}> in <${element.name}>.`, 'Only one may be there.');
      this.check(child, own.shape);
    }
    for (const { child, at } of outOfOrder(known)) {
      this.#error(
        child.line,
        `<${child.name}> is out of its order in <${element.name}>.`,
        `Move it ${orderAround(shape.children, at, counts)}.`,
      );
    }
    for (const { name, min } of shape.children) {
      if (min === 1 && !counts.has(name)) this.#error(element.line, `<${element.name}> has no <${name}>.`, 'Add it.');
    }
  }

  #value(line: number, name: string, value: string, type: ValueType): void {
    const wrong = wrongWith(name, value, type);
    if (!wrong) return;
    if (wrong.warning) this.#findings.warn(line, 'schema', wrong.what, wrong.remedy);
    else this.#findings.error(line, 'schema', wrong.what, wrong.remedy);
  }

  #error(line: number, what: string, remedy: string): void {
    this.#findings.error(line, 'schema', what, remedy);
  }
}

const shorten = (text: string): string => {
  const clean = text.trim().replace(/\s+/g, ' ');
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
};

const namesOf = (names: readonly string[]): string => (names.length > 0 ? `: there is ${names.join(', ')}` : '');

/** Its neighbours in the order, of those that are there. */
const orderAround = (children: readonly Child[], at: number, there: ReadonlyMap<string, number>): string => {
  const before = children.slice(0, at).findLast(({ name }) => there.has(name))?.name;
  const after = children.slice(at + 1).find(({ name }) => there.has(name))?.name;
  return [before && `after <${before}>`, after && `before <${after}>`].filter(Boolean).join(', ');
};

/** An element, and where it comes in the order of its parent. */
interface Placed {
  readonly child: XmlElement;
  readonly at: number;
}

/** The fewest that would have to move: all but the longest run that is in order. */
const outOfOrder = (placed: readonly Placed[]): readonly Placed[] => {
  if (placed.every(({ at }, i) => i === 0 || at >= (placed[i - 1]?.at ?? 0))) return [];
  /** By length: the index of the run's last that is least. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  placed.forEach(({ at }, i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((placed[ends[middle] ?? 0]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    before[i] = ends[low - 1];
    ends[low] = i;
  });
  const stay = new Set<number>();
  for (let i = ends.at(-1); i !== undefined; i = before[i]) stay.add(i);
  return placed.filter((_, i) => !stay.has(i));
};
