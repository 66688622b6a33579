import type { Outcome, Outcomes } from '../sync/crm.ts';
import { TAKEN_OVER, TASK_CLOSED, type TaskLine } from '../sync/crm-tasks.ts';
import { settleAll } from './settle-all.ts';

/** A task as the CRM holds it. */
interface TaskText {
  text: string;
  closed: boolean;
  /** Who has it; null: nobody in particular. */
  owner: string | null;
}

/** What is to be done to a task. */
interface TaskEdit {
  /** To be put behind its text. */
  added: string[];
  close: boolean;
  /** Who gets it; null: it stays where it is. */
  owner: string | null;
  /** What is to be noted of it once it is written. */
  note: { note?: string };
}

const IS_CLOSED: Outcome = { state: 'skipped', code: TASK_CLOSED, reason: 'the task is closed already' };

/**
 * What lines ask of their task; null: nothing. Settles those that need nothing: their mark stands in the text already
 * (I6), or the task is closed.
 */
export function editFor(
  taskId: string,
  { text, closed, owner }: TaskText,
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
        added: others.filter((line) => !stands(line)).map((line) => wordsOf(line, owner)),
        close: others.some(({ close }) => close),
        owner: others.find((line) => isHanded(line, owner))?.handTo?.to ?? null,
        note: others.some((line) => line.handTo && !isHanded(line, owner)) ? { note: TAKEN_OVER } : {},
      };
}

/** Who changed the owner by hand meant it. */
function isHanded({ handTo }: TaskLine, owner: string | null): boolean {
  return handTo !== undefined && handTo.from === owner;
}

function wordsOf(line: TaskLine, owner: string | null): string {
  const said = isHanded(line, owner) ? ` ${line.handTo?.said}` : '';
  return `${line.line}${said} [${line.mark}]`;
}
