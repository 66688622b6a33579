import type { Owner } from '../decide/owner.ts';
import type { FailedRead } from './crm-reads.ts';

/** The part of the CRM port about who gets a task, and what happens to it later. Nothing throws unless it says so. */

/** null: the credentials may not read owners. */
export type ReadOwners = { state: 'read'; owners: Owner[] | null } | FailedRead;

/** Owner by the id of the company or Account; those without one are missing. */
export type ReadAccountOwners = { state: 'read'; owners: Map<string, string> } | FailedRead;

/** Whom a mapping names. `queue`: the name of a queue will do, too. */
export interface OwnerName {
  name: string;
  queue: boolean;
}

/** One line for one task. It joins the text once, whoever asks how often; `close` also closes the task. */
export interface TaskLine {
  /** Pairs the outcome. */
  key: string;
  taskId: string;
  /** A word that stands in the line for ever: where the text has it already, nothing is added (I6). */
  mark: string;
  line: string;
  close: boolean;
  /** The task gets another owner, with what is said of that behind the line; only if it is still the one we know of. */
  handTo?: { from: string | null; to: string; said: string };
}

/** The note of a task that was not handed over, because somebody has changed its owner by hand. */
export const TAKEN_OVER = 'somebody else has the task by now';

/** The codes of a task that takes no line any more. */
export const TASK_CLOSED = 'task_closed';
export const TASK_GONE = 'task_gone';

/** `Outcome`: what a record's outcome is to the CRM port. */
export interface CrmTasks<Outcome> {
  /**
   * Owners by name (e-mail, or a queue) and by id, asked for once an hour; others may be among them.
   */
  owners(names: readonly OwnerName[], ids: readonly string[]): Promise<ReadOwners>;
  /** In as few calls as the CRM allows. */
  accountOwners(accountCrmIds: readonly string[]): Promise<ReadAccountOwners>;
  /**
   * Adds lines to tasks, reading each first: status and text of one that is closed stay as they are (`TASK_CLOSED`),
   * as does everything but the end of the text, the status and, where a line says so, the owner of one that is open. An
   * owner that the CRM refuses parks the line with `ownerRefused`.
   *
   * Limit: what somebody types into the text between our read and our write, a fraction of a second, is lost.
   */
  addLines(lines: readonly TaskLine[]): Promise<Map<string, Outcome>>;
  /** Names that the CRM has nobody for, active or not. Throws `CrmUnreachable`. */
  unknownOwners(names: readonly OwnerName[]): Promise<string[]>;
}
