import { type CrmConnector, CrmUnreachable } from '../../sync/crm.ts';
import { writeAccounts } from './accounts.ts';
import { addMembers } from './campaigns.ts';
import { type SalesforceOptions, salesforceClient } from './client.ts';
import { COLLECTION_MAX } from './collections.ts';
import { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { outcomeOf } from './outcomes.ts';
import { writePeople } from './people.ts';
import { checkSchema } from './schema.ts';
import { setup } from './setup.ts';
import { query } from './soql.ts';
import { createTasks } from './tasks.ts';

export type { SalesforceAuth, SalesforceOptions } from './client.ts';

/** Salesforce: Accounts, Contacts and Leads, CampaignMembers, Tasks, through jsforce's request layer. */
export function salesforceConnector(options: SalesforceOptions): CrmConnector {
  const client = salesforceClient(options);
  const describes = new Describes(client);
  return {
    name: 'salesforce',
    limits: {
      accounts: COLLECTION_MAX,
      people: COLLECTION_MAX,
      members: COLLECTION_MAX,
      tasks: COLLECTION_MAX,
    },
    connect: async () => {
      const [org] = await reached(query<{ Id: string }>(client, 'SELECT Id FROM Organization LIMIT 1'));
      return { connection: `salesforce:${org?.Id ?? 'unknown'}` };
    },
    checkSchema: (fields) => reached(checkSchema(describes, fields)),
    setup: (fields, campaigns, apply) => reached(setup(client, describes, fields, campaigns, apply)),
    writeAccounts: (changes) => writeAccounts(client, changes),
    writePeople: (changes) => writePeople(client, describes, changes),
    addMembers: (changes) => addMembers(client, changes),
    createTasks: (changes) => createTasks(client, describes, changes),
    budget: () => client.budget(),
    close: async () => {},
  };
}

/** What stops a set-up call is the connection: waiting helps, or the credentials are wrong. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const failure = failureOf(error);
    const outcome = outcomeOf(failure, 'harmless');
    throw new CrmUnreachable(
      `Salesforce: ${failure.code}: ${failure.message}`,
      outcome.state === 'halt' || outcome.state === 'parked',
    );
  }
}
