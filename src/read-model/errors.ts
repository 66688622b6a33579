import type { FieldValue } from '../decide/desired.ts';

/** Something that needs a person: an event that could not be understood, or a record that a CRM refused. */
export interface ErrorRow {
  /** `event-<n>` or `action-<uuid>`. */
  id: string;
  /** The CRM and the kind of act; of an event the route it came by. */
  what: string;
  crm: 'hubspot' | 'salesforce' | 'slack' | null;
  kind: string;
  state: 'parked' | 'waiting' | 'done' | 'skipped' | 'quarantined' | 'dismissed';
  code: string;
  /** The CRM's own words. */
  reason: string;
  remedy: string | null;
  account: string | null;
  /** Whose record it is about: the account's key or the person's ref, and what the CRM has for it. */
  record: { object: string | null; ref: string; crmId: string | null } | null;
  /** The CRM's field that it names, and the value it should hold; null: it names none. */
  field: string | null;
  value: FieldValue;
  attempts: number;
  /** null unless it is tried again by itself. */
  nextTry: string | null;
  at: string;
  /** Page of the code below the project's folder; null: a code that is not documented. */
  page: string | null;
}

/** `payload`: what an act would write; `raw`: what came in of an event. */
export type ErrorDetail = ErrorRow & { payload: unknown; raw: string | null };

export interface ErrorFilter {
  /** `parked`: what needs a person; `waiting`: what failed and is tried again by itself. */
  state: 'parked' | 'waiting' | 'all';
  crm: string | null;
  code: string | null;
  limit: number;
}

/** What an operator does about errors. */
export interface ErrorDesk {
  list(filter: ErrorFilter): Promise<ErrorRow[]>;
  show(id: string): Promise<ErrorDetail | null>;
  /** Parked acts that wait again: of an id, of a code, or (with neither) all. */
  retry(which: { id?: string; code?: string }): Promise<number>;
  /** false: nothing open has that id. */
  dismiss(id: string): Promise<boolean>;
}
