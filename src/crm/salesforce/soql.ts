import { sideBySide } from '../../shared/side-by-side.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf } from './failure.ts';
import { isAway } from './outcomes.ts';

/** A text literal of SOQL: backslashes and quotes escaped, so that no value can end it (SOQL injection). */
export function literal(text: string): string {
  return `'${escaped(text)}'`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n').replace(/\r/g, '\\r');
}

/** A LIKE pattern around `text`, whose own wildcards are taken literally: `\_` is SOQL's own escape, not an escaped backslash. */
export function containing(text: string): string {
  return `'%${escaped(text).replace(/[%_]/g, (wild) => `\\${wild}`)}%'`;
}

export function inList(field: string, values: readonly string[]): string {
  return `${field} IN (${values.map(literal).join(', ')})`;
}

/** Queries travel in the URL, which Salesforce cuts at 16,384 bytes: far below that once encoded. */
const QUERY_MAX = 12_000;
const QUERIES_AT_ONCE = 4;

/** `queryAll` also sees what lies in the recycle bin. */
type QueryPath = 'query' | 'queryAll';

interface Page<Row> {
  records: Row[];
  done: boolean;
  nextRecordsUrl?: string;
}

/** All rows of `SELECT … WHERE <condition over values>`, in as many queries as the URL limit asks for. */
export async function selectWhere<Row>(
  client: SalesforceClient,
  select: string,
  values: readonly string[],
  condition: (values: readonly string[]) => string,
  path: QueryPath = 'query',
): Promise<Row[]> {
  const parts = chunksFor(values, select, condition);
  const ask = (part: readonly string[]) =>
    askTwice(() => query<Row>(client, `${select} WHERE ${condition(part)}`, path));
  return (await sideBySide(QUERIES_AT_ONCE, parts, ask)).flat();
}

/**
 * The answers to many queries count together: with one in ten lost, all of a large round would never arrive. So one that got
 * lost is asked for once more at once.
 */
async function askTwice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isAway(failureOf(error))) {
      throw error;
    }
    return ask();
  }
}

/** All pages of one query. */
export async function query<Row>(
  client: SalesforceClient,
  soql: string,
  path: QueryPath = 'query',
): Promise<Row[]> {
  let page = await client.request<Page<Row>>('GET', `/${path}?q=${encodeURIComponent(soql)}`);
  const rows = [...page.records];
  while (page.nextRecordsUrl !== undefined) {
    page = await client.request<Page<Row>>('GET', page.nextRecordsUrl);
    rows.push(...page.records);
  }
  return rows;
}

function chunksFor(
  values: readonly string[],
  select: string,
  condition: (values: readonly string[]) => string,
): string[][] {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  for (const value of new Set(values)) {
    const longer = [...chunk, value];
    if (chunk.length > 0 && encodeURIComponent(`${select} WHERE ${condition(longer)}`).length > QUERY_MAX) {
      chunks.push(chunk);
      chunk = [value];
    } else {
      chunk = longer;
    }
  }
  return chunk.length === 0 ? chunks : [...chunks, chunk];
}
