import { parse } from 'csv-parse/sync';
import type { FieldValue } from '../../../decide/desired.ts';
import type { BulkOperation, BulkRow } from '../../../sync/bulk.ts';

/** What clears a field; an empty cell leaves it alone. */
const CLEAR = '#N/A';
/** Characters of one field, from Salesforce's limits. */
const FIELD_MAX = 32_000;

/** The column that pairs results with rows: the record's id, or our unique field. */
export function keyColumn(operation: BulkOperation, uniqueField: string): string {
  return operation === 'update' ? 'Id' : uniqueField;
}

/**
 * The file of a job: the key's column first, then every column that any row has; RFC 4180 quotes, LF.
 * jsforce's own would take the columns of the first row for all.
 */
export function writeCsv(key: string, rows: readonly BulkRow[]): string {
  const columns = [
    key,
    ...[...new Set(rows.flatMap(({ record }) => Object.keys(record)))].filter((one) => one !== key),
  ];
  const lines = rows.map(({ record }) => columns.map((column) => cell(record[column])).join(','));
  return `${[columns.map(quoted).join(','), ...lines].join('\n')}\n`;
}

function cell(value: FieldValue | undefined): string {
  if (value === undefined) {
    return '';
  }
  return value === null || value === '' ? CLEAR : quoted(String(value));
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value that a file cannot carry: the mark that clears, as text, or more than a field of a file may hold. */
export function fitsCsv(record: Readonly<Record<string, FieldValue>>): boolean {
  return Object.values(record).every(
    (value) => typeof value !== 'string' || (value !== CLEAR && value.length <= FIELD_MAX),
  );
}

/**
 * Rows of a result file by its header. The separator is known, so that any other character stands for itself, quoted or
 * not; jsforce's own reader tries six and gives up on a bare one.
 */
export function readCsv(text: string): Record<string, string>[] {
  const lines: string[][] = parse(text, {
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const [header = [], ...rows] = lines;
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}
