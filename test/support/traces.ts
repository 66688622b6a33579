import { createHash } from 'node:crypto';
import type { Db } from '../../src/store/db.ts';

/**
 * Where the database holds one of `needles`: every column of every table, as text and as bytes, by plain search. Shares no
 * code with the product. Plain hashes of the needles count too: whoever knows an id could find its rows by them.
 */
export async function tracesOf(db: Db, needles: readonly string[]): Promise<string[]> {
  const columns = await db.query<{ schema: string; table: string; column: string; type: string }>(
    `SELECT table_schema AS schema, table_name AS table, column_name AS column, data_type AS type
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const words = [
    ...needles,
    ...needles.flatMap((id) => [`u:${id}`, `a:${id}`, `person:${id}`, id].map(plainHash)),
  ];
  const found: string[] = [];
  for (const { schema, table, column, type } of columns.rows) {
    const text = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`;
    const rows = await db.query<{ word: string; count: number }>(
      `SELECT word, count(*) FROM "${schema}"."${table}" JOIN unnest($1::text[]) AS word
         ON position(lower(word) in lower(${text})) > 0 GROUP BY word`,
      [words],
    );
    found.push(...rows.rows.map(({ word, count }) => `${table}.${column}: ${count} x ${word}`));
  }
  return found;
}

function plainHash(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
