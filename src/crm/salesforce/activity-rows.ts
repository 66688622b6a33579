import { instantOf } from '../../accounts/signup.ts';
import type { Json } from '../../shared/json.ts';
import { DAY } from '../../shared/time.ts';
import type { Activity } from '../../sync/activities.ts';

/** Salesforce's tasks, events and mails in our words: never a subject, a text, an address or a number. Pure. */

export type ActivityRow = Record<string, Json>;

const COMMON = [
  'Id',
  'AccountId',
  'WhoId',
  'OwnerId',
  'CreatedDate',
  'SystemModstamp',
  'IsDeleted',
  'IsRecurrence',
];
export const TASK_FIELDS = [...COMMON, 'TaskSubtype', 'IsClosed', 'ActivityDate'];
/** Not every org has these, or shows them. */
export const TASK_FIELDS_WHERE_DESCRIBED = ['CompletedDateTime', 'CallType', 'Type'];
export const EVENT_FIELDS = [...COMMON, 'StartDateTime', 'EndDateTime', 'ActivityDateTime'];
export const EMAIL_FIELDS = ['Incoming', 'MessageDate', 'Status', 'ParentId', 'ActivityId', 'CreatedById'];

function base(row: ActivityRow, at: number | null): Omit<Activity, 'kind' | 'side' | 'state'> {
  const loggedAt = instant(row, 'CreatedDate') ?? instant(row, 'SystemModstamp') ?? 0;
  const owner = text(row, 'OwnerId');
  return {
    id: String(row.Id),
    at: at ?? loggedAt,
    until: null,
    loggedAt,
    automatic: false,
    // A queue is nobody.
    owner: owner?.startsWith('00G') === true ? null : owner,
    account: text(row, 'AccountId'),
    person: text(row, 'WhoId'),
    deleted: row.IsDeleted === true,
  };
}

/**
 * @param key our unique field: a task that has it is one of ours, where we may see it
 * @param own ids of tasks of ours
 */
export function taskActivity(row: ActivityRow, key: string, own: ReadonlySet<string>): Activity {
  const completedAt = instant(row, 'CompletedDateTime') ?? instant(row, 'SystemModstamp');
  const state = row.IsClosed === true ? 'done' : 'void';
  if (own.has(String(row.Id)) || text(row, key) !== null) {
    return { ...base(row, completedAt), kind: 'task', side: 'ours', state, ours: true };
  }
  const { kind, side, automatic = false } = contactOf(row);
  const happened = base(row, happenedAt(row, completedAt));
  // What was a plan until then says nothing of when it was booked.
  const loggedAt = kind === 'meeting' ? happened.at : happened.loggedAt;
  return { ...happened, loggedAt, kind, side, state, automatic };
}

/**
 * A closed task says when it was put in, and for which day: a call of Friday that is put in on Monday was made by the end of
 * Friday (UTC).
 */
function happenedAt(row: ActivityRow, completedAt: number | null): number | null {
  const day = instant(row, 'ActivityDate');
  const claimed = day === null ? null : day + DAY - 1;
  return claimed !== null && completedAt !== null && claimed < completedAt ? claimed : completedAt;
}

type Contact = Pick<Activity, 'kind' | 'side'> & { automatic?: boolean };

/** `TaskSubtype` is set by Salesforce's own buttons; many a connector leaves it and writes the kind into `Type`. */
function contactOf(row: ActivityRow): Contact {
  switch (text(row, 'TaskSubtype')) {
    case 'Call':
      return callOf(row);
    case 'Email':
    case 'LinkedIn':
      return { kind: 'email', side: 'ours' };
    case 'ListEmail':
    case 'Cadence':
      return { kind: 'email', side: 'ours', automatic: true };
    default:
      return contactByType(row);
  }
}

function contactByType(row: ActivityRow): Contact {
  switch (text(row, 'Type')?.toLowerCase()) {
    case 'call':
      return callOf(row);
    case 'email':
      return { kind: 'email', side: 'ours' };
    case 'meeting':
      return { kind: 'meeting', side: 'ours' };
    default:
      return { kind: 'task', side: null };
  }
}

function callOf(row: ActivityRow): Contact {
  const sides: Record<string, Activity['side']> = { Inbound: 'theirs', Internal: null };
  const type = text(row, 'CallType') ?? '';
  return { kind: 'call', side: type in sides ? (sides[type] ?? null) : 'ours' };
}

/** There is no outcome: a meeting that was called off is deleted. The head of a series is a template. */
export function eventActivity(row: ActivityRow): Activity {
  const at = instant(row, 'StartDateTime') ?? instant(row, 'ActivityDateTime');
  const state = row.IsRecurrence === true || at === null ? 'void' : 'planned';
  return { ...base(row, at), kind: 'meeting', side: 'ours', until: instant(row, 'EndDateTime'), state };
}

/**
 * A mail. It is known by the task that stands for it on the timeline, so that both are one. Mails outside of cases are
 * "sent" (3), those that came in too; 5 is a draft. Mail of a case is support's.
 */
export function emailActivity(
  row: ActivityRow,
  { id, account, person }: { id: string; account: string | null; person: string | null },
): Activity {
  const isDraft = text(row, 'Status') === '5';
  return {
    id: text(row, 'ActivityId') ?? id,
    kind: 'email',
    side: row.Incoming === true ? 'theirs' : 'ours',
    at: instant(row, 'MessageDate') ?? instant(row, 'CreatedDate') ?? 0,
    until: null,
    loggedAt: instant(row, 'CreatedDate') ?? instant(row, 'MessageDate') ?? 0,
    state: isDraft || text(row, 'ParentId') !== null ? 'void' : 'done',
    automatic: false,
    owner: row.Incoming === true ? null : text(row, 'CreatedById'),
    account,
    person,
    deleted: row.IsDeleted === true,
  };
}

function text(row: ActivityRow, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function instant(row: ActivityRow, name: string): number | null {
  return instantOf(text(row, name));
}
