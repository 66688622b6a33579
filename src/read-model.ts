import type { Facts, Origin } from './accounts/facts.ts';
import type { AccountState } from './accounts/state.ts';
import type { SlaClock } from './decide/handoff/sla-report.ts';
import type { Standing } from './decide/standing.ts';
import type { AuditFilter, AuditRow } from './read-model/audit.ts';
import type { FeedFilter, FeedPage } from './read-model/feed.ts';
import type { ClockFilter, ClockView, SlaCounts } from './read-model/sla.ts';
import type { StoreStatus } from './read-model/status.ts';
import type { Unassigned, UnassignedReport } from './read-model/unassigned.ts';
import type { Evaluation } from './score/evaluation.ts';
import type { Outlook } from './score/outlook.ts';
import { isRowId, readPlace, writePlace } from './shared/cursor.ts';
import type { Json } from './shared/json.ts';
import type { Held } from './sync/present.ts';

/** What can be asked of the record: the port behind the API and the verbs. Instants are ISO 8601 text, UTC. */
export interface ReadModel {
  listAccounts(filter: AccountFilter): Promise<AccountPage>;
  /** Qualified accounts, the most urgent first; none while the configuration is unknown. */
  feed(filter: FeedFilter): Promise<FeedPage>;
  /** The account of a key; a former key finds the account it was merged into; null: unknown. */
  findAccount(key: string): Promise<FoundAccount | null>;
  loadState(account: FoundAccount): Promise<AccountState>;
  /** What events, CRMs and CSV files say of it together, and where each fact comes from. */
  factsOf(state: AccountState): { facts: Facts; origins: Record<string, Origin> };
  loadScores(account: FoundAccount): Promise<StoredScore[]>;
  /** What would change a score of the champion, and what will, seen from when it was made; null: of no other score. */
  outlookOf(state: AccountState, score: StoredScore): Outlook | null;
  /** How an account stood under a model between two instants (ms); `from` null: since its first score. */
  scoreSpan(account: FoundAccount, model: string, from: number | null, to: number): Promise<ScoreSpan>;
  /** Models that were ever loaded here, by name. */
  knownModels(): Promise<string[]>;
  loadLinks(account: FoundAccount): Promise<CrmLink[]>;
  /** Records that stood for the account or its people before, the last first. */
  formerLinks(account: FoundAccount): Promise<FormerLink[]>;
  /** What holds the account back by somebody's word now. */
  suppressionsOf(
    account: FoundAccount,
  ): Promise<Pick<SuppressionRow, 'key' | 'reason' | 'author' | 'until'>[]>;
  timeline(account: FoundAccount, limit: number): Promise<TimelineEntry[]>;
  listActions(filter: ActionFilter): Promise<ActionRow[]>;
  listAudit(filter: AuditFilter): Promise<AuditRow[]>;
  listQuarantine(limit: number): Promise<QuarantineRow[]>;
  showQuarantined(id: number): Promise<(QuarantineRow & { raw: string }) | null>;
  /** Who stands in a personal account because nothing named a company, newest first; `why` null: for any reason. */
  listUnassigned(why: Unassigned | null, limit: number): Promise<UnassignedReport>;
  /** Promises of first contact, newest first. */
  listClocks(filter: ClockFilter): Promise<SlaClock[]>;
  clocksOf(account: FoundAccount, limit: number): Promise<ClockView[]>;
  /** Those that run, as they stand now. */
  countClocks(): Promise<SlaCounts>;
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
  return writePlace([value, id]);
}

/** null: not a cursor that `writeCursor` wrote. */
export function readCursor(cursor: string): Cursor | null {
  const [value, id] = readPlace(cursor) ?? [];
  return typeof value === 'number' && isRowId(id) ? { value, id } : null;
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

/** One line of the list of accounts that are to be left alone. */
export interface SuppressionRow {
  /** As it was named: key of an account, a key that it had before, or a domain. */
  key: string;
  reason: string;
  author: string;
  at: string;
  /** The first instant at which it does not hold any more; null: until it is removed. */
  until: string | null;
  /** When it was removed, or replaced by another of the same key; null: it stands. */
  removedAt: string | null;
  removedBy: string | null;
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
