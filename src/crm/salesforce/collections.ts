import { chunks, roundsOf } from '../../shared/rounds.ts';
import { sideBySide } from '../../shared/side-by-side.ts';
import type { Outcome } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf, failureOfRecord, type WireError } from './failure.ts';
import {
  type Failure,
  isKeyTaken,
  isSameForAll,
  outcomeOf,
  type Repeat,
  UNACCOUNTED,
  unknownField,
} from './outcomes.ts';

/** Records of one collection call, from Salesforce's documents. */
export const COLLECTION_MAX = 200;

/** Calls of one kind under way at a time: far below the 25 long ones that an org takes, 5 in a trial. */
export const CALLS_AT_ONCE = 4;

export interface Row {
  /** Our key, by which the answer is paired. */
  key: string;
  record: Record<string, unknown>;
  /** CRM id of the record that it hangs on. */
  parent?: string | null;
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

type Send = (rows: readonly Row[]) => Promise<Written[] | Failure>;

/**
 * Writes records in collections of 200. Salesforce answers in the order of the request (documented for this
 * resource); an answer of another length is believed for no record. A call that fails as a whole fails every
 * record of its collection and no other, unless one record may be the cause: then the others go without it (I9).
 */
export async function writeCollection(
  client: SalesforceClient,
  mode: Mode,
  rows: readonly Row[],
  headers: Record<string, string> = {},
): Promise<Written[]> {
  const send = untilHalted((part) => sendOne(client, mode, part, headers));
  const written: Written[] = [];
  for (const round of inRounds(rows)) {
    const parts = chunks(round, COLLECTION_MAX);
    written.push(...(await sideBySide(CALLS_AT_ONCE, parts, (part) => sendAll(send, part))).flat());
  }
  return written;
}

/**
 * Rounds in which no record stands twice: Salesforce refuses an id twice in one call, and two calls at once for one
 * record could leave the older values. Within a round records of one parent stand together: in two calls at once they
 * would wait for each other's lock on it.
 */
function inRounds(rows: readonly Row[]): Row[][] {
  return roundsOf(rows, (row) => row.record.Id ?? row).map((round) => round.toSorted(byParent));
}

function byParent(a: Row, b: Row): number {
  const [one, other] = [a.parent ?? '', b.parent ?? ''];
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Once the org has refused everybody (its limit, the credentials), further calls would only be refused too. */
function untilHalted(send: Send): Send {
  let halted: Failure | null = null;
  return async (rows) => {
    const answer = halted ?? (await send(rows));
    if (!Array.isArray(answer) && outcomeOf(answer, 'harmless').state === 'halt') {
      halted = answer;
    }
    return answer;
  };
}

async function sendAll(send: Send, rows: readonly Row[]): Promise<Written[]> {
  const answer = await send(rows);
  return Array.isArray(answer) ? answer : apart(send, rows, answer);
}

/**
 * A value that Salesforce cannot even read (a date that is none) refuses the whole collection and names no record.
 * Halves of it are sent until the guilty one stands alone. When both halves are refused in the same words, the
 * cause is one for all (a missing permission), and nothing is gained by asking on. A field that is gone is named: the
 * records that carry it are told apart without asking.
 */
async function apart(send: Send, rows: readonly Row[], failure: Failure): Promise<Written[]> {
  if (rows.length === 1 || outcomeOf(failure, 'harmless').state !== 'parked') {
    return failed(rows, failure);
  }
  const field = unknownField(failure) ?? '';
  const carriers = rows.filter(({ record }) => field in record);
  if (carriers.length > 0) {
    const others = rows.filter(({ record }) => !(field in record));
    return [...failed(carriers, failure), ...(others.length === 0 ? [] : await sendAll(send, others))];
  }
  const middle = Math.ceil(rows.length / 2);
  const halves = [rows.slice(0, middle), rows.slice(middle)];
  const tried: { half: readonly Row[]; answer: Written[] | Failure }[] = [];
  for (const half of halves) {
    tried.push({ half, answer: await send(half) });
  }
  if (tried.every(({ answer }) => !Array.isArray(answer) && isSameForAll(answer, failure))) {
    return failed(rows, failure);
  }
  const written: Written[] = [];
  for (const { half, answer } of tried) {
    written.push(...(Array.isArray(answer) ? answer : await apart(send, half, answer)));
  }
  return written;
}

function failed(rows: readonly Row[], failure: Failure): Written[] {
  return rows.map(({ key }) => ({ key, result: 'failed', failure }));
}

async function sendOne(
  client: SalesforceClient,
  mode: Mode,
  rows: readonly Row[],
  headers: Record<string, string>,
): Promise<Written[] | Failure> {
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
    return failureOf(error);
  }
}

function paired(mode: Mode, { key, record }: Row, result: Result | undefined): Written {
  if (result === undefined) {
    return { key, result: 'failed', failure: UNACCOUNTED };
  }
  const id = result.id ?? (typeof record.Id === 'string' ? record.Id : undefined);
  return result.success && id !== undefined
    ? { key, result: 'ok', id, created: result.created ?? mode.kind === 'create' }
    : { key, result: 'failed', failure: failureOfRecord(result.errors) };
}

/**
 * `keyField`: our unique field. A duplicate of it means that somebody was quicker with the same record: the next
 * attempt finds it.
 */
export function toOutcome(written: Written, repeat: Repeat, keyField?: string): Outcome {
  if (written.result === 'ok') {
    return { state: 'done', crmId: written.id, created: written.created };
  }
  const { failure } = written;
  return keyField !== undefined && isKeyTaken(failure, keyField)
    ? { state: 'retry', afterMs: 1000, code: failure.code, reason: failure.message }
    : outcomeOf(failure, repeat);
}
