import { z } from 'zod';
import { chunks } from '../../shared/rounds.ts';
import type { CrmReads, Owner, Read, ReadFields, ReadObject, ReadRecords } from '../../sync/crm-reads.ts';
import { afterSearched } from '../../sync/feed.ts';
import { HubspotActivities } from './activities.ts';
import { BATCH_MAX, type ObjectType } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { companyOf, DEAL_PROPERTIES, dealOf, dealSearch } from './deals.ts';
import { KnownProperties } from './known-properties.ts';
import { failed, readCertainly } from './lookup.ts';
import { everyOwner } from './owner-list.ts';
import { type CrmRecord, pageSchema, type Reply } from './reply.ts';

/** Most results of one page of a search. */
const PAGE = 200;

const id = z.union([z.string(), z.number()]).transform(String);

/** Deals without a company stand among the errors of a 207, or nowhere. */
const associatedSchema = z.object({
  results: z.array(
    z.object({
      from: z.object({ id }),
      to: z.array(
        z.object({
          toObjectId: id,
          associationTypes: z.array(z.object({ typeId: z.number() })).catch([]),
        }),
      ),
    }),
  ),
});

/** What comes back from a portal: searches and batch reads only. */
export function hubspotReads(api: HubspotApi): CrmReads {
  const properties = new KnownProperties(api);
  return {
    batch: BATCH_MAX,
    deals: async (from) => {
      const reply = await searchPage(api, 'deals', dealSearch(from), DEAL_PROPERTIES);
      if (!reply.ok) {
        return failed(api, reply.failure);
      }
      const deals = dealsIn(reply.data.results);
      const more = reply.data.paging?.next != null;
      return { state: 'read', deals, next: afterSearched(from, deals, more) };
    },
    dealAccounts: (ids) => dealAccounts(api, ids),
    dealsById: async (ids) => {
      const reply = await readCertainly(api, 'deals', ids, DEAL_PROPERTIES);
      return reply.ok ? { state: 'read', deals: dealsIn(reply.data) } : failed(api, reply.failure);
    },
    owners: () => owners(api),
    activities: new HubspotActivities(api, properties),
    // Its last contact leaves out tasks.
    movedByTasks: [],
    // Members of a list are no records.
    mergedWrites: 'forwarded',
    objects: ['account', 'person', 'task'],
    records: (object, ids, fields) => records(api, properties, object, ids, fields),
  };
}

function dealsIn(found: readonly CrmRecord[]) {
  return found.map(dealOf).filter((deal) => deal !== null);
}

async function searchPage(
  api: HubspotApi,
  object: ObjectType,
  search: ReturnType<typeof dealSearch>,
  properties: string[],
): Promise<Reply<z.output<typeof pageSchema>>> {
  return api.call(pageSchema, api.paths.search(object), {
    ...search,
    properties,
    limit: PAGE,
    // HubSpot's specification requires `after` also for the first page.
    after: '0',
  });
}

async function dealAccounts(api: HubspotApi, ids: readonly string[]) {
  const accounts = new Map<string, string>();
  for (const part of chunks(ids, BATCH_MAX)) {
    const reply = await api.call(associatedSchema, api.paths.associated('deals', 'companies'), {
      inputs: part.map((one) => ({ id: one })),
    });
    if (!reply.ok) {
      return failed(api, reply.failure);
    }
    for (const { from, to } of reply.data.results) {
      const company = companyOf(to);
      if (company !== null) {
        accounts.set(from.id, company);
      }
    }
  }
  return { state: 'read' as const, accounts };
}

async function owners(api: HubspotApi): Promise<Read<{ owners: Owner[] }>> {
  const reply = await everyOwner(api);
  return reply.ok
    ? {
        state: 'read',
        owners: reply.data.map((one) => ({ ...one, email: one.email?.toLowerCase() ?? null })),
      }
    : failed(api, reply.failure);
}

const OBJECTS: Record<ReadObject, ObjectType | null> = {
  account: 'companies',
  person: 'contacts',
  task: 'tasks',
  member: null,
};

async function records(
  api: HubspotApi,
  properties: KnownProperties,
  object: ReadObject,
  ids: readonly string[],
  { needed, optional }: ReadFields,
): Promise<ReadRecords> {
  const type = OBJECTS[object];
  if (type === null || ids.length === 0) {
    return { state: 'read', records: new Map(), merged: new Map() };
  }
  const there = optional.length === 0 ? [] : await properties.of(type, optional);
  const reply = await readCertainly(api, type, ids, [...new Set([...needed, ...there])]);
  if (!reply.ok) {
    return failed(api, reply.failure);
  }
  const found = new Map(reply.data.map((one) => [one.id, one.properties]));
  return { state: 'read', records: found, merged: mergedInto(ids, found) };
}

/** A merged record answers under the winner's id: which is whose is told where one of each is left over. Pure. */
export function mergedInto(ids: readonly string[], found: ReadonlyMap<string, unknown>): Map<string, string> {
  const missing = ids.filter((id) => !found.has(id));
  const others = [...found.keys()].filter((id) => !ids.includes(id));
  const [loser, winner] = [missing[0], others[0]];
  return missing.length === 1 && loser !== undefined && winner !== undefined
    ? new Map([[loser, winner]])
    : new Map();
}
