import type { SalesforceClient } from './client.ts';
import type { Row, Written } from './collections.ts';
import { failureOf } from './failure.ts';
import { isDuplicateFound } from './outcomes.ts';

export type Refused = Written & { result: 'failed' };

/** A create that the org's duplicate rules stopped: the org has the record already. */
export function isDuplicate(written: Written): written is Refused {
  return written.result === 'failed' && isDuplicateFound(written.failure);
}

/**
 * Collections say that there are duplicates, mostly without naming them; the same record written alone does. Should
 * the rule let it pass this time, it is written.
 */
export async function withDuplicateIds(
  client: SalesforceClient,
  written: readonly Written[],
  rows: readonly Row[],
  alone: (row: Row) => { method: 'POST' | 'PATCH'; path: string; body: Record<string, unknown> },
): Promise<Written[]> {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const named: Written[] = [];
  for (const one of written) {
    const row = byKey.get(one.key);
    named.push(
      row !== undefined && isDuplicate(one) && one.failure.duplicateIds.length === 0
        ? await writeAlone(client, one, alone(row))
        : one,
    );
  }
  return named;
}

async function writeAlone(
  client: SalesforceClient,
  refused: Refused,
  { method, path, body }: { method: 'POST' | 'PATCH'; path: string; body: Record<string, unknown> },
): Promise<Written> {
  try {
    const made = await client.request<{ id?: string; created?: boolean } | undefined>(method, path, body);
    return made?.id === undefined
      ? refused
      : { key: refused.key, result: 'ok', id: made.id, created: made.created ?? true };
  } catch (error) {
    return { key: refused.key, result: 'failed', failure: failureOf(error) };
  }
}
