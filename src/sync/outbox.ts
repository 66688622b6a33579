import type { MembershipPayload, TaskChangePayload, TaskPayload } from '../decide/decide.ts';
import type { DesiredFields, FieldValue } from '../decide/desired.ts';
import type { Asked, Given, Ledger } from '../decide/handoff/assign.ts';
import type { Team } from '../decide/handoff/team.ts';
import type { ChosenOwner, Owner, OwnerStep } from '../decide/owner.ts';
import type { How } from './crm.ts';
import type { NextState } from './next-state.ts';
import type { Held } from './present.ts';

/** One act on its way out. */
interface ItemBase {
  id: string;
  account: string;
  accountKey: string;
  /** The payload's revision at the time of the claim: a newer one stays waiting when this one is settled. */
  rev: number;
  attempts: number;
  uncertain: boolean;
  /** Real time (ms) of the first attempt; null: this is it. */
  firstTriedAt: number | null;
}
export type FieldsItem = ItemBase & { kind: 'fields'; payload: DesiredFields };
export type MembershipItem = ItemBase & { kind: 'campaign'; payload: MembershipPayload };
/** `owner`: who was chosen at an earlier attempt. */
export type TaskItem = ItemBase & { kind: 'task'; payload: TaskPayload; owner: ChosenOwner | null };
/** `owner`: of a line that passes tasks on, who was chosen at an earlier attempt. */
export type TaskChangeItem = ItemBase & {
  kind: 'note' | 'close';
  payload: TaskChangePayload;
  owner: ChosenOwner | null;
};

/** What is known of the tasks of an account, and of what was to happen to them, in the order in which it was decided. */
export interface TaskAct {
  id: string;
  account: string;
  kind: 'task' | 'note' | 'close';
  state: 'waiting' | 'done' | 'parked' | 'skipped';
  /** Of a task: which others it belongs to; null for one from before that was known. */
  play: string | null;
  /** Of a task that is done: the CRM's record, which may be that of an earlier act. */
  crmId: string | null;
  /** Who got it then, and for a line that passed tasks on, who got them; absent: nobody, or not known. */
  owner?: ChosenOwner | null;
  /** Of a task: who may get it, in this order. */
  owners?: readonly OwnerStep[] | null;
}

/** Which CRM record is ours and what it acknowledged. `crmId` '' : known to have none, as of `at`, under what `acknowledged` says. */
export interface Link {
  object: 'account' | 'person';
  /** Account key or person ref. */
  ref: string;
  crmId: string;
  acknowledged: Record<string, FieldValue>;
  /** Fields that keep what others put there. Empty: none. */
  held: Record<string, Held>;
  /** Real time (ms). */
  at: number;
}

export interface Settled {
  id: string;
  rev: number;
  next: NextState;
  /** A line that was to pass tasks on, and did not: nobody got them by it. */
  stayed?: true;
  /** A task, or a line that passed tasks on: whoever waits for it is told. */
  told?: true;
}

/**
 * How far the records of an account are, its people's included: whether acts that need one can go on. `stuck`: still
 * on the way after so many attempts that what can do without should not wait any longer.
 */
export type RecordState = 'linked' | 'pending' | 'stuck' | 'absent' | 'parked';

export type WhichFields = 'hot' | 'needed' | 'mass';

/**
 * The outbox port: acts waiting for one connection, and its links.
 *
 * A claim is a lease: the act stays waiting in the table, marked `uncertain`, and comes back by itself when the
 * process dies (I7). Two workers never hold one act at a time. Settling writes the outcome and the links in one
 * transaction, so that what the CRM acknowledged and what we believe cannot drift apart.
 */
export interface Outbox {
  /**
   * `hot`: accounts that a task or membership waits for, and acts that a bulk job left to the ordinary way; `needed`: of
   * these only whose record is still to be found or made; `mass`: all others.
   */
  claimFields(connection: string, which: WhichFields, limit: number): Promise<FieldsItem[]>;
  claimMemberships(connection: string, limit: number): Promise<MembershipItem[]>;
  claimTasks(connection: string, limit: number): Promise<TaskItem[]>;
  claimTaskChanges(connection: string, limit: number): Promise<TaskChangeItem[]>;
  /**
   * Chooses and keeps who gets tasks, in one transaction that no other choice runs beside: two workers, and two CRMs, see what the
   * other was given. `choose` must be pure: it is asked again when the transaction is repeated.
   */
  giveTasks(
    connection: string,
    toGive: ToGive,
    choose: (asked: readonly Asked[], ledger: Ledger) => Given[],
  ): Promise<Given[]>;
  /** By account id, oldest first. */
  taskActs(connection: string, accounts: readonly string[]): Promise<Map<string, TaskAct[]>>;
  /** Why accounts must not be contacted now, in words, by account id; absent: nothing speaks against it. */
  held(connection: string, accounts: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Does `work` and keeps the acts' leases for as long as it takes. */
  hold<T>(items: readonly { id: string }[], work: () => Promise<T>): Promise<T>;
  links(connection: string, object: Link['object'], refs: readonly string[]): Promise<Map<string, Link>>;
  /** Refs of the people who join, or joined, a campaign, by account id. */
  members(connection: string, accounts: readonly string[]): Promise<Map<string, ReadonlySet<string>>>;
  recordStates(connection: string, accounts: readonly string[]): Promise<Map<string, RecordState>>;
  settle(connection: string, settled: readonly Settled[], links: readonly LinkChange[]): Promise<void>;
  /** Stops all work of a connection until real time `until`. */
  pause(connection: string, until: number, code: string, reason: string): Promise<void>;
  pausedUntil(connection: string): Promise<number | null>;
  /** Milliseconds until the next act of the connection is due; null: none waits. */
  nextDue(connection: string): Promise<number | null>;
}

/** Tasks to be given to people, and what the CRM says of these; `directory` null: it does not let us read them. */
export interface ToGive {
  asked: readonly Asked[];
  team: Team;
  directory: readonly Owner[] | null;
}

/** A link made or renewed (`crmId` null: forget it, and let the account's fields match again). */
export interface LinkChange {
  object: Link['object'];
  ref: string;
  /** Account id it belongs to. */
  account: string;
  crmId: string | null;
  acknowledged: Record<string, FieldValue>;
  note: string | null;
  /** Set when the record was found anew. */
  how?: How;
  held?: Record<string, Held>;
  /** Of a link that is forgotten: why. */
  why?: string;
}
