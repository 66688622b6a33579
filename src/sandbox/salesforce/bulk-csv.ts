import { parse } from 'csv-parse/sync';
import { type Org, SfError } from './org.ts';
import type { Field } from './schema.ts';

/** What an ingest job was given: the header, and each line by it. */
export interface Upload {
  columns: string[];
  rows: Record<string, string>[];
}

const DELIMITERS: Record<string, string> = {
  COMMA: ',',
  SEMICOLON: ';',
  PIPE: '|',
  TAB: '\t',
  CARET: '^',
  BACKQUOTE: '`',
};

export function delimiterOf(name: string): string {
  return DELIMITERS[name] ?? ',';
}

/** Throws what the platform says of content that is no CSV. */
export function readUpload(csv: string, delimiter: string): Upload {
  let lines: string[][];
  try {
    lines = parse(csv, { delimiter, bom: true, relax_column_count: false });
  } catch (error) {
    throw new SfError('InvalidBatch', `Failed to parse CSV: ${(error as Error).message}`);
  }
  const [columns = [], ...rows] = lines;
  return { columns, rows: rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell]))) };
}

/** `#N/A` clears a field, an empty cell leaves it alone; numbers and truth values are text until here. */
export function valuesOf(org: Org, object: string, row: Record<string, string>): Record<string, unknown> {
  const fields = new Map(org.visibleFields(org.object(object)).map((field) => [field.name, field]));
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, cell]) => cell !== '')
      .map(([name, cell]) => [name, cell === '#N/A' ? null : typed(fields.get(name), cell)]),
  );
}

function typed(field: Field | undefined, cell: string): unknown {
  if (field?.type === 'double' && cell.trim() !== '' && Number.isFinite(Number(cell))) {
    return Number(cell);
  }
  return field?.type === 'boolean' ? /^(true|1)$/i.test(cell) : cell;
}

/**
 * Result files: header quoted, cells quoted only where the job's own separator, a quote or a line break asks for it.
 * Other separators stand bare, which is where readers that guess the separator fail.
 */
export function writeResults(
  columns: readonly string[],
  rows: readonly Record<string, string>[],
  delimiter: string,
): string {
  const cell = (text: string) =>
    text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [
    columns.map((name) => `"${name}"`).join(delimiter),
    ...rows.map((row) => columns.map((name) => cell(row[name] ?? '')).join(delimiter)),
  ];
  return `${lines.join('\n')}\n`;
}
