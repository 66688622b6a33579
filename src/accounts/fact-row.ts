import type { Json } from '../shared/json.ts';
import { listOf, numberOf, textOf } from './coerce.ts';
import { registrableDomain } from './domains.ts';
import type { Facts } from './facts.ts';
import type { CsvSource, FactType } from './facts-config.ts';

/** One line of a CSV file: which account, and what it says. Unknown cells are left out. */
export interface FactRow {
  /** A registered domain, or an account key, as the source says. */
  name: string;
  facts: Facts;
}

/** The columns of a source, with the traits they fill. */
export function columnsOf({ columns }: CsvSource): { column: string; trait: string; type: FactType }[] {
  return Object.entries(columns).map(([column, to]) =>
    typeof to === 'string' ? { column, trait: to, type: 'text' } : { column, ...to },
  );
}

export function keyColumn({ key, key_column }: CsvSource): string {
  return key_column ?? key;
}

/** Cells by column -> row, or in words why it is a bad one. */
export function factRow(cells: Readonly<Record<string, string>>, source: CsvSource): FactRow | string {
  const key = cleanText(cells[keyColumn(source)] ?? '');
  const name = source.key === 'domain' ? registrableDomain(key) : key === '' ? null : key;
  if (name === null) {
    return `"${key.slice(0, 80)}" is no ${source.key === 'domain' ? 'domain' : 'account key'}`;
  }
  const facts: Facts = {};
  for (const { column, trait, type } of columnsOf(source)) {
    const cell = cells[column] ?? '';
    const text = cleanText(cell);
    if (cell.includes(NO_LETTER)) {
      return `${column}: "${text.slice(0, 80)}" is no text in UTF-8`;
    }
    const value = text === '' ? null : cellOf(text, type);
    if (value === undefined) {
      return `${column}: "${text.slice(0, 80)}" is no ${type}`;
    }
    if (value !== null) {
      facts[trait] = value;
    }
  }
  return { name, facts };
}

/** What bytes of another encoding are read as. */
const NO_LETTER = '\ufffd';

/** What PostgreSQL cannot store is replaced, as in events (decision 23). */
function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', NO_LETTER).trim();
}

const YES = new Set(['yes', 'y', '1', 'true']);
const NO = new Set(['no', 'n', '0', 'false']);

/** undefined: the text is not of this type. */
function cellOf(text: string, type: FactType): Json | undefined {
  switch (type) {
    case 'number':
      return numberOf(text) ?? undefined;
    case 'boolean': {
      const word = text.toLowerCase();
      return YES.has(word) ? true : NO.has(word) ? false : undefined;
    }
    case 'list':
      return listOf(text.replaceAll(';', ','));
    default:
      return textOf(text) ?? undefined;
  }
}
