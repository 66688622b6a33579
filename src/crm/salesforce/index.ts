import type { Json } from '../../shared/json.ts';
import type { BulkWriter } from '../../sync/bulk.ts';
import { type CrmConnector, CrmUnreachable, failedRead, type ReadRecords } from '../../sync/crm.ts';
import { writeAccounts } from './accounts.ts';
import { offeredVersions, versionProblem } from './api-version.ts';
import { bulkWriter } from './bulk/index.ts';
import { addMembers } from './campaigns.ts';
import { type SalesforceClient, type SalesforceOptions, salesforceClient } from './client.ts';
import { COLLECTION_MAX } from './collections.ts';
import { Describes } from './describe.ts';
import { examine } from './doctor.ts';
import { failureOf } from './failure.ts';
import type { AccountMatching } from './match-accounts.ts';
import type { PeopleMatching } from './match-people.ts';
import { orgId } from './org-id.ts';
import { isAbsent, outcomeOf, remedyOf } from './outcomes.ts';
import { writePeople } from './people.ts';
import { checkSchema } from './schema.ts';
import { setup } from './setup.ts';
import { inList, selectWhere } from './soql.ts';
import { createTasks } from './tasks.ts';

export type { SalesforceAuth, SalesforceOptions } from './client.ts';

/** By which fields, and in which order, records of ours are found again. */
export interface Ours {
  account: AccountMatching;
  people: PeopleMatching;
  taskKey: string;
  memberKey: string;
}

const SHIPPED: Ours = {
  account: { key: 'PQL_Account_Id__c', order: ['link', 'unique', 'domain'] },
  people: { key: null, order: ['link', 'email'] },
  taskKey: 'PQL_Key__c',
  memberKey: 'PQL_Key__c',
};

/** Salesforce: Accounts, Contacts and Leads, CampaignMembers, Tasks, through jsforce's request layer. */
export function salesforceConnector(options: SalesforceOptions & { ours?: Partial<Ours> }): CrmConnector & {
  readonly bulk: BulkWriter;
} {
  const client = salesforceClient(options);
  const { account, taskKey, memberKey, people } = { ...SHIPPED, ...options.ours };
  const describes = new Describes(client);
  return {
    name: 'salesforce',
    limits: {
      accounts: COLLECTION_MAX,
      people: COLLECTION_MAX,
      members: COLLECTION_MAX,
      tasks: COLLECTION_MAX,
    },
    connect: async () => ({
      connection: `salesforce:${await reached(connected(client, options.apiVersion))}`,
    }),
    checkSchema: (fields) => reached(checkSchema(describes, fields)),
    examine: (examination) => examine(client, describes, options.apiVersion, examination),
    setup: (fields, campaigns, apply) => reached(setup(client, describes, fields, campaigns, apply)),
    readAccounts: (crmIds, fields) => readAccounts(client, crmIds, fields),
    writeAccounts: (changes) => writeAccounts(client, account, changes),
    writePeople: (changes) => writePeople(client, describes, people, changes),
    addMembers: (changes) => addMembers(client, memberKey, changes),
    createTasks: (changes) => createTasks(client, describes, taskKey, changes),
    bulk: bulkWriter(client, { account, people }),
    budget: () => client.budget(),
    // A user who may not see the list is answered 403, with the same header.
    askBudget: () => client.request('GET', '/limits').then(ignored, ignored),
    close: async () => {},
  };
}

async function readAccounts(
  client: SalesforceClient,
  ids: readonly string[],
  fields: readonly string[],
): Promise<ReadRecords> {
  try {
    const select = `SELECT ${['Id', ...fields].join(', ')} FROM Account`;
    const rows = await selectWhere<Record<string, Json>>(client, select, ids, (part) => inList('Id', part));
    return { state: 'read', records: new Map(rows.map((row) => [String(row.Id), row])) };
  } catch (error) {
    return failedRead(outcomeOf(failureOf(error), 'harmless'));
  }
}

/** A version that the org does not offer makes every object look absent: it is asked for first. */
async function connected(client: SalesforceClient, version: string): Promise<string> {
  const problem = versionProblem(version, await offeredVersions(client).catch(unlisted));
  if (problem !== null) {
    throw Object.assign(new Error(problem), { name: 'UNSUPPORTED_API_VERSION' });
  }
  return orgId(client);
}

/** Not every gateway lets the list through: then the calls themselves will tell. */
function unlisted(error: unknown): null {
  if (isAbsent(failureOf(error))) {
    return null;
  }
  throw error;
}

/** What stops a set-up call is the connection: waiting helps, or the credentials are wrong. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const failure = failureOf(error);
    const { state } = outcomeOf(failure, 'harmless');
    const permanent = state === 'halt' || state === 'parked';
    const todo = state === 'halt' ? `; to do: ${remedyOf(failure)}` : '';
    throw new CrmUnreachable(`Salesforce: ${failure.code}: ${failure.message}${todo}`, permanent);
  }
}

function ignored(): void {}
