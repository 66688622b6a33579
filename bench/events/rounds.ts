import pg from 'pg';
// Counts are numbers: how the service reads them.
import '../../src/store/db.ts';

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The median of the ratios round by round, which share whatever disturbed them, with the lowest and the highest. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): string {
  const ratios = ours.map((one, i) => one / (theirs[i] ?? Number.NaN));
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

/** Asks a database one question. Counts come as numbers. */
export async function db1(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, number>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, number>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
