import { MINUTE } from '../../shared/time.ts';
import { type CrmConnector, failedRead } from '../../sync/crm.ts';
import { BATCH_MAX, readRecords } from './batch.ts';
import { HubspotApi, type HubspotOptions } from './client.ts';
import { writeCompanies } from './companies.ts';
import { writeContacts } from './contacts.ts';
import { examine } from './doctor.ts';
import { ContactLists } from './lists.ts';
import { CampaignMembers } from './members.ts';
import { readPortal } from './portal.ts';
import { RecentDomains } from './recent-domains.ts';
import { checkFields } from './schema.ts';
import { setUp } from './setup.ts';
import { createTasks } from './tasks.ts';
import { UniqueKey } from './unique-key.ts';

export type { HubspotOptions } from './client.ts';

/** HubSpot through its official client, in the version of the API that `options` names (`api-paths.ts`). */
export function hubspotConnector(options: HubspotOptions): CrmConnector {
  const api = new HubspotApi(options);
  const recent = new RecentDomains(options.clock);
  const lists = new ContactLists(api);
  const members = new CampaignMembers(api, lists);
  const personKey = new UniqueKey('contacts', api.keys.contact, 10 * MINUTE);
  const taskKey = new UniqueKey('tasks', api.keys.task, 0);
  return {
    name: 'hubspot',
    limits: { accounts: BATCH_MAX, people: BATCH_MAX, members: BATCH_MAX, tasks: BATCH_MAX },
    connect: async () => {
      const { portalId, timeZone } = await readPortal(api);
      api.timeZone = timeZone;
      return { connection: `hubspot:${portalId}` };
    },
    checkSchema: (fields) => checkFields(api, fields, options.stages ?? []),
    examine: (examination) => examine(api, lists, options.stages ?? [], examination),
    setup: (fields, campaigns, apply) => setUp(api, lists, fields, campaigns, apply),
    readAccounts: async (crmIds, fields) => {
      const reply = await readRecords(api, 'companies', [...crmIds], [...fields]);
      return reply.ok
        ? { state: 'read', records: new Map(reply.data.map(({ id, properties }) => [id, properties])) }
        : failedRead(api.outcome(reply.failure, 'repeatable'));
    },
    writeAccounts: (changes) => writeCompanies(api, recent, changes),
    writePeople: (changes) => writeContacts(api, personKey, changes),
    addMembers: (changes) => members.add(changes),
    createTasks: (changes) => createTasks(api, taskKey, changes),
    budget: () => api.budget(),
    close: async () => {},
  };
}
