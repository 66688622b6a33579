import type { BulkResults, BulkRow, BulkSpec, Standing } from '../../../sync/bulk.ts';
import type { Outcome } from '../../../sync/crm.ts';
import { toOutcome } from '../collections.ts';
import { type Failure, isForCollections, UNACCOUNTED as NO_WORD } from '../outcomes.ts';
import { readCsv } from './csv.ts';

/** The files of a job that has ended; `unprocessed` only where the others leave a row out. */
export interface ResultFiles {
  successful: string;
  failed: string;
  unprocessed?: string;
}

/**
 * Every row's fate, paired by the key's column and by nothing else: the files keep no order. A row that was not processed,
 * or stands in no file at all, goes the ordinary way, where a repeat is harmless.
 *
 * @param column the key's column
 */
export function readResults(
  files: ResultFiles,
  { operation }: BulkSpec,
  column: string,
  rows: readonly BulkRow[],
  standing: Standing,
): BulkResults {
  const byKey = new Map(rows.map((row) => [paired(String(row.record[column] ?? ''), operation), row]));
  const results: BulkResults = new Map();
  const rowOf = (line: Record<string, string>) =>
    byKey.get(paired(line[column] || (operation === 'update' ? (line.sf__Id ?? '') : ''), operation));
  for (const line of readCsv(files.successful)) {
    const row = rowOf(line);
    if (row !== undefined) {
      results.set(row.key, done(row, line));
    }
  }
  for (const line of readCsv(files.failed)) {
    const row = rowOf(line);
    if (row !== undefined) {
      results.set(row.key, refused(row, line.sf__Error ?? '', column));
    }
  }
  const why = standing.state === 'failed' ? `the bulk job failed: ${standing.message}` : null;
  const left = new Set(readCsv(files.unprocessed ?? '').map((line) => rowOf(line)?.key));
  for (const { key } of rows.filter((row) => !results.has(row.key))) {
    const reason =
      why ?? (left.has(key) ? 'the bulk job did not process it' : 'the bulk job does not mention it');
    results.set(key, { state: 'ordinary', code: left.has(key) ? UNPROCESSED : UNACCOUNTED, reason });
  }
  return results;
}

const UNPROCESSED = 'unprocessed';
const UNACCOUNTED = 'unaccounted';

/** Whether the file of unprocessed rows must be asked for: the others do not mention every row. */
export function leavesOut(results: BulkResults): boolean {
  return [...results.values()].some((one) => one.state === 'ordinary' && one.code === UNACCOUNTED);
}

/** An id has 15 characters that count, whatever stands behind them. */
function paired(value: string, operation: BulkSpec['operation']): string {
  return operation === 'update' ? value.slice(0, 15) : value;
}

function done(row: BulkRow, line: Record<string, string>): Outcome {
  const crmId = line.sf__Id || row.crmId;
  if (!crmId) {
    return { state: 'retry', afterMs: 1000, code: NO_WORD.code, reason: 'the result names no record' };
  }
  const created = line.sf__Created === 'true';
  const { note, how } = row;
  return {
    state: 'done',
    crmId,
    created,
    ...(note === undefined ? {} : { note }),
    ...(how === undefined ? {} : { how }),
  };
}

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --` */
function refused(
  row: BulkRow,
  text: string,
  column: string,
): Outcome | { state: 'ordinary'; code: string; reason: string } {
  const [, code = NO_WORD.code, message = text] = /^([^:]*):([\s\S]*)$/.exec(text) ?? [];
  const fields = /:([\w,]+) --$/.exec(message)?.[1]?.split(',') ?? [];
  const words = message.replace(/:[\w,]* ?--$/, '').trim() || text;
  const failure: Failure = { code, message: words, fields, duplicateIds: [] };
  return isForCollections(failure)
    ? { state: 'ordinary', code, reason: words }
    : toOutcome(
        { key: row.key, result: 'failed', failure },
        'harmless',
        row.crmId === null ? column : undefined,
      );
}
