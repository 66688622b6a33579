import { anonymousRef, userRef } from '../../accounts/identity.ts';
import { patternOf } from '../../events/needles.ts';
import { type Db, hashId } from '../db.ts';
import { asText, tablesOf } from './columns.ts';

/** How often a column names one of those who were looked for. */
export interface Trace {
  table: string;
  column: string;
  rows: number;
}

/**
 * Looks for ids, addresses and names in every text column of every table, and for the plain hashes under which an id would
 * be known. Nothing found proves that the database holds nothing of them; it reads everything and takes as long.
 */
export async function scanFor(db: Db, texts: readonly string[]): Promise<Trace[]> {
  const hashes = texts.flatMap((text) =>
    [userRef(text), anonymousRef(text), `person:${text}`, text].map(hashId),
  );
  const pattern = patternOf([...texts, ...hashes]);
  const traces: Trace[] = [];
  for (const { table, name, columns } of pattern === null ? [] : await tablesOf(db)) {
    const counts = columns.map((column, i) => `count(*) FILTER (WHERE ${asText(column)} ~* $1) AS "${i}"`);
    const rows = await db.query<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${table}`, [
      pattern,
    ]);
    for (const [i, column] of columns.entries()) {
      const found = rows.rows[0]?.[String(i)] ?? 0;
      traces.push(...(found > 0 ? [{ table: name, column: column.name, rows: found }] : []));
    }
  }
  return traces;
}
