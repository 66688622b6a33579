import { HOUR } from '../../shared/time.ts';
import type { Outcome, Outcomes } from '../../sync/crm.ts';
import { TASK_GONE, type TaskLine } from '../../sync/crm-tasks.ts';
import { settleAll, settleRest } from '../settle-all.ts';
import { editFor } from '../task-lines.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, type Written, writeCollection } from './collections.ts';
import { failureOf } from './failure.ts';
import { orHidden } from './hidden.ts';
import { outcomeOf, ownerRefusal, refusesOwner } from './outcomes.ts';
import { SHORT_ID } from './owners.ts';
import { inList, query, selectWhere } from './soql.ts';
import { DESCRIPTION_MAX } from './tasks.ts';

interface TaskRow {
  Id: string;
  IsClosed: boolean;
  Description: string | null;
  OwnerId: string | null;
}

/** Adds lines to open tasks and closes them: one query and one write call for each two hundred. */
export async function addLines(
  client: SalesforceClient,
  closedStatus: ClosedStatus,
  lines: readonly TaskLine[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  try {
    const ids = lines.map(({ taskId }) => taskId);
    const select = 'SELECT Id, IsClosed, Description, OwnerId FROM Task';
    const found = await selectWhere<TaskRow>(client, select, ids, (part) => inList('Id', part));
    const tasks = new Map(found.map((task) => [task.Id, task]));
    const status = lines.some(({ close }) => close) ? await closedStatus.get() : null;
    const { userId } = lines.some(({ handTo }) => handTo !== undefined) ? await client.identity() : NOBODY;
    const known = { status, userId };
    const rows = [...Map.groupBy(lines, ({ taskId }) => taskId)].flatMap(([id, own]) =>
      rowOf(id, tasks.get(id), own, known, outcomes),
    );
    const notes = new Map(rows.map(({ key, note }) => [key, note]));
    for (const written of await writeCollection(client, { kind: 'update', sobject: 'Task' }, rows)) {
      const outcome = outcomeOfLine(written);
      settle(lines, written.key, outcome, notes.get(written.key) ?? {}, outcomes);
    }
  } catch (error) {
    settleRest(lines, outcomeOf(failureOf(error), 'harmless'), outcomes);
  }
  return outcomes;
}

/** A refused owner says nothing about the line. */
function outcomeOfLine(written: Written): Outcome {
  if (written.result === 'failed' && refusesOwner(written.failure)) {
    return { ...ownerRefusal(written.failure), ownerRefused: true };
  }
  const outcome = toOutcome(written, 'harmless');
  return outcome.state === 'rematch' ? IS_GONE : outcome;
}

const NOBODY = { userId: '' };

interface LineRow extends Row {
  note: { note?: string };
}

/** What is to be written to one task; the lines that need nothing are settled here. */
function rowOf(
  id: string,
  task: TaskRow | undefined,
  lines: readonly TaskLine[],
  { status, userId }: { status: string | null; userId: string },
  outcomes: Outcomes,
): LineRow[] {
  if (task === undefined) {
    settleAll(lines, IS_GONE, outcomes);
    return [];
  }
  const text = task.Description ?? '';
  const edit = editFor(id, { text, closed: task.IsClosed, owner: ownerOf(task, userId) }, lines, outcomes);
  if (edit === null) {
    return [];
  }
  const longer = [text, ...edit.added].filter((part) => part !== '').join('\n\n');
  const record = {
    Id: id,
    ...(edit.added.length > 0 && longer.length <= DESCRIPTION_MAX ? { Description: longer } : {}),
    ...(status !== null && edit.close ? { Status: status } : {}),
    ...(edit.owner === null ? {} : { OwnerId: edit.owner }),
  };
  return [{ key: id, record, note: edit.note }];
}

/** A task that was made for nobody belongs to whoever made it: ourselves. */
function ownerOf({ OwnerId }: TaskRow, self: string): string | null {
  return self !== '' && OwnerId?.slice(0, SHORT_ID) === self.slice(0, SHORT_ID) ? null : OwnerId;
}

function settle(
  lines: readonly TaskLine[],
  taskId: string,
  outcome: Outcome,
  note: { note?: string },
  outcomes: Outcomes,
): void {
  const fate = outcome.state === 'done' ? { state: 'done' as const, crmId: taskId, ...note } : outcome;
  settleRest(
    lines.filter((line) => line.taskId === taskId),
    fate,
    outcomes,
  );
}

const IS_GONE: Outcome = { state: 'skipped', code: TASK_GONE, reason: 'the task was deleted, or archived' };

/** The status that closes a task. Which ones do, every org says itself. */
export class ClosedStatus {
  private readonly client: SalesforceClient;
  private readonly configured: string | null;
  private readonly now: () => number;
  private known: { status: string; at: number } | null = null;

  constructor(client: SalesforceClient, configured: string | null, now: () => number) {
    this.client = client;
    this.configured = configured;
    this.now = now;
  }

  /** Throws what jsforce throws. */
  async get(): Promise<string> {
    if (this.configured !== null) {
      return this.configured;
    }
    const now = this.now();
    if (this.known === null || Math.abs(now - this.known.at) >= HOUR) {
      this.known = { status: await this.ask(), at: now };
    }
    return this.known.status;
  }

  private async ask(): Promise<string> {
    const soql = 'SELECT ApiName FROM TaskStatus WHERE IsClosed = true ORDER BY SortOrder';
    const rows = await orHidden(query<{ ApiName: string }>(this.client, soql), []);
    const names = rows.map(({ ApiName }) => ApiName);
    return names.includes(USUAL) ? USUAL : (names[0] ?? USUAL);
  }
}

const USUAL = 'Completed';
