import type { Owner } from '../../decide/owner.ts';
import { HOUR } from '../../shared/time.ts';
import { failedRead } from '../../sync/crm.ts';
import type { FailedRead, Owner as ListedOwner } from '../../sync/crm-reads.ts';
import type { OwnerName, ReadAccountOwners, ReadOwners } from '../../sync/crm-tasks.ts';
import type { HubspotApi } from './client.ts';
import { readRecords } from './lookup.ts';
import { isRefusedRequest } from './outcomes.ts';
import { everyOwner, ownersOn } from './owner-list.ts';
import { orUnreachable } from './portal.ts';
import type { Failure, Reply } from './reply.ts';

/** The portal's owners, read whole and remembered for an hour. */
export class Owners {
  private readonly api: HubspotApi;
  private known: { owners: Owner[] | null; readAt: number } | null = null;

  constructor(api: HubspotApi) {
    this.api = api;
  }

  /** Who left is not among them, and so cannot be chosen. */
  async active(): Promise<ReadOwners> {
    const now = this.api.clock.now();
    if (this.known === null || Math.abs(now - this.known.readAt) >= HOUR) {
      const reply = await ownersOn(this.api, 'present');
      if (!reply.ok && !isRefusedRequest(reply.failure)) {
        return this.failed(reply.failure);
      }
      // Without the scope an account's owner can still be taken over from the company.
      this.known = { owners: reply.ok ? reply.data.map(choosable) : null, readAt: now };
    }
    return { state: 'read', owners: this.known.owners };
  }

  /** Forgets who is there: HubSpot has refused one of them. */
  forget(): void {
    this.known = null;
  }

  async ofCompanies(ids: readonly string[]): Promise<ReadAccountOwners> {
    const reply = await readRecords(this.api, 'companies', [...ids], ['hubspot_owner_id']);
    if (!reply.ok) {
      return this.failed(reply.failure);
    }
    const pairs = reply.data.flatMap(({ id, properties }): [string, string][] =>
      properties.hubspot_owner_id ? [[id, properties.hubspot_owner_id]] : [],
    );
    return { state: 'read', owners: new Map(pairs) };
  }

  /** Also looks at those who left: a name that was right once is no typing mistake. */
  async unknown(names: readonly OwnerName[]): Promise<string[]> {
    if (names.length === 0) {
      return [];
    }
    const reply = await this.everybody();
    if (!reply.ok && isRefusedRequest(reply.failure)) {
      return [];
    }
    const known = new Set(orUnreachable(reply, 'owners').flatMap((owner) => owner.names));
    return names.map(({ name }) => name).filter((name) => !known.has(name.toLowerCase()));
  }

  /** Also those who left. */
  async everybody(): Promise<Reply<Owner[]>> {
    const reply = await everyOwner(this.api);
    return reply.ok ? { ok: true, data: reply.data.map(choosable) } : reply;
  }

  private failed(failure: Failure): FailedRead {
    return failedRead(this.api.outcome(failure, 'repeatable'));
  }
}

function choosable({ id, email, name, active }: ListedOwner): Owner {
  const names = [id, email, name].flatMap((one) => (one ? [one.toLowerCase()] : []));
  return { id, names, label: email || name || id, active };
}
