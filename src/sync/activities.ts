/** What people did around an account, as a CRM tells it: the part of the reading port that knows calls, mails, meetings and tasks. */

export type ActivityKind = 'call' | 'email' | 'meeting' | 'task';

/** One activity. A message over LinkedIn, WhatsApp or SMS is an `email`. No text, no address: those are never asked for. */
export interface Activity {
  /** Unique within the connection. */
  id: string;
  kind: ActivityKind;
  /** Who began it; of a meeting who booked it. null: the CRM does not say, or it stands between nobody and the buyer. */
  side: 'ours' | 'theirs' | null;
  /** Instants in ms since 1970, by the CRM's clock. When it happened; of what is planned when it will begin. */
  at: number;
  /** When a meeting ends; null: not told, or no meeting. */
  until: number | null;
  /** When it was put into the CRM: of a meeting when it was booked. */
  loggedAt: number;
  /**
   * done: it took place. planned: it will, or nobody has said that it did. missed: it was set and did not take place.
   * void: it never counted (cancelled, failed, a draft, a task that is open).
   */
  state: 'done' | 'planned' | 'missed' | 'void';
  /** A workflow, a sequence, an import, a mass mail: nobody got in touch by it. */
  automatic: boolean;
  /** The CRM's id of whoever did it or owns it; null: nobody, or a queue. */
  owner: string | null;
  /** CRM id of the company or Account; null: it only names a person. */
  account: string | null;
  /** CRM id of a contact or lead. */
  person: string | null;
  /** A task that we made. */
  ours?: true;
  /** It is gone from the CRM: nothing else of it is known. */
  deleted: boolean;
}

/** An account whose activities are asked for. */
export interface Watched {
  /** CRM id of its company or Account. */
  account: string;
  /** CRM ids of its people. */
  people: readonly string[];
  /** CRM ids of the tasks that we made for it. */
  tasks: readonly string[];
  /** Ids of its activities that are kept: the CRM is asked whether it still has them. */
  known: readonly string[];
  /** Everything before has been read (ms, the CRM's clock). */
  since: number;
  /** What the last look gave as `seen`; null: there was none. */
  seen: string | null;
  /** It is read in detail, also when it looks as it did. */
  again: boolean;
}

/** A kind of activity that this portal or org does not let us read. */
export interface SwitchedOff {
  kind: ActivityKind;
  code: string;
  reason: string;
}
