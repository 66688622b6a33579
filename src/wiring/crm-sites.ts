import type { Config } from '../config.ts';
import type { CrmSites } from '../read-model/feed.ts';

/** Where people look at the CRMs' records: of a stand-in nowhere, and of Salesforce where its login is the org's own domain. */
export function crmSites(
  config: Pick<Config, 'HUBSPOT_ACCESS_TOKEN' | 'HUBSPOT_BASE_URL' | 'SALESFORCE_LOGIN_URL'>,
): CrmSites {
  const { HUBSPOT_ACCESS_TOKEN: token, HUBSPOT_BASE_URL: base, SALESFORCE_LOGIN_URL: login } = config;
  const isHubspot = token !== undefined && new URL(base).hostname.endsWith('.hubapi.com');
  const org = login === undefined ? null : new URL(login);
  return {
    hubspot: isHubspot ? 'https://app.hubspot.com' : null,
    salesforce: org?.hostname.endsWith('.my.salesforce.com') ? org.origin : null,
  };
}
