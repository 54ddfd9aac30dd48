import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Prose } from './prose.ts';

/** The library of `bench:sync`: 100 topics of 3 kB in five languages, as documents for everyone, and as a source folder for our publisher. */

export const LANGUAGES = ['fr', 'en', 'ar', 'sw', 'hi'] as const;
export const TOPICS = 100;
/** Bytes of one document's words, UTF-8. */
const BYTES = 3_000;

/** One text in one language: what every design has to bring. */
export interface Doc {
  /** `fr/topic-7`. */
  readonly id: string;
  readonly lang: string;
  readonly topic: string;
  readonly title: string;
  readonly summary: string;
  /** Paragraphs of sentences. */
  readonly body: readonly (readonly string[])[];
}

export const textOf = ({ body }: Doc): string => body.map((sentences) => sentences.join(' ')).join('\n\n');

const PICTURES = ['radio', 'sun', 'milk-can'];
const NEEDS = ['livestock', 'fields', 'health', 'money', 'school', 'notices'];

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** Two to four sentences, no longer than our authors may write, with room for an edit. */
const paragraphOf = (prose: Prose): string[] => {
  const sentences = [prose.sentence(100)];
  const wanted = prose.pick([2, 3, 4]);
  for (let left = 220 - (sentences[0] as string).length; sentences.length < wanted && left > 30; ) {
    const next = prose.sentence(Math.max(left, 60));
    sentences.push(next);
    left -= next.length + 1;
  }
  return sentences;
};

/** One document of about `bytes`. */
export const writeDoc = (prose: Prose, lang: string, topic: string, bytes = BYTES): Doc => {
  const title = prose
    .sentence()
    .slice(0, 60)
    .replace(/\s\S*$/, '');
  const summary = prose.sentence().slice(0, 180);
  const body: string[][] = [];
  for (let size = bytesOf(title + summary); size < bytes; ) {
    const paragraph = paragraphOf(prose);
    body.push(paragraph);
    size += bytesOf(paragraph.join(' ')) + 2;
  }
  return { id: `${lang}/${topic}`, lang, topic, title, summary, body };
};

/** The 500, language by language. */
export const writeDocs = (): readonly Doc[] =>
  LANGUAGES.flatMap((lang, n) => {
    const prose = new Prose(lang, 2026 + n);
    return Array.from({ length: TOPICS }, (_, topic) => writeDoc(prose, lang, `topic-${topic}`));
  });

/** Bytes of all words, as one text: what one stream of brotli is made from. */
export const oneText = (docs: readonly Doc[]): Buffer =>
  Buffer.from(docs.map((doc) => `${doc.title}\n${doc.summary}\n\n${textOf(doc)}\n`).join('\n'));

/** The same documents, and in those with one of these ids the second sentence is another. `round` gives another one each time. */
export const editDocs = (docs: readonly Doc[], ids: ReadonlySet<string>, round: number): readonly Doc[] => {
  const prose = new Map(LANGUAGES.map((lang, n) => [lang as string, new Prose(lang, 90_000 + 100 * round + n)]));
  const edited = docs.map((doc) => {
    if (!ids.has(doc.id)) return doc;
    const sentence = (prose.get(doc.lang) as Prose).sentence(100);
    const [[first = '', , ...others] = [], ...paragraphs] = doc.body;
    return { ...doc, body: [[first, sentence, ...others], ...paragraphs] };
  });
  if (edited.filter((doc, n) => doc !== docs[n]).length !== ids.size) throw new Error('Not all of them are there.');
  return edited;
};

/** The words that a document got by an edit. */
export const editedSentence = ({ body }: Doc): string => body[0]?.[1] as string;

const fileOf = (doc: Doc): string =>
  [
    '---',
    `title: "${doc.title}"`,
    `summary: "${doc.summary}"`,
    'place: "Relais"',
    'review: { state: human-draft }',
    '---',
    '',
    textOf(doc),
    '',
  ].join('\n');

/** Writes these documents as our authors do: one folder a topic, one file a language, and the repository's forms. */
export const writeSource = (folder: string, docs: readonly Doc[]): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'library.yml'),
    `name: { fr: "Cinq langues" }\nlanguages: [${LANGUAGES.join(', ')}]\nlicence: CC-BY-4.0\n`,
  );
  cpSync('content/forms', join(folder, 'forms'), { recursive: true });
  for (const { topic } of docs.filter(({ lang }) => lang === LANGUAGES[0])) {
    const n = Number(topic.replace(/\D/g, ''));
    const lines = [
      'kind: guide',
      `picture: ${PICTURES[n % PICTURES.length]}`,
      `order: ${n + 1}`,
      `needs: [${NEEDS[n % NEEDS.length]}]`,
      'sources: [{ id: s, title: "Relais", certainty: says }]',
    ];
    mkdirSync(join(folder, topic), { recursive: true });
    writeFileSync(join(folder, topic, 'item.yml'), `${lines.join('\n')}\n`);
  }
  for (const doc of docs) writeFileSync(join(folder, doc.topic, `${doc.lang}.md`), fileOf(doc));
};
