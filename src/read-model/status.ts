import type { ConfigProblem } from '../shared/config-file.ts';
import type { BudgetView } from '../sync/budget.ts';
import type { DigestStatus } from './digest.ts';
import type { FeedStatus, ReconciliationStatus } from './reads.ts';
import type { UnassignedStatus } from './unassigned.ts';

/** What is waiting, counted in the database: the truth, whatever the queue says. */
export interface StoreStatus {
  /** A count below this is exact. One beyond it is an estimate; one that equals it says that there are at least so many. */
  countedUpTo: number;
  journal: JournalReach &
    ForgettingStatus & {
      /** Events that came in, each once, those of people who are forgotten by now too (I2). */
      events: number;
      unfolded: number;
      oldestUnfolded: string | null;
      quarantined: number;
      /** Events of forgotten people that came later: counted, not kept (I12). */
      refused: number;
    };
  /** `contestedDomains`: mail domains that several group accounts have, so that they stand for themselves. */
  accounts: { total: number; dirty: number; overdue: number; refold: number; contestedDomains: number };
  /** Processes whose folder holds newer files that are broken: they go on with their last good configuration (I11). */
  configuration: { state: 'ok' | 'degraded'; refused: RefusedConfiguration[] };
  /** Mails of the day. */
  digests: DigestStatus;
  /** What nothing named a company for. */
  unassigned: UnassignedStatus;
  /** `paused`: in words, until when and why; `pausedBy`: the code of the reason. Both null while it works. */
  crm: Record<
    string,
    {
      connection: string;
      waiting: number;
      parked: number;
      paused: string | null;
      pausedBy: string | null;
      /** What comes back, by feed. */
      reads: Record<string, FeedStatus>;
      /** The last reconciliation; null: there was none. */
      reconciliation: ReconciliationStatus | null;
      bulkJobs: BulkJobStatus[];
      /** The day's calls, and what they do not suffice for. */
      budget: BudgetView;
      /** Of what is waiting, acts that wait for the budget alone; of alerts those that one message will tell of together. */
      held: number;
    }
  >;
}

/** People who are to be forgotten and are not yet. */
export interface ForgettingStatus {
  forgetting: number;
  /** Of these, those whose forgetting failed: each is tried again, and is no work that waits until then. */
  forgettingFailed: number;
  /** The oldest of them. The reason names nobody. */
  forgettingFailure: { id: number; reason: string; nextTry: string | null } | null;
}

/** How far back the journal reaches. Days are ISO dates. */
export interface JournalReach {
  /** Days that have a partition, those made ahead included. */
  days: number;
  /** The oldest day that is held; null: none. */
  first: string | null;
  /** On disk, indexes included; without dedupe keys. */
  bytes: number;
  /** When the oldest day leaves; null: not known yet. */
  nextDrop: string | null;
  /** Events of days up to this one are known by what they came to; null: all are held. */
  through: string | null;
  /** Signals that were changed since: they count from `first` on only. */
  lost: string[];
}

/** A bulk job that has not ended. */
export interface BulkJobStatus {
  /** The CRM's id, under which an admin finds it there; null: not made there yet. */
  id: string | null;
  object: 'account' | 'person' | null;
  operation: 'update' | 'upsert' | null;
  /** How far we are with it; `closed`: the CRM runs it. */
  state: string;
  rows: number;
  since: string;
  /** The last thing that went wrong with it. */
  message: string | null;
}

/** What one process refuses to run with. */
export interface RefusedConfiguration {
  /** Host and process id. */
  process: string;
  since: string;
  problems: ConfigProblem[];
}

/** Code of the pause under which acts wait for `pql sync`: what waits is held, and not late. */
export const HELD = 'held';

/** Pauses that end by themselves, or are wanted: what waits for them is not work. */
const BUDGET_PAUSES = ['daily_limit', 'REQUEST_LIMIT_EXCEEDED', HELD];

/** No event, score, action or CRM write is waiting. Parked work, pauses for budget and forgettings that failed do not count (decision 19). */
export function isIdle({ journal, accounts, crm }: StoreStatus): boolean {
  const waiting = Object.values(crm).some(
    ({ waiting, held, pausedBy }) => waiting > held && !BUDGET_PAUSES.includes(pausedBy ?? ''),
  );
  const { unfolded } = journal;
  const forgetting = journal.forgetting - journal.forgettingFailed;
  return unfolded + forgetting + accounts.dirty + accounts.overdue + accounts.refold === 0 && !waiting;
}
