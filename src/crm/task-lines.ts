import type { Outcome, Outcomes } from '../sync/crm.ts';
import { TASK_CLOSED, type TaskLine } from '../sync/crm-tasks.ts';
import { settleAll } from './settle-all.ts';

/** A task as the CRM holds it. */
interface TaskText {
  text: string;
  closed: boolean;
}

/** What is to be done to a task. */
interface TaskEdit {
  /** To be put behind its text. */
  added: string[];
  close: boolean;
}

const IS_CLOSED: Outcome = { state: 'skipped', code: TASK_CLOSED, reason: 'the task is closed already' };

/**
 * What lines ask of their task; null: nothing. Settles those that need nothing: their mark stands in the text already
 * (I6), or the task is closed.
 */
export function editFor(
  taskId: string,
  { text, closed }: TaskText,
  lines: readonly TaskLine[],
  outcomes: Outcomes,
): TaskEdit | null {
  const stands = ({ mark }: TaskLine) => text.includes(mark);
  const settled = lines.filter((line) => stands(line) && (closed || !line.close));
  const others = lines.filter((line) => !settled.includes(line));
  settleAll(settled, { state: 'done', crmId: taskId }, outcomes);
  if (closed) {
    settleAll(others, IS_CLOSED, outcomes);
  }
  return closed || others.length === 0
    ? null
    : {
        added: others.filter((line) => !stands(line)).map(({ line, mark }) => `${line} [${mark}]`),
        close: others.some(({ close }) => close),
      };
}
