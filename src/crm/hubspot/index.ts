import { MINUTE } from '../../shared/time.ts';
import type { CrmConnector } from '../../sync/crm.ts';
import { RecentDomains } from '../recent-domains.ts';
import { HubspotApi, type HubspotOptions } from './client.ts';
import { writeCompanies } from './companies.ts';
import { writeContacts } from './contacts.ts';
import { examine } from './doctor.ts';
import { ContactLists } from './lists.ts';
import { MarketingCampaign } from './marketing.ts';
import { CampaignMembers } from './members.ts';
import { Owners } from './owners.ts';
import { readPortal } from './portal.ts';
import { hubspotReads } from './reads.ts';
import { checkFields } from './schema.ts';
import { setUp } from './setup.ts';
import { addLines } from './task-lines.ts';
import { createTasks } from './tasks.ts';
import { UniqueKey } from './unique-key.ts';

export type { HubspotOptions } from './client.ts';

/** HubSpot through its official client, in the version of the API that `options` names (`api-paths.ts`). */
export function hubspotConnector(options: HubspotOptions): CrmConnector {
  const api = new HubspotApi(options);
  const recent = new RecentDomains(options.clock);
  const lists = new ContactLists(api);
  const marketing = new MarketingCampaign(api, options.marketingCampaign ?? null);
  const members = new CampaignMembers(api, lists, marketing);
  const owners = new Owners(api);
  const contactValues = { stages: options.stages ?? [], leadStatuses: options.leadStatuses ?? [] };
  const personKey = new UniqueKey('contacts', api.keys.contact, 10 * MINUTE);
  const taskKey = new UniqueKey('tasks', api.keys.task, 0);
  return {
    name: 'hubspot',
    connect: async () => {
      const { portalId, timeZone } = await readPortal(api);
      api.timeZone = timeZone;
      return { connection: `hubspot:${portalId}` };
    },
    zone: () => api.timeZone,
    checkSchema: async (fields, creates = []) => [
      ...(await checkFields(api, fields, contactValues, creates)),
      ...(await marketing.check()),
    ],
    examine: (examination) => examine(api, { lists, owners, marketing, contactValues }, examination),
    setup: (fields, campaigns, apply) => setUp(api, lists, fields, campaigns, apply),
    reads: hubspotReads(api),
    writeAccounts: (changes) => writeCompanies(api, recent, changes),
    writePeople: (changes) => writeContacts(api, personKey, changes),
    addMembers: (changes) => members.add(changes),
    createTasks: async (changes) => {
      const outcomes = await createTasks(api, taskKey, changes);
      if ([...outcomes.values()].some((outcome) => outcome.state === 'parked' && outcome.ownerRefused)) {
        owners.forget();
      }
      return outcomes;
    },
    tasks: {
      owners: () => owners.active(),
      accountOwners: (ids) => owners.ofCompanies(ids),
      addLines: (lines) => addLines(api, lines),
      unknownOwners: (names) => owners.unknown(names),
    },
    askBudget: () => api.askBudget(),
    close: async () => {},
  };
}
