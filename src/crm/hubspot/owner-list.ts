import { z } from 'zod';
import type { Owner } from '../../sync/crm-reads.ts';
import type { HubspotApi } from './client.ts';
import type { Reply } from './reply.ts';

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

/** All owners of a portal, those who left behind the others: HubSpot gives none by a list of ids or addresses. */
export async function everyOwner(api: HubspotApi): Promise<Reply<Owner[]>> {
  const active = await ownersOn(api, 'present');
  const left = active.ok ? await ownersOn(api, 'left') : active;
  return active.ok && left.ok ? { ok: true, data: [...active.data, ...left.data] } : left;
}

/** One of the portal's two lists of owners, a hundred a call: who left is on a list of its own. */
export async function ownersOn(api: HubspotApi, list: 'present' | 'left'): Promise<Reply<Owner[]>> {
  const archived = list === 'left';
  const owners: Owner[] = [];
  let after: string | null = null;
  do {
    const reply: Reply<z.output<typeof pageSchema>> = await api.call(
      pageSchema,
      api.paths.owners(after, archived),
    );
    if (!reply.ok) {
      return reply;
    }
    owners.push(...reply.data.results.map((one) => ownerOf(one, !archived && !one.archived)));
    after = reply.data.paging?.next?.after ?? null;
  } while (after !== null);
  return { ok: true, data: owners };
}

function ownerOf({ id, email, firstName, lastName }: z.output<typeof ownerSchema>, active: boolean): Owner {
  const name = [firstName, lastName].filter(Boolean).join(' ');
  return { id, email: email || null, name: name || null, active };
}
