import type { IatiActivity } from './activity.ts';
import { checkRules } from './check-rules.ts';
import { checkShape } from './check-shape.ts';
import { type Finding, Findings, inOrder } from './findings.ts';
import { documentTree } from './tree.ts';
import { isWritable } from './write-iati.ts';
import { parseXml, type XmlElement } from './xml.ts';

/**
 * What can be said of an activity file without a network: the schema's structure and types (`shape.ts`), the codelists
 * that it means (`codes.ts`), and the standard's rules (`check-rules.ts`).
 */
export const checkIati = (bytes: Uint8Array, file: string, today?: string): readonly Finding[] => {
  const findings = new Findings(file);
  const root = parseXml(bytes, findings);
  if (root) checkDocument(root, findings, today);
  return inOrder(findings.all);
};

/** The same for a file that is already read. */
export const checkDocument = (root: XmlElement, findings: Findings, today?: string): void => {
  checkShape(root, findings);
  if (root.name === 'iati-activities') checkRules(root, findings, today);
};

/** The same for an activity that is not a file yet: a fault stands at the line of the part that it concerns. */
export const checkActivity = (activity: IatiActivity, findings: Findings, today?: string): void => {
  const root = documentTree([activity]);
  const unwritable = (element: XmlElement): void => {
    if (!isWritable(element.text) || [...element.attributes.values()].some((value) => !isWritable(value)))
      findings.error(element.line, 'xml', `<${element.name}> has a control character.`, 'Type the text anew.');
    element.children.forEach(unwritable);
  };
  unwritable(root);
  checkDocument(root, findings, today);
};
