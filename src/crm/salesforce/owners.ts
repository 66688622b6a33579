import type { Owner } from '../../decide/owner.ts';
import { HOUR } from '../../shared/time.ts';
import { CrmUnreachable, failedRead } from '../../sync/crm.ts';
import type { OwnerName, ReadAccountOwners, ReadOwners } from '../../sync/crm-tasks.ts';
import type { SalesforceClient } from './client.ts';
import { failureOf } from './failure.ts';
import { isHidden, outcomeOf } from './outcomes.ts';
import { inList, selectWhere } from './soql.ts';

interface UserRow {
  Id: string;
  Name: string | null;
  Email: string | null;
  Username: string | null;
  IsActive: boolean;
}

interface QueueRow {
  Id: string;
  Name: string | null;
  DeveloperName: string | null;
}

/** Users by e-mail, user name or id, and queues that may own tasks by name; each asked for once an hour. */
export class Owners {
  private readonly client: SalesforceClient;
  private readonly now: () => number;
  private readonly asked = new Map<string, { owners: Owner[]; at: number }>();

  constructor(client: SalesforceClient, now: () => number) {
    this.client = client;
    this.now = now;
  }

  async find(names: readonly OwnerName[], ids: readonly string[]): Promise<ReadOwners> {
    try {
      return { state: 'read', owners: await this.load(names, ids) };
    } catch (error) {
      const failure = failureOf(error);
      // Whoever may not see users can still take over the owner of an Account.
      return isHidden(failure) ? { state: 'read', owners: null } : failedRead(outcomeOf(failure, 'harmless'));
    }
  }

  async ofAccounts(ids: readonly string[]): Promise<ReadAccountOwners> {
    try {
      const rows = await selectWhere<{ Id: string; OwnerId: string | null }>(
        this.client,
        'SELECT Id, OwnerId FROM Account',
        ids,
        (part) => inList('Id', part),
      );
      const pairs = rows.flatMap(({ Id, OwnerId }): [string, string][] => (OwnerId ? [[Id, OwnerId]] : []));
      return { state: 'read', owners: new Map(pairs) };
    } catch (error) {
      return failedRead(outcomeOf(failureOf(error), 'harmless'));
    }
  }

  /** Throws `CrmUnreachable`. */
  async unknown(names: readonly OwnerName[]): Promise<string[]> {
    this.asked.clear();
    const found = await this.find(names, []);
    if (found.state === 'failed') {
      throw new CrmUnreachable(`Salesforce: owners: ${found.code}: ${found.reason}`, false);
    }
    const known = new Set((found.owners ?? []).flatMap((owner) => owner.names));
    return found.owners === null
      ? []
      : names.map(({ name }) => name).filter((name) => !known.has(name.toLowerCase()));
  }

  /** Forgets who is active: the org has refused one of them. */
  forget(): void {
    this.asked.clear();
  }

  private async load(names: readonly OwnerName[], ids: readonly string[]): Promise<Owner[]> {
    const people = [...names.map(({ name }) => name).filter(meansUser), ...ids];
    const queues = names.flatMap(({ name, queue }) => (queue && !meansUser(name) ? [name] : []));
    await this.ask(people, (values) => this.users(values));
    await this.ask(queues, (values) => this.queues(values));
    const owners = [...people, ...queues].flatMap((one) => this.asked.get(one.toLowerCase())?.owners ?? []);
    return [...new Map(owners.map((owner) => [owner.id, owner])).values()];
  }

  /** Remembers also that there is nobody. */
  private async ask(values: readonly string[], load: (values: string[]) => Promise<Owner[]>): Promise<void> {
    const now = this.now();
    const stale = [...new Set(values)].filter((one) => {
      const before = this.asked.get(one.toLowerCase());
      return before === undefined || Math.abs(now - before.at) >= HOUR;
    });
    const owners = stale.length === 0 ? [] : await load(stale);
    for (const one of stale) {
      const key = one.toLowerCase();
      const own = owners.filter(({ id, names }) => id.toLowerCase() === key || names.includes(key));
      this.asked.set(key, { owners: own, at: now });
    }
  }

  private async users(values: readonly string[]): Promise<Owner[]> {
    const { userId } = await this.client.identity();
    const rows = await selectWhere<UserRow>(
      this.client,
      'SELECT Id, Name, Email, Username, IsActive FROM User',
      values,
      (part) => {
        const people = part.filter((one) => one.includes('@'));
        const ids = part.filter((one) => !one.includes('@'));
        return [
          ...(people.length === 0 ? [] : [inList('Email', people), inList('Username', people)]),
          ...(ids.length === 0 ? [] : [inList('Id', ids)]),
        ].join(' OR ');
      },
    );
    return rows.map((row) => userOf(row, userId));
  }

  /** Only queues that the org lets own tasks. */
  private async queues(names: readonly string[]): Promise<Owner[]> {
    const rows = await selectWhere<QueueRow>(
      this.client,
      'SELECT Id, Name, DeveloperName FROM Group',
      names,
      (part) => `Type = 'Queue' AND (${inList('Name', part)} OR ${inList('DeveloperName', part)})`,
    );
    const able = await selectWhere<{ QueueId: string }>(
      this.client,
      'SELECT QueueId FROM QueueSobject',
      rows.map(({ Id }) => Id),
      (part) => `SobjectType = 'Task' AND ${inList('QueueId', part)}`,
    );
    return rows.map(({ Id, Name, DeveloperName }) => ({
      id: Id,
      names: lower([Name, DeveloperName]),
      label: Name ?? DeveloperName ?? Id,
      active: able.some(({ QueueId }) => QueueId === Id),
    }));
  }
}

/** An e-mail, a user name, or a user's id; anything else is the name of a queue. */
function meansUser(name: string): boolean {
  return name.includes('@') || /^005\w{12}(\w{3})?$/.test(name);
}

/** Ids come in 15 or 18 characters. */
export const SHORT_ID = 15;

function userOf({ Id, Name, Email, Username, IsActive }: UserRow, self: string): Owner {
  const owner = {
    id: Id,
    names: lower([Id, Id.slice(0, SHORT_ID), Email, Username]),
    label: Email ?? Username ?? Name ?? Id,
    active: IsActive,
  };
  return self !== '' && Id.slice(0, SHORT_ID) === self.slice(0, SHORT_ID)
    ? { ...owner, ourselves: true }
    : owner;
}

function lower(names: readonly (string | null)[]): string[] {
  return names.flatMap((name) => (name ? [name.toLowerCase()] : []));
}
