import type { Outcome } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf, failureOfRecord, type WireError } from './failure.ts';
import { type Failure, outcomeOf, type Repeat } from './outcomes.ts';

/** Records of one collection call, from Salesforce's documents. */
export const COLLECTION_MAX = 200;

export interface Row {
  /** Our key, by which the answer is paired. */
  key: string;
  record: Record<string, unknown>;
}

interface Result {
  id?: string;
  success: boolean;
  created?: boolean;
  errors?: WireError[];
}

export type Written =
  | { key: string; result: 'ok'; id: string; created: boolean }
  | { key: string; result: 'failed'; failure: Failure };

export type Mode =
  | { kind: 'create'; sobject: string }
  | { kind: 'update'; sobject: string }
  | { kind: 'upsert'; sobject: string; by: string };

/**
 * Writes records in collections of 200. Salesforce answers in the order of the request (documented for this
 * resource); an answer of another length is believed for no record. A call that fails as a whole fails every
 * record of its collection and no other.
 */
export async function writeCollection(
  client: SalesforceClient,
  mode: Mode,
  rows: readonly Row[],
  headers: Record<string, string> = {},
): Promise<Written[]> {
  const written: Written[] = [];
  for (let i = 0; i < rows.length; i += COLLECTION_MAX) {
    written.push(...(await writeOne(client, mode, rows.slice(i, i + COLLECTION_MAX), headers)));
  }
  return written;
}

async function writeOne(
  client: SalesforceClient,
  mode: Mode,
  rows: readonly Row[],
  headers: Record<string, string>,
): Promise<Written[]> {
  const records = rows.map(({ record }) => ({ attributes: { type: mode.sobject }, ...record }));
  const path =
    mode.kind === 'upsert' ? `/composite/sobjects/${mode.sobject}/${mode.by}` : '/composite/sobjects';
  const method = mode.kind === 'create' ? 'POST' : 'PATCH';
  try {
    const results = await client.request<Result[]>(method, path, { allOrNone: false, records }, headers);
    return rows.map((row, i) =>
      paired(mode, row, Array.isArray(results) && results.length === rows.length ? results[i] : undefined),
    );
  } catch (error) {
    const failure = failureOf(error);
    return rows.map(({ key }) => ({ key, result: 'failed', failure }));
  }
}

function paired(mode: Mode, { key, record }: Row, result: Result | undefined): Written {
  if (result === undefined) {
    const failure = {
      code: 'UNKNOWN_EXCEPTION',
      message: 'the answer holds nothing about this record',
      fields: [],
      duplicateIds: [],
    };
    return { key, result: 'failed', failure };
  }
  const id = result.id ?? (typeof record.Id === 'string' ? record.Id : undefined);
  return result.success && id !== undefined
    ? { key, result: 'ok', id, created: result.created ?? mode.kind === 'create' }
    : { key, result: 'failed', failure: failureOfRecord(result.errors) };
}

export function toOutcome(written: Written, repeat: Repeat): Outcome {
  return written.result === 'ok'
    ? { state: 'done', crmId: written.id, created: written.created }
    : outcomeOf(written.failure, repeat);
}
