import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Hub } from './hub.ts';

/** What the centre's hub holds, read from its database while it runs. */
export interface StoredAnswer {
  readonly number: string;
  readonly item: string;
  readonly lang: string;
  readonly answers: Readonly<Record<string, string>>;
}

export const answersAt = (hub: Pick<Hub, 'dataDir'>): readonly StoredAnswer[] => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT number, item, lang, answers FROM answers ORDER BY seq').all();
    return rows.map((row) => ({ ...row, answers: JSON.parse(String(row.answers)) }) as unknown as StoredAnswer);
  } finally {
    database.close();
  }
};

/** How many envelopes there are, opened or not. */
export const envelopesAt = (hub: Hub): number => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS n FROM envelopes').get()?.n);
  } finally {
    database.close();
  }
};
