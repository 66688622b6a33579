import type { Json } from '../shared/json.ts';
import type { Activity, SwitchedOff, Watched } from './activities.ts';
import type { FeedCursor } from './feed.ts';

/** What is read back from a CRM, beside the fields of linked records: the reading half of the CRM port. Nothing throws. */

/** A HubSpot deal or a Salesforce opportunity. */
export interface Deal {
  id: string;
  name: string | null;
  /** The CRM's company or Account; null: none, or not known yet (HubSpot tells it in another call). */
  account: string | null;
  pipeline: string | null;
  /** As the CRM names it. */
  stage: string | null;
  state: 'open' | 'won' | 'lost';
  /** Decimal text in `currency`. */
  amount: string | null;
  /** null: the CRM has one currency. */
  currency: string | null;
  /** Decimal text in the CRM's own currency, where the CRM says so. */
  homeAmount: string | null;
  owner: string | null;
  /** Instants in ms since 1970, by the CRM's clock. */
  createdAt: number | null;
  /** Of an open deal what somebody expects, of a closed one when it was closed. */
  closesAt: number | null;
  stageAt: number | null;
  modifiedAt: number;
  deleted: boolean;
}

export interface Owner {
  id: string;
  email: string | null;
  name: string | null;
  active: boolean;
}

/** Nothing was read. `pause`: the whole connection must wait so long, not only this. */
export interface FailedRead {
  state: 'failed';
  afterMs: number;
  pause: boolean;
  code: string;
  reason: string;
}

export type Read<T> = ({ state: 'read' } & T) | FailedRead;

/**
 * What a CRM knows of records of its own, by the id that was asked for; those that it does not have are missing. `merged`:
 * of the missing ones those that were merged into another, with its id.
 */
export type ReadRecords = Read<{
  records: Map<string, Record<string, Json>>;
  merged: Map<string, string>;
}>;

export interface CrmReads {
  /** Most ids of one call of `dealAccounts`, `dealsById` and `records`. */
  readonly batch: number;
  /** One page of deals by the time of their last change, oldest first. `next` null: there are no more now. */
  deals(from: FeedCursor): Promise<Read<{ deals: Deal[]; next: FeedCursor | null }>>;
  /** The company of each deal; null where `deals` tells it already. Ids that are missing have none. */
  dealAccounts: ((ids: readonly string[]) => Promise<Read<{ accounts: Map<string, string> }>>) | null;
  /** Deals by id; those that are gone are missing. */
  dealsById(ids: readonly string[]): Promise<Read<{ deals: Deal[] }>>;
  /** Owners by id; a CRM may give others too. */
  owners(ids: readonly string[]): Promise<Read<{ owners: Owner[] }>>;
  /** Calls, mails, meetings and tasks around accounts that were handed over. */
  readonly activities: ActivityReads;
  /** Fields of the account's object that show the due day of a closed task, our own ones among them. */
  readonly movedByTasks: readonly string[];
  /** What becomes of a write to a record that was merged away: it lands in the one that it is part of, or is refused. */
  readonly mergedWrites: 'forwarded' | 'refused';
  /** What `records` can read. */
  readonly objects: readonly ReadObject[];
  /** Records that are ours; a person may be a contact or a lead. Optional fields that the CRM does not have are left out. */
  records(object: ReadObject, ids: readonly string[], fields: ReadFields): Promise<ReadRecords>;
}

export interface ReadFields {
  needed: readonly string[];
  optional: readonly string[];
}

export type ReadObject = 'account' | 'person' | 'task' | 'member';

export interface ActivityLook {
  activities: Activity[];
  /** How each account looks from afar, by its CRM id; '' where the CRM keeps no such figures. */
  seen: Map<string, string>;
  /** CRM ids of those that were read in detail now. */
  detailed: string[];
  /** Kinds that were found now to be closed to us. */
  off: SwitchedOff[];
  /** Not all could be read: what was counts, and the same is asked for again. */
  failure: FailedRead | null;
  calls: number;
}

/** One look at up to so many accounts. Never throws. */
export interface ActivityReads {
  readonly batch: number;
  look(watched: readonly Watched[]): Promise<ActivityLook>;
  /** Kinds that are closed to us; each is asked for again once a day. */
  off(): SwitchedOff[];
}
