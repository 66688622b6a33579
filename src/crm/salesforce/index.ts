import type { BulkWriter } from '../../sync/bulk.ts';
import { type CrmConnector, CrmUnreachable } from '../../sync/crm.ts';
import { RecentDomains } from '../recent-domains.ts';
import { writeAccounts } from './accounts.ts';
import { SalesforceActivities } from './activities.ts';
import { offeredVersions, versionProblem } from './api-version.ts';
import { bulkWriter } from './bulk/index.ts';
import { type CampaignSettings, Campaigns } from './campaigns.ts';
import { type SalesforceClient, type SalesforceOptions, salesforceClient } from './client.ts';
import { Describes } from './describe.ts';
import { examine } from './doctor.ts';
import { failureOf } from './failure.ts';
import { orHidden } from './hidden.ts';
import type { AccountMatching } from './match-accounts.ts';
import type { PeopleMatching } from './match-people.ts';
import { addMembers } from './members.ts';
import { orgId } from './org-id.ts';
import { isAbsent, outcomeOf, remedyOf, UNSUPPORTED_VERSION } from './outcomes.ts';
import { Owners } from './owners.ts';
import { writePeople } from './people.ts';
import { salesforceReads } from './reads.ts';
import { checkSchema } from './schema.ts';
import { setup } from './setup.ts';
import { query } from './soql.ts';
import { addLines, ClosedStatus } from './task-lines.ts';
import { createTasks } from './tasks.ts';

export type { SalesforceAuth, SalesforceOptions } from './client.ts';

/** By which fields, and in which order, records of ours are found again. */
export interface Ours {
  account: AccountMatching;
  people: PeopleMatching;
  taskKey: string;
  memberKey: string;
  /** Of campaigns that we make. */
  campaign: Omit<CampaignSettings, 'now'>;
  /** The status that closes a task; null: as the org says. */
  closedStatus: string | null;
}

const SHIPPED: Ours = {
  account: { key: 'PQL_Account_Id__c', order: ['link', 'unique', 'domain'] },
  people: { key: null, order: ['link', 'email'] },
  taskKey: 'PQL_Key__c',
  memberKey: 'PQL_Key__c',
  campaign: { type: null, statuses: [] },
  closedStatus: null,
};

/** Salesforce: Accounts, Contacts and Leads, CampaignMembers, Tasks, through jsforce's request layer. */
export function salesforceConnector(options: SalesforceOptions & { ours?: Partial<Ours> }): CrmConnector & {
  readonly bulk: BulkWriter;
} {
  const client = salesforceClient(options);
  const { account, taskKey, memberKey, people, ...ours } = { ...SHIPPED, ...options.ours };
  const describes = new Describes(client);
  let zone = 'UTC';
  const now = () => Date.now();
  const campaigns = new Campaigns(client, { ...ours.campaign, now });
  const owners = new Owners(client, now);
  const recent = new RecentDomains({ now });
  const activities = new SalesforceActivities(client, describes, options.apiVersion, taskKey);
  const closedStatus = new ClosedStatus(client, ours.closedStatus, now);
  return {
    name: 'salesforce',
    connect: async () => ({
      connection: `salesforce:${await reached(connected(client, options.apiVersion))}`,
    }),
    checkSchema: async (fields, creates = []) => {
      const problems = await reached(checkSchema(describes, fields, creates));
      // Asked only where it matters: what a day is decides over dates alone.
      zone = fields.some(({ type }) => type === 'date') ? await reached(zoneOf(client)) : zone;
      return problems;
    },
    zone: () => zone,
    examine: (examination) => examine(client, describes, options.apiVersion, examination),
    setup: (fields, names, apply, deals = false) =>
      reached(setup(client, describes, campaigns, { fields, campaigns: names, deals }, apply)),
    reads: salesforceReads(client, describes, activities),
    writeAccounts: (changes) => writeAccounts(client, describes, account, recent, changes),
    writePeople: (changes) => writePeople(client, describes, people, changes),
    addMembers: (changes) => addMembers(client, campaigns, memberKey, changes),
    createTasks: async (changes) => {
      const outcomes = await createTasks(client, describes, taskKey, changes);
      if ([...outcomes.values()].some((outcome) => outcome.state === 'parked' && outcome.ownerRefused)) {
        owners.forget();
      }
      return outcomes;
    },
    tasks: {
      owners: (names, ids) => owners.find(names, ids),
      accountOwners: (ids) => owners.ofAccounts(ids),
      addLines: (lines) => addLines(client, closedStatus, lines),
      unknownOwners: (names) => owners.unknown(names),
    },
    bulk: bulkWriter(client, describes, { account, people, recent }),
    // A user who may not see the list is answered 403, with the same header.
    askBudget: () => client.request('GET', '/limits').then(ignored, ignored),
    close: async () => {},
  };
}

/** A version that the org does not offer makes every object look absent: it is asked for first. */
async function connected(client: SalesforceClient, version: string): Promise<string> {
  const problem = versionProblem(version, await offeredVersions(client).catch(unlisted));
  if (problem !== null) {
    throw Object.assign(new Error(problem), { name: UNSUPPORTED_VERSION });
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

/** The org's own time zone, in which its users see dates; UTC where the user may not ask. */
async function zoneOf(client: SalesforceClient): Promise<string> {
  const soql = 'SELECT TimeZoneSidKey FROM Organization LIMIT 1';
  const [org] = await orHidden(query<{ TimeZoneSidKey: string | null }>(client, soql), []);
  return org?.TimeZoneSidKey ?? 'UTC';
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
