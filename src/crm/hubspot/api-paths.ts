/**
 * HubSpot's paths in every version that we speak; nothing else spells one out. `v3` stands for v3 with associations
 * of v4: HubSpot supports v4 until 30 March 2027 and v3 until September 2027. `2026-09` replaces both; below their
 * bases the paths, and the bodies of our calls, are the same (https://developers.hubspot.com/docs/api-reference).
 */
export const HUBSPOT_VERSIONS = ['v3', '2026-09'] as const;
export type HubspotVersion = (typeof HUBSPOT_VERSIONS)[number];

export const DEFAULT_VERSION: HubspotVersion = 'v3';

/** From when on a version may be refused, UTC; null: HubSpot has not said. */
export const UNSUPPORTED_FROM: Record<HubspotVersion, string | null> = { v3: '2027-03-30', '2026-09': null };

type Area =
  | 'account'
  | 'objects'
  | 'properties'
  | 'associations'
  | 'lists'
  | 'owners'
  | 'pipelines'
  | 'campaigns';

const BASES: Record<HubspotVersion, Record<Area, string>> = {
  v3: {
    account: '/account-info/v3',
    objects: '/crm/v3/objects',
    properties: '/crm/v3/properties',
    associations: '/crm/v4/associations',
    lists: '/crm/v3/lists',
    owners: '/crm/v3/owners/',
    pipelines: '/crm/v3/pipelines',
    campaigns: '/marketing/v3/campaigns',
  },
  '2026-09': {
    account: '/account-info/2026-09',
    objects: '/crm/objects/2026-09',
    properties: '/crm/properties/2026-09',
    associations: '/crm/associations/2026-09',
    lists: '/crm/lists/2026-09',
    owners: '/crm/owners/2026-09',
    pipelines: '/crm/pipelines/2026-09',
    campaigns: '/marketing/campaigns/2026-09',
  },
};

/** What a call asks for: method and path, query included. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  path: string;
}

const GET = (path: string): Endpoint => ({ method: 'GET', path });
const POST = (path: string): Endpoint => ({ method: 'POST', path });
const PUT = (path: string): Endpoint => ({ method: 'PUT', path });
const PATCH = (path: string): Endpoint => ({ method: 'PATCH', path });

/** Every call that we make, in one version of the API. */
export function apiPaths(version: HubspotVersion) {
  const at = BASES[version];
  const property = (object: string, name: string) => `${at.properties}/${object}/${part(name)}`;
  return {
    account: () => GET(`${at.account}/details`),
    usage: () => GET(`${at.account}/api-usage/daily/private-apps`),
    /** Any one record: the cheapest call that needs the scope to read an object. */
    oneRecord: (object: string) => GET(`${at.objects}/${object}?limit=1`),
    /** By itself: what is not there is answered by a clear no. */
    record: (object: string, id: string) => GET(`${at.objects}/${object}/${part(id)}`),
    batch: (object: string, what: 'create' | 'read' | 'update') =>
      POST(`${at.objects}/${object}/batch/${what}`),
    search: (object: string) => POST(`${at.objects}/${object}/search`),
    properties: (object: string) => GET(`${at.properties}/${object}`),
    property: (object: string, name: string) => GET(property(object, name)),
    makeProperty: (object: string) => POST(`${at.properties}/${object}`),
    changeProperty: (object: string, name: string) => PATCH(property(object, name)),
    group: (object: string, name: string) => GET(`${at.properties}/${object}/groups/${part(name)}`),
    makeGroup: (object: string) => POST(`${at.properties}/${object}/groups`),
    associate: (from: string, to: string) => POST(`${at.associations}/${from}/${to}/batch/associate/default`),
    associated: (from: string, to: string) => POST(`${at.associations}/${from}/${to}/batch/read`),
    listNamed: (objectTypeId: string, name: string) =>
      GET(`${at.lists}/object-type-id/${objectTypeId}/name/${part(name)}`),
    makeList: () => POST(at.lists),
    addToList: (listId: string) => PUT(`${at.lists}/${part(listId)}/memberships/add`),
    /** `archived`: those who left, who are on a list of their own. */
    owners: (after: string | null, archived = false) =>
      GET(`${at.owners}?limit=100&archived=${archived}${after === null ? '' : `&after=${part(after)}`}`),
    pipelines: (object: string) => GET(`${at.pipelines}/${object}`),
    campaign: (id: string) => GET(`${at.campaigns}/${part(id)}`),
    /** Every marketing campaign whose name contains the text. */
    campaignsNamed: (name: string) => GET(`${at.campaigns}?name=${part(name)}&properties=hs_name&limit=100`),
    attachList: (campaign: string, listId: string) =>
      PUT(`${at.campaigns}/${part(campaign)}/assets/OBJECT_LIST/${part(listId)}`),
  };
}

export type ApiPaths = ReturnType<typeof apiPaths>;

function part(text: string): string {
  return encodeURIComponent(text);
}
