import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type CsvError, type Options, parse } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { columnsOf, type FactRow, factRow, keyColumn } from './accounts/fact-row.ts';
import type { CsvSource } from './accounts/facts-config.ts';
import type { FactsFile } from './accounts/facts-file.ts';
import type { ConfigProblem } from './shared/config-file.ts';
import { ABSENT, unreadable } from './shared/config-text.ts';
import { didYouMean } from './shared/did-you-mean.ts';

/**
 * A line of a CSV file that gives a row, or the reason why it gives none. `line` is where it ends, 1-based.
 * `last`: nothing behind it can be read, for where the next line begins nobody can tell.
 */
export type FactLine = { line: number; row: FactRow } | BadLine;

interface BadLine {
  line: number;
  wrong: string;
  last?: true;
}

/** Bytes of one line: an unclosed quote must not take the rest of the file into memory. */
const LONGEST_LINE = 100_000;

/** Files that facts.yaml names and that are not there, or lack a column: with the line of facts.yaml (I11). */
export function sourceProblems(dir: string, { sources, problem }: FactsFile): ConfigProblem[] {
  return [...sources].flatMap(([name, source]) => {
    const path = join(dir, source.file);
    const wrong = unreadable(path);
    if (wrong !== null) {
      const shown = relative(process.cwd(), path);
      const allowed =
        wrong === ABSENT ? `a file that is there: ${shown} is not` : `a file: ${shown} is ${wrong}`;
      return [problem(['sources', name, 'file'], source.file, allowed)];
    }
    const header = headerOf(path);
    const missing = (column: string) => !header.includes(column);
    const allowed = (column: string) =>
      `a column of ${source.file}: ${header.join(', ')}${didYouMean(column, header)}`;
    return [
      ...[keyColumn(source)]
        .filter(missing)
        .map((column) => problem(['sources', name, 'key_column'], column, allowed(column))),
      ...columnsOf(source)
        .filter(({ column }) => missing(column))
        .map(({ column }) => problem(['sources', name, 'columns', column], column, allowed(column))),
    ];
  });
}

/** Equal for equal files. Reads the file once, a piece at a time. */
export async function fingerprint(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Every line of a CSV file, whatever its size: only a few lines are in memory at once. */
export async function* factLines(path: string, source: CsvSource): AsyncGenerator<FactLine> {
  const bad: BadLine[] = [];
  const file = createReadStream(path);
  const parser = parse({
    ...FORMAT,
    delimiter: delimiterOf(path),
    columns: true,
    info: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (bad.at(-1)?.last !== true) {
        bad.push(badLine(error));
      }
      if (bad.at(-1)?.last === true) {
        file.unpipe(parser).destroy();
        queueMicrotask(() => parser.end());
      }
      return undefined;
    },
  });
  file.on('error', (error) => parser.destroy(error));
  for await (const { record, info } of file.pipe(parser) as AsyncIterable<Parsed>) {
    yield* bad.splice(0, bad.at(-1)?.last === true ? bad.length - 1 : bad.length);
    const row = factRow(record, source);
    yield typeof row === 'string' ? { line: info.lines, wrong: row } : { line: info.lines, row };
  }
  yield* bad;
}

interface Parsed {
  record: Record<string, string>;
  info: { lines: number };
}

const UNREADABLE = ['CSV_MAX_RECORD_SIZE', 'CSV_QUOTE_NOT_CLOSED'];

function badLine(error: CsvError | undefined): BadLine {
  const bad = { line: lineOf(error), wrong: wordsOf(error) };
  return error !== undefined && UNREADABLE.includes(error.code) ? { ...bad, last: true } : bad;
}

const FORMAT = {
  bom: true,
  trim: true,
  skip_empty_lines: true,
  max_record_size: LONGEST_LINE,
} satisfies Options;

function lineOf(error: CsvError | undefined): number {
  const { lines } = (error ?? {}) as { lines?: unknown };
  return typeof lines === 'number' ? lines : 1;
}

function wordsOf(error: CsvError | undefined): string {
  if (error?.code === 'CSV_MAX_RECORD_SIZE') {
    return `a line of more than ${LONGEST_LINE} characters: a quote that is never closed?`;
  }
  return (error?.message ?? 'not readable').replace(/ (on|at) line \d[\s\S]*/, '').slice(0, 200);
}

function headerOf(path: string): string[] {
  const [header = []] = parseNow(firstLine(path), { ...FORMAT, delimiter: delimiterOf(path), to: 1 });
  return header as unknown as string[];
}

/** Of the separators that spreadsheets write, the one that the header has most of. */
function delimiterOf(path: string): string {
  const line = firstLine(path);
  const count = (mark: string) => line.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function firstLine(path: string): string {
  const start = Buffer.alloc(LONGEST_LINE);
  const file = openSync(path, 'r');
  try {
    const text = start.toString('utf8', 0, readSync(file, start, 0, start.length, 0));
    return text.split(/\r\n|\n|\r/)[0] ?? '';
  } finally {
    closeSync(file);
  }
}
