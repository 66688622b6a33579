import type { SalesforceClient } from './client.ts';

/** The version of the API that we speak unless SALESFORCE_API_VERSION names another; nothing else spells one out. */
export const DEFAULT_VERSION = '64.0';

interface Offered {
  version: string;
}

/** The versions that the org offers, oldest first; null when it does not list them. Throws what the client throws. */
export async function offeredVersions(client: SalesforceClient): Promise<string[] | null> {
  const offered = await client.request<Offered[]>('GET', '/services/data');
  if (!Array.isArray(offered)) {
    return null;
  }
  const versions = offered.map((one) => one?.version).filter((version) => typeof version === 'string');
  return versions.length === 0 ? null : versions.sort((a, b) => Number(a) - Number(b));
}

/** Why `version` cannot be used with an org that offers these; null: it can. */
export function versionProblem(version: string, offered: readonly string[] | null): string | null {
  if (offered === null || offered.includes(version)) {
    return null;
  }
  return `the org offers API versions ${offered[0]} to ${offered.at(-1)}, not ${version}`;
}
