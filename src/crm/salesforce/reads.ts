import type { Json } from '../../shared/json.ts';
import { failedRead } from '../../sync/crm.ts';
import type { ActivityReads, CrmReads, Read, ReadFields, ReadObject } from '../../sync/crm-reads.ts';
import { afterOrdered } from '../../sync/feed.ts';
import type { SalesforceClient } from './client.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { mastersOf } from './moved.ts';
import {
  OPPORTUNITY_PAGE,
  type OpportunityRow,
  opportunitiesById,
  opportunitiesFrom,
  opportunityOf,
} from './opportunities.ts';
import { outcomeOf } from './outcomes.ts';
import { inList, selectWhere } from './soql.ts';

/** Ids that fit into one query. */
const BATCH = 200;

/** What comes back from an org: queries only. */
export function salesforceReads(
  client: SalesforceClient,
  describes: Describes,
  activities: ActivityReads,
): CrmReads {
  const reading = <T extends object>(work: () => Promise<T>) => read(describes, work);
  const known = async (sobject: string) => new Set((await describes.fields(sobject)).keys());
  return {
    batch: BATCH,
    deals: (from) =>
      reading(async () => {
        const soql = opportunitiesFrom(from, await known('Opportunity'));
        const page = await queryAllPage(client, soql);
        const deals = dealsIn(page.records);
        // The org may give fewer rows at a time than were asked for.
        const more = page.nextRecordsUrl !== undefined || page.records.length >= OPPORTUNITY_PAGE;
        return { deals, next: afterOrdered(deals, more) };
      }),
    activities,
    dealAccounts: null,
    movedByTasks: ['LastActivityDate'],
    mergedWrites: 'refused',
    objects: ['account', 'person', 'task', 'member'],
    dealsById: (ids) =>
      reading(async () => {
        const { select, condition } = opportunitiesById(await known('Opportunity'));
        return { deals: dealsIn(await selectWhere<OpportunityRow>(client, select, ids, condition)) };
      }),
    owners: (ids) =>
      reading(async () => {
        const select = 'SELECT Id, Name, Email, IsActive FROM User';
        const users = await selectWhere<UserRow>(client, select, ids, (part) => inList('Id', part));
        return { owners: users.map(ownerOf) };
      }),
    records: (object, ids, fields) =>
      reading(async () => {
        const records = await recordsOf(client, known, object, ids, fields);
        const missing = ids.filter((id) => !records.has(id));
        return { records, merged: await mergedInto(client, known, object, missing) };
      }),
  };
}

async function read<T extends object>(describes: Describes, work: () => Promise<T>): Promise<Read<T>> {
  try {
    return { state: 'read', ...(await work()) };
  } catch (error) {
    // A field that was taken away is still in the describe of this process.
    describes.forget();
    return failedRead(outcomeOf(failureOf(error), 'harmless'));
  }
}

interface Page {
  records: OpportunityRow[];
  nextRecordsUrl?: string;
}

/** `queryAll` also gives what lies in the recycle bin: a deletion is a change like any other. */
function queryAllPage(client: SalesforceClient, soql: string): Promise<Page> {
  return client.request<Page>('GET', `/queryAll?q=${encodeURIComponent(soql)}`);
}

function dealsIn(rows: readonly OpportunityRow[]) {
  return rows.map(opportunityOf).filter((deal) => deal !== null);
}

interface UserRow {
  Id: string;
  Name: string | null;
  Email: string | null;
  IsActive: boolean;
}

function ownerOf({ Id, Name, Email, IsActive }: UserRow) {
  return { id: Id, name: Name, email: Email?.toLowerCase() ?? null, active: IsActive };
}

/** People are contacts or leads: the first three characters of an id say which. */
function sobjectsOf(object: ReadObject, ids: readonly string[]): [sobject: string, ids: string[]][] {
  if (object !== 'person') {
    return [[{ account: 'Account', task: 'Task', member: 'CampaignMember' }[object], [...ids]]];
  }
  return [
    ['Contact', ids.filter((id) => !isLead(id))],
    ['Lead', ids.filter((id) => isLead(id))],
  ];
}

async function recordsOf(
  client: SalesforceClient,
  known: (sobject: string) => Promise<ReadonlySet<string>>,
  object: ReadObject,
  ids: readonly string[],
  { needed, optional }: ReadFields,
): Promise<Map<string, Record<string, Json>>> {
  const found = new Map<string, Record<string, Json>>();
  for (const [sobject, own] of sobjectsOf(object, ids)) {
    if (own.length > 0) {
      const described = optional.length === 0 ? new Set() : await known(sobject);
      const fields = new Set(['Id', ...needed, ...optional.filter((field) => described.has(field))]);
      const select = `SELECT ${[...fields].join(', ')} FROM ${sobject}`;
      const rows = await selectWhere<Record<string, Json>>(client, select, own, (part) => inList('Id', part));
      rows.forEach((row) => void found.set(String(row.Id), row));
    }
  }
  return found;
}

async function mergedInto(
  client: SalesforceClient,
  known: (sobject: string) => Promise<ReadonlySet<string>>,
  object: ReadObject,
  missing: readonly string[],
): Promise<Map<string, string>> {
  const merged: [string, string][] = [];
  for (const [sobject, ids] of sobjectsOf(object, missing)) {
    if (ids.length > 0 && (await known(sobject)).has('MasterRecordId')) {
      merged.push(...(await mastersOf(client, sobject, ids)));
    }
  }
  return new Map(merged);
}
