import type { BulkJob, BulkNote, BulkObject, BulkOperation, BulkRow } from './bulk.ts';
import type { Outcome } from './crm.ts';
import type { FieldsItem, LinkChange, Settled } from './outbox.ts';

/** How one act of a job goes. */
export interface ActPlan {
  act: string;
  /** null: it has no rows. */
  object: BulkObject | null;
  operation: BulkOperation | null;
  parent: string;
  rows: BulkRow[];
  /** Outcomes known without the job, by key. */
  settled: Record<string, Outcome>;
}

/** Which acts a page holds: those nobody has looked at yet, those that need no job, or all. */
export type ActPage = 'unplanned' | 'without_rows' | 'any';

/**
 * The port of jobs: rows that own acts of the outbox. A job is leased by one process at a time; two that work on one
 * after all (a lease that ran out) do no harm, because an act is settled by whoever takes it out of the job.
 */
export interface BulkJobs {
  /**
   * Due mass, up to `limit` acts: fields that no task or membership waits for, not counting those owned by jobs; their
   * people, changed or not.
   */
  waiting(
    connection: string,
    limit: number,
  ): Promise<{ acts: number; people: number; oldest: number | null }>;
  /** Accounts that wait for their score, up to `limit`: mass that is about to come. */
  coming(limit: number): Promise<number>;
  running(connection: string): Promise<number>;
  /** Makes a job that owns up to `limit` acts of the mass; null: there were not more than `above`, or another worker begins one. */
  begin(connection: string, above: number, limit: number): Promise<BulkJob | null>;
  /** The next job that is due, leased; null: none. */
  due(connection: string): Promise<BulkJob | null>;
  acts(job: string, page: ActPage, limit: number): Promise<(FieldsItem & Pick<ActPlan, 'settled'>)[]>;
  /** Stores how acts go and keeps the lease; false: the job is no longer ours to plan. */
  plan(job: string, plans: readonly ActPlan[]): Promise<boolean>;
  /**
   * Ends the planning: rows of one object and operation make a job; those of a group with no more than `fewest` rows make
   * none, and their acts lose them.
   */
  split(job: BulkJob, fewest: number): Promise<void>;
  rows(job: string): Promise<BulkRow[]>;
  note(job: string, note: BulkNote): Promise<void>;
  /** Gives acts back to the outbox as they were (all of them, or these). */
  release(job: string, acts?: readonly string[]): Promise<void>;
  /** As the outbox settles, for acts that are still in the job; they leave it. */
  settle(
    job: string,
    connection: string,
    settled: readonly Settled[],
    links: readonly LinkChange[],
  ): Promise<void>;
  nextDue(connection: string): Promise<number | null>;
}
