import type { TaskAct, TaskItem } from './outbox.ts';

/** What the acts of one account, oldest first, mean for each other. Pure. */

/**
 * An act that was decided later closes the account's tasks: one that was never tried need not be made. One that was
 * tried may be there: it is looked up by its key, and then closed.
 */
export function isOvertaken(
  { id, attempts, firstTriedAt }: Pick<TaskItem, 'id' | 'attempts' | 'firstTriedAt'>,
  acts: readonly TaskAct[],
): boolean {
  const tried = attempts > 0 || firstTriedAt !== null;
  return !tried && later(acts, id).some(({ kind }) => kind === 'close');
}

/**
 * The CRM's record of the newest earlier task of the same account and play, which may be open still; `pending`: it is
 * not known yet; null: none.
 */
export function earlierTask(
  { id, payload }: Pick<TaskItem, 'id' | 'payload'>,
  acts: readonly TaskAct[],
): string | 'pending' | null {
  if ((payload.noteIfOpen ?? null) === null) {
    return null;
  }
  const same = actsBefore(id, acts).filter(({ kind, play }) => kind === 'task' && play === payload.play);
  const [newest] = same.filter(({ state }) => state === 'waiting' || state === 'done').reverse();
  return newest === undefined ? null : newest.state === 'waiting' ? 'pending' : newest.crmId;
}

/** The records that a line for all tasks of the account concerns; `pending`: not all of them are known yet. */
export function tasksBefore(id: string, acts: readonly TaskAct[]): string[] | 'pending' {
  const tasks = actsBefore(id, acts).filter(({ kind }) => kind === 'task');
  if (tasks.some(({ state }) => state === 'waiting')) {
    return 'pending';
  }
  return [
    ...new Set(tasks.flatMap(({ state, crmId }) => (state === 'done' && crmId !== null ? [crmId] : []))),
  ];
}

/** What was decided before an act. */
export function actsBefore(id: string, acts: readonly TaskAct[]): TaskAct[] {
  return acts.slice(0, Math.max(0, place(acts, id)));
}

function later(acts: readonly TaskAct[], id: string): TaskAct[] {
  const at = place(acts, id);
  return at < 0 ? [] : acts.slice(at + 1);
}

function place(acts: readonly TaskAct[], id: string): number {
  return acts.findIndex((act) => act.id === id);
}
