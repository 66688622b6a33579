import { chunks } from '../../shared/rounds.ts';
import { DAY, HOUR, isoInstant } from '../../shared/time.ts';
import type { Activity, SwitchedOff, Watched } from '../../sync/activities.ts';
import { failedRead } from '../../sync/crm.ts';
import type { ActivityLook, ActivityReads, FailedRead } from '../../sync/crm-reads.ts';
import {
  type ActivityRow,
  EMAIL_FIELDS,
  EVENT_FIELDS,
  emailActivity,
  eventActivity,
  TASK_FIELDS,
  TASK_FIELDS_WHERE_DESCRIBED,
  taskActivity,
} from './activity-rows.ts';
import type { SalesforceClient } from './client.ts';
import { QUERIES_MAX, queryTogether } from './composite.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { type Failure, isAbsent, isHidden, outcomeOf } from './outcomes.ts';
import { inList, literal } from './soql.ts';

/** Rows of one page; the org may give fewer at a time. */
const PAGE = 2000;
/** Ids in one list: a query must stay below the longest address that the org takes. */
const IDS = 200;

interface Query {
  /** What is closed to us when the org does not know the object. */
  kind: Activity['kind'];
  sobject: string;
  fields: readonly string[];
  where: string;
  activity: (row: ActivityRow) => Activity;
  /** Goes on behind this row. */
  after?: { at: string; id: string };
}

/**
 * Activities around Accounts, by what changed since the last look: tasks, our own ones, events, mails of the Account and
 * mails of its people, together in one call for up to a hundred Accounts. An org has no figure by which an account could
 * be passed over, and needs none: a look costs one call whatever the sales team does.
 */
export class SalesforceActivities implements ActivityReads {
  readonly batch = 100;
  private readonly client: SalesforceClient;
  private readonly describes: Describes;
  private readonly version: string;
  private readonly taskKey: string;
  private readonly closed = new Map<string, SwitchedOff & { until: number }>();

  constructor(client: SalesforceClient, describes: Describes, version: string, taskKey: string) {
    this.client = client;
    this.describes = describes;
    this.version = version;
    this.taskKey = taskKey;
  }

  off(): SwitchedOff[] {
    const kinds = [...this.closed.values()].map(({ until: _, ...off }) => off);
    return [...new Map(kinds.map((off) => [off.kind, off])).values()];
  }

  async look(watched: readonly Watched[]): Promise<ActivityLook> {
    const look = new Look();
    try {
      const tasks = await this.taskFields();
      await this.readAll(this.queriesFor(watched, tasks), look);
      const loose = look.mailsWithoutMessage();
      if (look.failure === null && loose.length > 0) {
        await this.readAll(chunks(loose, IDS).map(messagesOf), look);
      }
    } catch (error) {
      this.describes.forget();
      look.failure = failedRead(outcomeOf(failureOf(error), 'harmless'));
    }
    for (const { account } of watched) {
      look.seen.set(account, '');
    }
    return look;
  }

  private async taskFields(): Promise<string[]> {
    const described = await this.describes.fields('Task');
    const optional = [...TASK_FIELDS_WHERE_DESCRIBED, this.taskKey];
    return [...TASK_FIELDS, ...optional.filter((field) => described.has(field))];
  }

  private queriesFor(watched: readonly Watched[], taskFields: readonly string[]): Query[] {
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
    const activity = (row: ActivityRow) => taskActivity(row, this.taskKey, own);
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

  /** All pages of all queries, five to a call. */
  private async readAll(queries: readonly Query[], look: Look): Promise<void> {
    let open = queries.filter(({ sobject }) => (this.closed.get(sobject)?.until ?? 0) <= Date.now());
    while (open.length > 0 && look.failure === null) {
      const [now, later] = [open.slice(0, QUERIES_MAX), open.slice(QUERIES_MAX)];
      look.calls += 1;
      const answers = await queryTogether<ActivityRow>(this.client, this.version, now.map(soqlOf));
      const more = now.flatMap((query, i) => {
        const answer = answers[i];
        if (answer === undefined || !answer.ok) {
          this.refused(query, answer?.failure, look);
          return [];
        }
        this.closed.delete(query.sobject);
        answer.records.forEach((row) => void look.add(query.activity(row), query.sobject !== 'Task'));
        const last = answer.records.at(-1);
        const full = answer.more || answer.records.length >= PAGE;
        return full && last !== undefined
          ? [{ ...query, after: { at: String(last.SystemModstamp), id: String(last.Id) } }]
          : [];
      });
      open = [...later, ...more].filter(({ sobject }) => !this.closed.has(sobject));
    }
  }

  /** An object that the org has not, or hides, is closed for a day (a field: an hour), and nothing else; any other trouble is tried again. */
  private refused({ kind, sobject }: Query, failure: Failure | undefined, look: Look): void {
    if (failure === undefined || !isHidden(failure)) {
      look.failure ??= failedRead(outcomeOf(failure ?? failureOf(undefined), 'harmless'));
      return;
    }
    const off = { kind, code: failure.code, reason: failure.message };
    if (!this.off().some((one) => one.kind === kind)) {
      look.off.push(off);
    }
    // A field that was taken away is still in the describe of this process.
    this.describes.forget();
    this.closed.set(sobject, { ...off, until: Date.now() + (isAbsent(failure) ? DAY : HOUR) });
  }
}

function soqlOf({ sobject, fields, where, after }: Query): string {
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
function messagesOf(tasks: readonly string[]): Query {
  return messages(inList('ActivityId', tasks));
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

class Look implements ActivityLook {
  readonly seen = new Map<string, string>();
  readonly detailed: string[] = [];
  readonly off: SwitchedOff[] = [];
  failure: FailedRead | null = null;
  calls = 0;
  private readonly byId = new Map<string, Activity>();
  private readonly messages = new Set<string>();

  get activities(): Activity[] {
    return [...this.byId.values()];
  }

  /** Of a mail its message knows more than the task that stands for it; the task knows the account. */
  add(activity: Activity, isMessage: boolean): void {
    const before = this.byId.get(activity.id);
    const [first, second] =
      before === undefined
        ? [activity, null]
        : isMessage || !this.messages.has(activity.id)
          ? [activity, before]
          : [before, activity];
    this.byId.set(activity.id, {
      ...first,
      account: first.account ?? second?.account ?? null,
      person: first.person ?? second?.person ?? null,
    });
    if (isMessage) {
      this.messages.add(activity.id);
    }
  }

  /** Tasks that stand for a mail whose message was not among those read. */
  mailsWithoutMessage(): string[] {
    return this.activities
      .filter(
        ({ id, kind, automatic, deleted }) =>
          kind === 'email' && !automatic && !deleted && !this.messages.has(id),
      )
      .map(({ id }) => id);
  }
}
