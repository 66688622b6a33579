import { expect, it } from 'vitest';
import { type ApiPaths, apiPaths, HUBSPOT_VERSIONS } from '../../../../src/crm/hubspot/api-paths.ts';

/** Every call in both versions, spelt out: as the reference of each version has it. */
const ROWS: [string, (paths: ApiPaths) => { method: string; path: string }, string, string][] = [
  ['account', (p) => p.account(), 'GET /account-info/v3/details', 'GET /account-info/2026-09/details'],
  [
    'usage',
    (p) => p.usage(),
    'GET /account-info/v3/api-usage/daily/private-apps',
    'GET /account-info/2026-09/api-usage/daily/private-apps',
  ],
  [
    'one record',
    (p) => p.oneRecord('companies'),
    'GET /crm/v3/objects/companies?limit=1',
    'GET /crm/objects/2026-09/companies?limit=1',
  ],
  [
    'a record',
    (p) => p.record('deals', '4711'),
    'GET /crm/v3/objects/deals/4711',
    'GET /crm/objects/2026-09/deals/4711',
  ],
  [
    'batch update',
    (p) => p.batch('companies', 'update'),
    'POST /crm/v3/objects/companies/batch/update',
    'POST /crm/objects/2026-09/companies/batch/update',
  ],
  [
    'search',
    (p) => p.search('tasks'),
    'POST /crm/v3/objects/tasks/search',
    'POST /crm/objects/2026-09/tasks/search',
  ],
  [
    'properties',
    (p) => p.properties('contacts'),
    'GET /crm/v3/properties/contacts',
    'GET /crm/properties/2026-09/contacts',
  ],
  [
    'property',
    (p) => p.property('contacts', 'lifecyclestage'),
    'GET /crm/v3/properties/contacts/lifecyclestage',
    'GET /crm/properties/2026-09/contacts/lifecyclestage',
  ],
  [
    'a property to make',
    (p) => p.makeProperty('companies'),
    'POST /crm/v3/properties/companies',
    'POST /crm/properties/2026-09/companies',
  ],
  [
    'a property to change',
    (p) => p.changeProperty('companies', 'pql_tier'),
    'PATCH /crm/v3/properties/companies/pql_tier',
    'PATCH /crm/properties/2026-09/companies/pql_tier',
  ],
  [
    'group',
    (p) => p.group('companies', 'pql'),
    'GET /crm/v3/properties/companies/groups/pql',
    'GET /crm/properties/2026-09/companies/groups/pql',
  ],
  [
    'a group to make',
    (p) => p.makeGroup('companies'),
    'POST /crm/v3/properties/companies/groups',
    'POST /crm/properties/2026-09/companies/groups',
  ],
  [
    'associate',
    (p) => p.associate('contacts', 'companies'),
    'POST /crm/v4/associations/contacts/companies/batch/associate/default',
    'POST /crm/associations/2026-09/contacts/companies/batch/associate/default',
  ],
  [
    'associated',
    (p) => p.associated('deals', 'companies'),
    'POST /crm/v4/associations/deals/companies/batch/read',
    'POST /crm/associations/2026-09/deals/companies/batch/read',
  ],
  [
    'list by name',
    (p) => p.listNamed('0-1', 'PQL / MQL'),
    'GET /crm/v3/lists/object-type-id/0-1/name/PQL%20%2F%20MQL',
    'GET /crm/lists/2026-09/object-type-id/0-1/name/PQL%20%2F%20MQL',
  ],
  ['a list to make', (p) => p.makeList(), 'POST /crm/v3/lists', 'POST /crm/lists/2026-09'],
  [
    'members',
    (p) => p.addToList('42'),
    'PUT /crm/v3/lists/42/memberships/add',
    'PUT /crm/lists/2026-09/42/memberships/add',
  ],
  [
    'owners',
    (p) => p.owners('7'),
    'GET /crm/v3/owners/?limit=100&archived=false&after=7',
    'GET /crm/owners/2026-09?limit=100&archived=false&after=7',
  ],
  [
    'pipelines',
    (p) => p.pipelines('deals'),
    'GET /crm/v3/pipelines/deals',
    'GET /crm/pipelines/2026-09/deals',
  ],
  [
    'a marketing campaign',
    (p) => p.campaign('g-1'),
    'GET /marketing/v3/campaigns/g-1',
    'GET /marketing/campaigns/2026-09/g-1',
  ],
  [
    'marketing campaigns by name',
    (p) => p.campaignsNamed('Spring & more'),
    'GET /marketing/v3/campaigns?name=Spring%20%26%20more&properties=hs_name&limit=100',
    'GET /marketing/campaigns/2026-09?name=Spring%20%26%20more&properties=hs_name&limit=100',
  ],
  [
    'a list of a marketing campaign',
    (p) => p.attachList('g-1', '42'),
    'PUT /marketing/v3/campaigns/g-1/assets/OBJECT_LIST/42',
    'PUT /marketing/campaigns/2026-09/g-1/assets/OBJECT_LIST/42',
  ],
];

it.each(ROWS)('%s', (_what, call, ...expected) => {
  const spelt = HUBSPOT_VERSIONS.map((version) => call(apiPaths(version)));
  expect(spelt.map(({ method, path }) => `${method} ${path}`)).toEqual(expected);
});

it('every call of the table is in this list', () => {
  expect(ROWS).toHaveLength(Object.keys(apiPaths('v3')).length);
});
