import { z } from 'zod';
import type { Owner } from '../../decide/owner.ts';
import { HOUR } from '../../shared/time.ts';
import { failedRead } from '../../sync/crm.ts';
import type { FailedRead } from '../../sync/crm-reads.ts';
import type { OwnerName, ReadAccountOwners, ReadOwners } from '../../sync/crm-tasks.ts';
import { readRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { isRefusedRequest } from './outcomes.ts';
import { orUnreachable } from './portal.ts';
import type { Failure, Reply } from './reply.ts';

const text = z.union([z.string(), z.number()]).transform(String);

const ownerSchema = z.object({
  id: text,
  email: z.string().nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  archived: z.boolean().catch(false),
});

const pageSchema = z.object({
  results: z.array(ownerSchema),
  paging: z.object({ next: z.object({ after: text }).nullish() }).nullish(),
});

/** The portal's owners, read whole and remembered for an hour: HubSpot gives none by a list of ids or addresses. */
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
      const reply = await this.pages(false);
      if (!reply.ok && !isRefusedRequest(reply.failure)) {
        return this.failed(reply.failure);
      }
      // Without the scope an account's owner can still be taken over from the company.
      this.known = { owners: reply.ok ? reply.data : null, readAt: now };
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
    const active = await this.pages(false);
    const left = active.ok ? await this.pages(true) : active;
    return active.ok && left.ok ? { ok: true, data: [...active.data, ...left.data] } : left;
  }

  private async pages(archived: boolean): Promise<Reply<Owner[]>> {
    const owners: Owner[] = [];
    let after: string | null = null;
    do {
      const reply: Reply<z.output<typeof pageSchema>> = await this.api.call(
        pageSchema,
        this.api.paths.owners(after, archived),
      );
      if (!reply.ok) {
        return reply;
      }
      owners.push(...reply.data.results.map((one) => ownerOf(one, !archived && !one.archived)));
      after = reply.data.paging?.next?.after ?? null;
    } while (after !== null);
    return { ok: true, data: owners };
  }

  private failed(failure: Failure): FailedRead {
    return failedRead(this.api.outcome(failure, 'repeatable'));
  }
}

function ownerOf({ id, email, firstName, lastName }: z.output<typeof ownerSchema>, active: boolean): Owner {
  const name = [firstName, lastName].filter(Boolean).join(' ');
  const names = [id, email, name].flatMap((one) => (one ? [one.toLowerCase()] : []));
  return { id, names, label: email || name || id, active };
}
