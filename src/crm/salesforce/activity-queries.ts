import { chunks } from '../../shared/rounds.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Activity, Watched } from '../../sync/activities.ts';
import {
  type ActivityRow,
  EMAIL_FIELDS,
  EVENT_FIELDS,
  emailActivity,
  eventActivity,
  taskActivity,
} from './activity-rows.ts';
import { isLead } from './match-people.ts';
import { inList, literal } from './soql.ts';

/** Rows of one page; the org may give fewer at a time. */
export const PAGE = 2000;
/** Ids in one list: a query must stay below the longest address that the org takes. */
const IDS = 200;

/** One query, and what its rows are in our words. */
export interface Query {
  /** What is closed to us when the org does not know the object. */
  kind: Activity['kind'];
  sobject: string;
  fields: readonly string[];
  where: string;
  activity: (row: ActivityRow) => Activity;
  /** Goes on behind this row. */
  after?: { at: string; id: string };
}

/** What is asked of tasks, events and mails around some Accounts. `taskKey`: our unique field. Pure. */
export function queriesFor(
  watched: readonly Watched[],
  taskFields: readonly string[],
  taskKey: string,
): Query[] {
  const since = `SystemModstamp >= ${isoInstant(Math.min(...watched.map((one) => one.since)))}`;
  const accounts = watched.map(({ account }) => account);
  const people = [...new Set(watched.flatMap((one) => one.people))];
  // What concerns a lead belongs to no Account.
  const [leads = [], ...more] = chunks(people.filter(isLead), IDS);
  const of = inList('AccountId', accounts);
  const around = [
    leads.length === 0 ? of : `(${of} OR ${inList('WhoId', leads)})`,
    ...more.map((part) => inList('WhoId', part)),
  ];
  const own = new Set(watched.flatMap(({ tasks }) => tasks));
  const activity = (row: ActivityRow) => taskActivity(row, taskKey, own);
  const task = { kind: 'task' as const, sobject: 'Task', fields: taskFields, activity };
  return [
    ...around.flatMap((where): Query[] => [
      { ...task, where: `${where} AND ${since}` },
      {
        kind: 'meeting',
        sobject: 'Event',
        fields: EVENT_FIELDS,
        where: `${where} AND IsChild = false AND IsPrivate = false AND ${since}`,
        activity: eventActivity,
      },
    ]),
    ...chunks([...own], IDS).map((part) => ({ ...task, where: `${inList('Id', part)} AND ${since}` })),
    messages(`${inList('RelatedToId', accounts)} AND ${since}`),
    ...chunks(people, IDS).map((part) => messagesWith(part, since)),
  ];
}

export function soqlOf({ sobject, fields, where, after }: Query): string {
  const behind =
    after === undefined
      ? ''
      : ` AND ((SystemModstamp = ${instant(after.at)} AND Id > ${literal(after.id)}) OR SystemModstamp > ${instant(after.at)})`;
  return `SELECT ${fields.join(', ')} FROM ${sobject} WHERE (${where})${behind} ORDER BY SystemModstamp, Id LIMIT ${PAGE}`;
}

function instant(at: string): string {
  return isoInstant(Date.parse(at));
}

const MESSAGE = ['Id', 'CreatedDate', 'SystemModstamp', 'IsDeleted', ...EMAIL_FIELDS];

function messages(where: string): Query {
  return {
    kind: 'email',
    sobject: 'EmailMessage',
    fields: [...MESSAGE, 'RelatedToId'],
    where,
    activity: (row) =>
      emailActivity(row, {
        id: String(row.Id),
        account: accountIn(row.RelatedToId),
        person: null,
      }),
  };
}

/** A mail may be related to an opportunity or a case as well: then its task knows the Account. */
function accountIn(related: ActivityRow[string] | undefined): string | null {
  return typeof related === 'string' && related.startsWith('001') ? related : null;
}

/** A task of a mail does not say who wrote it: the message does. */
export function messagesOf(tasks: readonly string[]): Query[] {
  return chunks(tasks, IDS).map((part) => messages(inList('ActivityId', part)));
}

/** Mails of people, whatever they are related to: who is in a mail stands in rows of their own. */
function messagesWith(people: readonly string[], since: string): Query {
  return {
    kind: 'email',
    sobject: 'EmailMessageRelation',
    fields: [
      'Id',
      'SystemModstamp',
      'IsDeleted',
      'EmailMessageId',
      'RelationId',
      ...['CreatedDate', ...EMAIL_FIELDS].map((field) => `EmailMessage.${field}`),
    ],
    where: `${inList('RelationId', people)} AND ${since}`,
    activity: ({ EmailMessage, EmailMessageId, RelationId, IsDeleted }) =>
      emailActivity(
        { ...(EmailMessage as ActivityRow | null), IsDeleted: IsDeleted ?? false },
        { id: String(EmailMessageId), account: null, person: String(RelationId) },
      ),
  };
}
