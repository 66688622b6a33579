import type { Json } from '../shared/json.ts';

/** A stream of changes of a CRM that is read on. */
export interface FeedStatus {
  /** The newest change that was seen, by the CRM's clock. */
  through: string | null;
  /** Everything was read once. */
  complete: boolean;
  rows: number;
  calls: number;
  readAt: string | null;
  nextAt: string;
  /** Why it could not be read, in the CRM's words. */
  trouble: string | null;
}

/** One sweep over what is ours in a CRM, over any number of passes. */
export interface ReconciliationStatus {
  startedAt: string;
  /** null: not at the end yet. */
  finishedAt: string | null;
  records: number;
  calls: number;
  /** Records that are written again. */
  repaired: number;
  /** How many differences, by the reason. */
  drift: Record<string, number>;
  nextAt: string;
  trouble: string | null;
}

/** What differs between a CRM, what it acknowledged and what is wanted. */
export interface ReconciliationReport {
  /** By connection. */
  passes: Record<string, ReconciliationStatus>;
  drift: {
    connection: string;
    account: string;
    object: string;
    ref: string;
    crmId: string;
    /** Empty: the record itself. */
    field: string;
    /** by_hand, emptied, never_written, gone, merged */
    why: string;
    acknowledged: Json;
    found: Json;
    wanted: Json;
    /** queued: the ordinary write follows; left: as the mapping says; reported: nothing follows. */
    done: string;
    at: string;
  }[];
}
