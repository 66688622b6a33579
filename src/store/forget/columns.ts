import type { Db } from '../db.ts';

/** A table of the database with the columns that can hold text. */
export interface TableText {
  /** Quoted, with its schema. */
  table: string;
  name: string;
  columns: { name: string; type: string }[];
}

const TEXTUAL = [
  'text',
  'character varying',
  'json',
  'jsonb',
  'text[]',
  'bytea',
  'uuid',
  'uuid[]',
  'character varying(255)',
];

/** Every table there is, BullMQ's and those of later versions too; of a table in partitions the partitions. */
export async function tablesOf(db: Db): Promise<TableText[]> {
  const rows = await db.query<{ table: string; name: string; columns: TableText['columns'] }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, c.relname AS name,
            json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
       AND format_type(a.atttypid, a.atttypmod) = ANY($1::text[])
     GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname`,
    [TEXTUAL],
  );
  return rows.rows;
}

/** The column as text. */
export function asText({ name, type }: TableText['columns'][number]): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  return type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`;
}
