import type { FieldValue } from '../decide/desired.ts';
import { OVER_BUDGET } from './budget.ts';
import type { AccountChange, CrmConnector, How, Outcome, PersonChange } from './crm.ts';

/**
 * Large changes by jobs of the CRM's own (Salesforce Bulk API 2.0), as far as the delivery loop sees them.
 *
 * A job is a row of ours that owns acts. What each of its states means, also for a process that finds the job after
 * another has died:
 *
 * | state    | what is certain                                              | what whoever finds it does              |
 * | -------- | ------------------------------------------------------------ | --------------------------------------- |
 * | claimed  | acts are owned, nothing was sent                             | gives the acts back                     |
 * | ready    | rows are stored; the CRM may have an empty job nobody knows  | makes a job; an empty one harms nobody  |
 * | opened   | the CRM's id is stored; data may or may not have arrived     | uploads; refused as a second: it is there |
 * | uploaded | the data is there, the job may or may not have been closed   | closes it; refused: looks how it stands |
 * | closed   | the CRM runs it in its own time, whoever looks               | looks, later and later                  |
 * | ended    | every act was settled or given back                          | nothing                                 |
 *
 * Results are read again when a process dies over them: acts that were settled have left the job. Nothing is ever
 * deleted or aborted. Every row is an update by id or an upsert by a unique key, so that writing it again is harmless.
 */
export type BulkState = 'claimed' | 'ready' | 'opened' | 'uploaded' | 'closed' | 'ended';

export type BulkObject = 'account' | 'person';
export type BulkOperation = 'update' | 'upsert';

export interface BulkSpec {
  object: BulkObject;
  operation: BulkOperation;
}

export interface BulkRow {
  /** Our key: account key or person ref. */
  key: string;
  /** The record that is updated; null: found or made by the unique key. */
  crmId: string | null;
  /** By CRM field name; null clears, absent leaves alone. */
  record: Record<string, FieldValue>;
  note?: string | undefined;
  /** How the record was found, where it was not linked yet. */
  how?: How | undefined;
}

/** How one change can go. */
export type BulkPlanned =
  | { by: 'job'; operation: BulkOperation; row: BulkRow }
  /** A job cannot do it. */
  | { by: 'ordinary' }
  /** Nothing to send: the outcome is known. */
  | { by: 'nobody'; key: string; outcome: Outcome };

export type BulkReply<T> = { ok: true; value: T } | { ok: false; outcome: Outcome };

/** How a job stands in the CRM. `gone`: the CRM does not know it any longer. */
export type Standing =
  | { state: 'open' | 'running' | 'complete' | 'gone' }
  /** Ended early, by the CRM or by a person: what it did before is in its results. */
  | { state: 'failed'; message: string };

/** Every row's fate by our key; `ordinary`: refused in a way that the ordinary way knows how to mend. */
export type BulkResults = Map<string, Outcome | { state: 'ordinary'; code: string; reason: string }>;

/** What a connector offers that has jobs. Nothing here throws but for a programming error. */
export interface BulkWriter {
  /** More changed records than this go by a job. */
  readonly above: number;
  /** Rows of one operation that are no more than this cost fewer calls the ordinary way than by a job of their own. */
  readonly fewest: number;
  /** Most rows and bytes of one job. */
  readonly rows: number;
  readonly bytes: number;
  /** Finds records as the ordinary way does, and gives every change's way by its key. */
  plan(object: 'account', changes: readonly AccountChange[]): Promise<Map<string, BulkPlanned>>;
  plan(object: 'person', changes: readonly PersonChange[]): Promise<Map<string, BulkPlanned>>;
  /** Gives the CRM's id of the new job. */
  open(spec: BulkSpec): Promise<BulkReply<string>>;
  /** ok also when the data is there already. `elsewhere`: the job takes no data any longer. */
  upload(id: string, spec: BulkSpec, rows: readonly BulkRow[]): Promise<BulkReply<'there' | 'elsewhere'>>;
  close(id: string): Promise<BulkReply<'closed' | 'elsewhere'>>;
  check(id: string): Promise<BulkReply<Standing>>;
  read(
    id: string,
    spec: BulkSpec,
    rows: readonly BulkRow[],
    standing: Standing,
  ): Promise<BulkReply<BulkResults>>;
}

/** A connector whose CRM may have jobs for large changes. */
export type WithBulk = CrmConnector & { readonly bulk?: BulkWriter };

/** A job as its row says. */
export interface BulkJob {
  id: string;
  object: BulkObject;
  operation: BulkOperation;
  state: BulkState;
  crmJob: string | null;
  attempts: number;
  checks: number;
}

/** What a step changes of a job's row. */
export interface BulkNote {
  state: BulkState;
  crmJob?: string;
  attempts: number;
  checks: number;
  waitMs: number;
  message?: string;
}

/** Failed steps in a row after which a job that has not been closed is given up. */
export const GIVEN_UP_AFTER = 8;

const FIRST_LOOK = 1000;
const LONGEST_LOOK = 60_000;

/** Milliseconds until the next look at a running job: 1 s, 2 s, 4 s … a minute. */
export function nextLook(checks: number): number {
  return Math.min(LONGEST_LOOK, FIRST_LOOK * 2 ** Math.min(checks, 10));
}

/** What a failed step means for the job. */
export type BulkTrouble =
  | { next: 'again'; afterMs: number; pause: boolean; code: string; reason: string }
  | { next: 'give_up'; code: string; reason: string };

/**
 * A step that the CRM refuses for good, or that fails again and again, ends the job: its acts go the ordinary way, where
 * each record gets its own answer. Once a job may run that is not ours to decide: it is asked about until it answers.
 *
 * @param mayRun the job may have been closed: its rows may be written by the CRM at any time
 */
export function troubleOf(outcome: Outcome, attempts: number, mayRun: boolean): BulkTrouble {
  const { code, reason } = { code: 'no_answer', reason: 'the CRM gave no answer', ...outcome };
  const afterMs = 'afterMs' in outcome ? outcome.afterMs : 0;
  const again = { next: 'again', afterMs, pause: outcome.state === 'halt', code, reason } as const;
  if (mayRun || outcome.state === 'halt' || code === OVER_BUDGET) {
    return again;
  }
  const temporary = outcome.state === 'retry' || outcome.state === 'uncertain';
  return temporary && attempts + 1 < GIVEN_UP_AFTER ? again : { next: 'give_up', code, reason };
}

/** Code of an act that must go the ordinary way next. */
export const NOT_BY_BULK = 'not_by_bulk';
