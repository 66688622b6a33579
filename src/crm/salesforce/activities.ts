import { DAY, HOUR } from '../../shared/time.ts';
import type { Activity, SwitchedOff, Watched } from '../../sync/activities.ts';
import { failedRead } from '../../sync/crm.ts';
import type { ActivityLook, ActivityReads, FailedRead } from '../../sync/crm-reads.ts';
import { messagesOf, PAGE, type Query, queriesFor, soqlOf } from './activity-queries.ts';
import { type ActivityRow, TASK_FIELDS, TASK_FIELDS_WHERE_DESCRIBED } from './activity-rows.ts';
import type { SalesforceClient } from './client.ts';
import { QUERIES_MAX, queryTogether } from './composite.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { type Failure, isAbsent, isHidden, outcomeOf } from './outcomes.ts';

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
      await this.readAll(queriesFor(watched, tasks, this.taskKey), look);
      const loose = look.mailsWithoutMessage();
      if (look.failure === null && loose.length > 0) {
        await this.readAll(messagesOf(loose), look);
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

  /** All pages of all queries, five to a call. */
  private async readAll(queries: readonly Query[], look: Look): Promise<void> {
    const isOpen = ({ sobject }: Query) => (this.closed.get(sobject)?.until ?? 0) <= Date.now();
    let open = queries.filter(isOpen);
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
      open = [...later, ...more].filter(isOpen);
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
