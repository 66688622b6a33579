import type { Facts, Origin } from './accounts/facts.ts';
import type { AccountState } from './accounts/state.ts';
import type { FieldValue } from './decide/desired.ts';
import type { Standing } from './decide/standing.ts';
import type { Evaluation } from './score/evaluation.ts';
import type { Outlook } from './score/outlook.ts';
import type { ConfigProblem } from './shared/config-file.ts';
import type { Json } from './shared/json.ts';
import type { BudgetView } from './sync/budget.ts';
import type { Held } from './sync/present.ts';

/** What can be asked of the record: the port behind the API and the verbs. Instants are ISO 8601 text, UTC. */
export interface ReadModel {
  listAccounts(filter: AccountFilter): Promise<AccountPage>;
  /** The account of a key; a former key finds the account it was merged into; null: unknown. */
  findAccount(key: string): Promise<FoundAccount | null>;
  loadState(account: FoundAccount): Promise<AccountState>;
  /** What events, CRMs and CSV files say of it together, and where each fact comes from. */
  factsOf(state: AccountState): { facts: Facts; origins: Record<string, Origin> };
  loadScores(account: FoundAccount): Promise<StoredScore[]>;
  /** How an account stood under a model between two instants (ms); `from` null: since its first score. */
  scoreSpan(account: FoundAccount, model: string, from: number | null, to: number): Promise<ScoreSpan>;
  /** Models that were ever loaded here, by name. */
  knownModels(): Promise<string[]>;
  loadLinks(account: FoundAccount): Promise<CrmLink[]>;
  /** Records that stood for the account or its people before, the last first. */
  formerLinks(account: FoundAccount): Promise<FormerLink[]>;
  timeline(account: FoundAccount, limit: number): Promise<TimelineEntry[]>;
  listActions(filter: ActionFilter): Promise<ActionRow[]>;
  listQuarantine(limit: number): Promise<QuarantineRow[]>;
  showQuarantined(id: number): Promise<(QuarantineRow & { raw: string }) | null>;
  /** Who stands in a personal account because nothing named a company, newest first; `why` null: for any reason. */
  listUnassigned(why: Unassigned | null, limit: number): Promise<UnassignedReport>;
  status(): Promise<StoreStatus>;
}

/** One line of the ranked list. */
export interface AccountRow {
  key: string;
  name: string | null;
  domain: string | null;
  people: number;
  owner: string | null;
  model: string;
  value: number;
  tier: string;
  computedAt: string;
  validUntil: string | null;
}

export interface AccountFilter {
  model: string;
  tier: string | null;
  /** Part of a name, key or domain. */
  q: string | null;
  owner: string | null;
  limit: number;
  cursor: string | null;
}

export interface AccountPage {
  accounts: AccountRow[];
  /** Cursor of the next page; null: this is the last. */
  next: string | null;
}

/** Where a page of accounts ended. */
export interface Cursor {
  value: number;
  id: string;
}

export function writeCursor({ value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** null: not a cursor that `writeCursor` wrote. */
export function readCursor(cursor: string): Cursor | null {
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    const fits =
      typeof value === 'number' &&
      typeof id === 'string' &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
    return fits ? { value, id } : null;
  } catch {
    return null;
  }
}

export function isCursor(text: string): boolean {
  return readCursor(text) !== null;
}

export interface FoundAccount {
  id: string;
  key: string;
  name: string | null;
  domain: string | null;
  people: number;
  owner: string | null;
}

export interface StoredScore {
  model: string;
  version: string;
  computedAt: string;
  dataThrough: string;
  evaluation: Evaluation;
  standing: Standing;
  route: Json;
  /** null: not looked at, as for a shadow. */
  outlook: Outlook | null;
}

/** One change of a score. */
export interface ScoreEntry {
  at: string;
  version: string;
  value: number;
  tier: string;
  /** Tier entered from below, where that was a crossing. */
  crossing: string | null;
  note: string | null;
}

/** The scores in force at two instants, as stored, with the changes in between, oldest first. null: not scored yet. */
export interface ScoreSpan {
  firstScored: string | null;
  from: { since: string; evaluation: Evaluation } | null;
  to: { since: string; evaluation: Evaluation } | null;
  entries: ScoreEntry[];
}

/** Which CRM record stands for an account or one of its people. */
export interface CrmLink {
  crm: string;
  object: 'account' | 'person';
  ref: string;
  /** '': the CRM was found to have none. */
  crmId: string;
  /** How it was found, and since when it is this one; null: linked before that was kept. */
  how: string | null;
  since: string | null;
  /** When the CRM last took something for it. */
  at: string;
  note: string | null;
  /** Fields that keep what a person or another program put there. */
  held: Record<string, Held>;
}

export interface FormerLink {
  connection: string;
  object: string;
  crmId: string;
  /** Until when it stood for it. */
  at: string;
  why: string;
}

export interface TimelineEntry {
  at: string;
  kind: 'event' | 'score' | 'action';
  /** Event name or kind, tier, or kind of action. */
  what: string;
  detail: Record<string, string | number | null>;
}

export interface ActionRow {
  id: string;
  account: string;
  kind: string;
  crm: string;
  person: string | null;
  state: string;
  code: string | null;
  reason: string;
  remedy: string | null;
  crmId: string | null;
  /** Of a task: who got it, by e-mail or name, and why; null: nobody, or not yet. */
  owner: string | null;
  ownerWhy: string | null;
  attempts: number;
  /** When it is tried next; null unless it waits. */
  nextAt: string | null;
  at: string;
}

export type { FieldValue };

/** Something that needs a person: an event that could not be understood, or a record that a CRM refused. */
export interface ErrorRow {
  /** `event-<n>` or `action-<uuid>`. */
  id: string;
  /** The CRM and the kind of act; of an event the route it came by. */
  what: string;
  crm: 'hubspot' | 'salesforce' | null;
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

export interface ActionFilter {
  /** Account id (not key). */
  account: string | null;
  state: string | null;
  kind: string | null;
  crm: string | null;
  limit: number;
}

/** An event that could not be understood, with the reason. */
export interface QuarantineRow {
  id: number;
  at: string;
  vendor: string;
  route: string;
  code: string;
  reason: string;
  messageId: string | null;
  seen: number;
}

/** Why nothing named a company for what somebody did, so that it stands in a personal account. */
export const UNASSIGNED = [
  'never_identified',
  'no_mail',
  'free_mail',
  'disposable_mail',
  'own_mail',
  'removed',
] as const;
export type Unassigned = (typeof UNASSIGNED)[number];

export interface UnassignedCount {
  why: Unassigned;
  people: number;
  /** Track, page and screen calls that stand there. */
  events: number;
}

export interface UnassignedPerson {
  account: string;
  person: string;
  why: Unassigned;
  email: string | null;
  events: number;
  lastSeen: string | null;
}

export interface UnassignedReport {
  counts: UnassignedCount[];
  /** Events with no id at all, in quarantine. */
  eventsWithoutIds: number;
  people: UnassignedPerson[];
  /** Mail domains that several group accounts have, with the people who stand in the domain's own account. */
  contestedDomains: { domain: string; accounts: string[]; people: number }[];
}

/** The same in figures that cost little: none is counted beyond `countedUpTo`. */
export interface UnassignedStatus {
  people: Record<Unassigned, number>;
  eventsWithoutIds: number;
  countedUpTo: number;
}

/** What is waiting, counted in the database: the truth, whatever the queue says. */
export interface StoreStatus {
  journal: { events: number; unfolded: number; oldestUnfolded: string | null; quarantined: number };
  /** `contestedDomains`: mail domains that several group accounts have, so that they stand for themselves. */
  accounts: { total: number; dirty: number; overdue: number; refold: number; contestedDomains: number };
  /** Processes whose folder holds newer files that are broken: they go on with their last good configuration (I11). */
  configuration: { state: 'ok' | 'degraded'; refused: RefusedConfiguration[] };
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
      /** Of what is waiting, acts that wait for the budget alone. */
      held: number;
    }
  >;
}

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

/** A pause that ends by itself and needs nobody: the budget of the day is used up. What waits for it is not work. */
/** What waits for `pql sync` is held, and not late. */
export const HELD = 'held';

const BUDGET_PAUSES = ['daily_limit', 'REQUEST_LIMIT_EXCEEDED', HELD];

/** No event, score, action or CRM write is waiting. Parked work and pauses for budget do not count (decision 19). */
export function isIdle({ journal, accounts, crm }: StoreStatus): boolean {
  const waiting = Object.values(crm).some(
    ({ waiting, held, pausedBy }) => waiting > held && !BUDGET_PAUSES.includes(pausedBy ?? ''),
  );
  return journal.unfolded + accounts.dirty + accounts.overdue + accounts.refold === 0 && !waiting;
}
