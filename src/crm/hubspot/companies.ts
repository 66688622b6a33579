import { chunks, chunksOfTexts } from '../../shared/rounds.ts';
import { MINUTE } from '../../shared/time.ts';
import type { AccountChange, Outcome, Outcomes } from '../../sync/crm.ts';
import { companyTaken, requiredMissing, severalMatch } from '../../sync/refused.ts';
import type { RecentDomains } from '../recent-domains.ts';
import { settleAll } from '../settle-all.ts';
import type { HubspotApi } from './client.ts';
import { toProperties } from './fields.ts';
import { readRecords, searchRecords } from './lookup.ts';
import { hasDomain, type Match, pickCompany } from './match.ts';
import { isRefusedRequest, lacksProperty } from './outcomes.ts';
import { type Adoption, adoptRecords, type Creation, createMissing, updateLinked } from './records.ts';
import type { CrmRecord, Failure, Reply } from './reply.ts';

/**
 * One company per account: by link, else as the mapping's match order says (our unique property, domain), else created
 * if allowed.
 *
 * Promise: two runs never make two companies for one account, whatever answer is lost, because a create carries the
 * unique property. Limit: a company that a person made within the last seconds may not be in the search index yet.
 */
export async function writeCompanies(
  api: HubspotApi,
  recent: RecentDomains,
  changes: AccountChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  // Side by side: whoever is new waits for a search's turn, which is none of the others' business.
  await Promise.all([
    updateLinked(api, 'companies', changes, outcomes),
    unlinked.length === 0 ? null : writeUnlinked(api, recent, unlinked, outcomes),
  ]);
  return outcomes;
}

async function writeUnlinked(
  api: HubspotApi,
  recent: RecentDomains,
  unlinked: AccountChange[],
  outcomes: Outcomes,
): Promise<void> {
  const matches = await findCompanies(api, unlinked);
  if (!matches.ok) {
    settleAll(unlinked, lookupOutcome(api, matches.failure), outcomes);
    return;
  }
  const { adoptions, creations } = plan(api, recent, unlinked, matches.data, outcomes);
  await adoptRecords(api, 'companies', adoptions, outcomes);
  await createMissing(api, 'companies', creations, api.keys.company, outcomes);
  for (const { change } of creations) {
    // Also when the answer was lost: the company may be there.
    if (change.domain !== null && outcomes.get(change.key)?.state !== 'parked') {
      recent.note(change.domain, change.key);
    }
  }
}

type Matches = Map<string, Match | { kind: 'unknown'; failure: Failure }>;

/** Each way of the mapping's match order is tried for those that no earlier one has found. */
async function findCompanies(api: HubspotApi, changes: AccountChange[]): Promise<Reply<Matches>> {
  const matches: Matches = new Map();
  for (const way of api.match.company) {
    const rest = changes.filter(({ key }) => !matches.has(key));
    const failure =
      way === 'unique'
        ? await findByKey(api, rest, matches)
        : way === 'domain'
          ? await findByDomain(api, rest, matches)
          : null;
    if (failure !== null) {
      return { ok: false, failure };
    }
  }
  return { ok: true, data: matches };
}

function wanted(api: HubspotApi): string[] {
  return [api.keys.company, 'domain', 'hs_additional_domains', 'createdate'];
}

async function findByKey(
  api: HubspotApi,
  changes: AccountChange[],
  matches: Matches,
): Promise<Failure | null> {
  const keys = changes.map(({ key }) => key);
  const byKey = await readRecords(api, 'companies', keys, wanted(api), api.keys.company);
  if (!byKey.ok) {
    return byKey.failure;
  }
  for (const record of byKey.data) {
    matches.set(record.properties[api.keys.company] ?? '', { kind: 'found', how: 'unique', record });
  }
  return null;
}

async function findByDomain(
  api: HubspotApi,
  changes: AccountChange[],
  matches: Matches,
): Promise<Failure | null> {
  const rest = changes.filter(({ domain }) => domain !== null);
  const found = await searchPrimary(api, domainsOf(rest), wanted(api));
  if (!found.ok) {
    return found.failure;
  }
  const candidatesOf = (domain: string | null, among: CrmRecord[]) =>
    among.filter((record) => hasDomain(record, domain ?? ''));
  const missing = rest.filter(
    ({ create, domain }) => create && candidatesOf(domain, found.data).length === 0,
  );
  const additional = await searchAdditional(api, domainsOf(missing), wanted(api));
  for (const { key, domain } of rest) {
    const failure = additional.failed.get(domain ?? '');
    const candidates = candidatesOf(domain, [...found.data, ...additional.found]);
    const match = pickCompany({ key, domain }, candidates, api.keys.company, api.several.company);
    if (failure !== undefined) {
      matches.set(key, { kind: 'unknown', failure });
    } else if (match.kind !== 'none') {
      matches.set(key, match);
    }
  }
  return null;
}

/** HubSpot takes 100 values of one filter, and a search of 3,000 characters in all. */
const VALUES_MAX = 100;
const VALUES_LENGTH = 2_500;

async function searchPrimary(
  api: HubspotApi,
  domains: string[],
  properties: string[],
): Promise<Reply<CrmRecord[]>> {
  const found: CrmRecord[] = [];
  for (const values of chunksOfTexts(domains, VALUES_MAX, VALUES_LENGTH)) {
    const groups = [{ filters: [{ propertyName: 'domain', operator: 'IN' as const, values }] }];
    const reply = await searchRecords(api, 'companies', groups, properties);
    if (!reply.ok) {
      return reply;
    }
    found.push(...reply.data);
  }
  return { ok: true, data: found };
}

/**
 * Companies that have one of the domains beside their primary one. Only asked for accounts that would be created, for
 * a call takes no more than four domains. HubSpot allows five searches a second: when it says so, the domains that
 * were searched go on and only the others wait, so that a large first run always gets further.
 */
async function searchAdditional(api: HubspotApi, domains: string[], properties: string[]) {
  const found: CrmRecord[] = [];
  const failed = new Map<string, Failure>();
  let failure: Failure | null = null;
  for (const part of chunks(domains, 4)) {
    const groups = part.map((value) => ({
      filters: [{ propertyName: 'hs_additional_domains', operator: 'CONTAINS_TOKEN' as const, value }],
    }));
    const reply: Reply<CrmRecord[]> =
      failure === null ? await searchRecords(api, 'companies', groups, properties) : { ok: false, failure };
    if (reply.ok) {
      found.push(...reply.data);
    } else if (!isRefusedRequest(reply.failure)) {
      failure = reply.failure;
      for (const domain of part) {
        failed.set(domain, reply.failure);
      }
    }
  }
  return { found, failed };
}

function domainsOf(changes: AccountChange[]): string[] {
  return [...new Set(changes.flatMap(({ domain }) => (domain === null ? [] : [domain])))];
}

/** Who is adopted, who is created; everybody else has an outcome already. */
function plan(
  api: HubspotApi,
  recent: RecentDomains,
  changes: AccountChange[],
  matches: Matches,
  outcomes: Outcomes,
) {
  const adoptions: Adoption<AccountChange>[] = [];
  const creations: Creation<AccountChange>[] = [];
  const takenBy = new Map<string, string>();
  // A mapping that does not go by the domain lets several companies have one.
  const byDomain = api.match.company.includes('domain');
  const lately = (match: Match, { domain, key }: AccountChange) =>
    match.kind === 'none' && byDomain && domain !== null ? recent.rivalOf(domain, key) : undefined;
  for (const change of changes) {
    const match = matches.get(change.key) ?? ({ kind: 'none' } as const);
    if (match.kind === 'unknown') {
      outcomes.set(change.key, api.outcome(match.failure, 'repeatable'));
      continue;
    }
    if (match.kind === 'several') {
      const ids = match.records.map(({ id }) => id);
      outcomes.set(change.key, severalMatch(`companies have the domain ${change.domain}`, ids));
      continue;
    }
    const place = match.kind === 'none' ? `domain ${change.domain}` : `company ${match.record.id}`;
    const rival = match.kind === 'taken' ? match.by : (takenBy.get(place) ?? lately(match, change));
    const extra = { [api.keys.company]: change.key };
    if (rival !== undefined) {
      outcomes.set(change.key, companyTaken(change, `the ${place} in HubSpot`, rival, api.keys.company));
    } else if (match.kind === 'found') {
      const { record, how, note } = match;
      adoptions.push({ change, crmId: record.id, extra, how, note });
    } else if (change.create) {
      const properties = {
        ...toProperties({ ...change.createFields, ...change.allFields }),
        ...extra,
      };
      if (!properties.name && !properties.domain) {
        outcomes.set(change.key, requiredMissing('company', ['name or domain']));
        continue;
      }
      creations.push({ change, properties, associations: [] });
    } else {
      const reason = 'no company has this key or domain, and none may be created now';
      outcomes.set(change.key, { state: 'skipped', code: 'no_match', reason });
      continue;
    }
    if (match.kind !== 'none' || (byDomain && change.domain !== null)) {
      takenBy.set(place, rival ?? change.key);
    }
  }
  return { adoptions, creations };
}

function lookupOutcome(api: HubspotApi, failure: Failure): Outcome {
  if (!lacksProperty(failure)) {
    return api.outcome(failure, 'repeatable');
  }
  const reason = `company property ${api.keys.company} is missing or not unique: run \`pql crm setup --apply\``;
  return { state: 'halt', afterMs: 5 * MINUTE, code: 'missing_key', reason };
}
