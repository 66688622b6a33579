import { MINUTE } from '../../shared/time.ts';
import type { AccountChange, Outcome, Outcomes } from '../../sync/crm.ts';
import { readRecords, searchRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { toProperties } from './fields.ts';
import { hasDomain, type Match, pickCompany } from './match.ts';
import { isRefusedRequest, lacksProperty } from './outcomes.ts';
import {
  type Adoption,
  adoptRecords,
  type Creation,
  createMissing,
  settleAll,
  updateLinked,
} from './records.ts';
import type { CrmRecord, Failure, Reply } from './reply.ts';
import { chunks } from './rounds.ts';

/**
 * One company per account: by link, else by our unique property, else by domain, else created if allowed.
 *
 * Promise: two runs never make two companies for one account, whatever answer is lost, because a create carries the
 * unique property. Limit: a company that a person made within the last seconds may not be in the search index yet.
 */
export async function writeCompanies(api: HubspotApi, changes: AccountChange[]): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  await updateLinked(api, 'companies', changes, outcomes);
  const unlinked = changes.filter(({ crmId }) => crmId === null);
  if (unlinked.length === 0) {
    return outcomes;
  }
  const matches = await findCompanies(api, unlinked);
  if (!matches.ok) {
    settleAll(unlinked, lookupOutcome(api, matches.failure), outcomes);
    return outcomes;
  }
  const { adoptions, creations } = plan(api, unlinked, matches.data, outcomes);
  await adoptRecords(api, 'companies', adoptions, outcomes);
  await createMissing(api, 'companies', creations, api.keys.company, outcomes);
  return outcomes;
}

type Matches = Map<string, Match>;

async function findCompanies(api: HubspotApi, changes: AccountChange[]): Promise<Reply<Matches>> {
  const properties = [api.keys.company, 'domain', 'hs_additional_domains', 'createdate'];
  const keys = changes.map(({ key }) => key);
  const byKey = await readRecords(api, 'companies', keys, properties, api.keys.company);
  if (!byKey.ok) {
    return byKey;
  }
  const matches: Matches = new Map();
  for (const record of byKey.data) {
    matches.set(record.properties[api.keys.company] ?? '', { kind: 'found', record });
  }
  const rest = changes.filter(({ key, domain }) => !matches.has(key) && domain !== null);
  const byDomain = await searchByDomain(api, rest, properties);
  return byDomain.ok ? { ok: true, data: pickEach(api, rest, byDomain.data, matches) } : byDomain;
}

/** Additional domains are asked for only when a company would be created: that search takes four domains a call. */
async function searchByDomain(
  api: HubspotApi,
  changes: AccountChange[],
  properties: string[],
): Promise<Reply<CrmRecord[]>> {
  const found: CrmRecord[] = [];
  for (const part of chunks(domainsOf(changes), 100)) {
    const groups = [{ filters: [{ propertyName: 'domain', operator: 'IN' as const, values: part }] }];
    const reply = await searchRecords(api, 'companies', groups, properties);
    if (!reply.ok) {
      return reply;
    }
    found.push(...reply.data);
  }
  const missing = changes.filter(
    ({ create, domain }) => create && !found.some((record) => hasDomain(record, domain ?? '')),
  );
  for (const part of chunks(domainsOf(missing), 4)) {
    const groups = part.map((value) => ({
      filters: [{ propertyName: 'hs_additional_domains', operator: 'CONTAINS_TOKEN' as const, value }],
    }));
    const reply = await searchRecords(api, 'companies', groups, properties);
    if (!reply.ok && !isRefusedRequest(reply.failure)) {
      return reply;
    }
    found.push(...(reply.ok ? reply.data : []));
  }
  return { ok: true, data: found };
}

function domainsOf(changes: AccountChange[]): string[] {
  return [...new Set(changes.flatMap(({ domain }) => (domain === null ? [] : [domain])))];
}

function pickEach(api: HubspotApi, changes: AccountChange[], found: CrmRecord[], matches: Matches): Matches {
  for (const change of changes) {
    const candidates = found.filter((record) => hasDomain(record, change.domain ?? ''));
    matches.set(change.key, pickCompany(change, candidates, api.keys.company));
  }
  return matches;
}

/** Who is adopted, who is created; everybody else has an outcome already. */
function plan(api: HubspotApi, changes: AccountChange[], matches: Matches, outcomes: Outcomes) {
  const adoptions: Adoption<AccountChange>[] = [];
  const creations: Creation<AccountChange>[] = [];
  const takenBy = new Map<string, string>();
  for (const change of changes) {
    const match = matches.get(change.key) ?? { kind: 'none' };
    const place = match.kind === 'none' ? `domain ${change.domain}` : `company ${match.record.id}`;
    const rival = match.kind === 'taken' ? match.by : takenBy.get(place);
    const properties = { ...toProperties(change.allFields), [api.keys.company]: change.key };
    if (rival !== undefined) {
      outcomes.set(change.key, taken(place, rival));
    } else if (match.kind === 'found') {
      adoptions.push({ change, crmId: match.record.id, properties, note: match.note });
    } else if (change.create) {
      creations.push({
        change,
        properties: { ...toProperties(change.createFields), ...properties },
        associations: [],
      });
    } else {
      const reason = 'no company has this key or domain, and none may be created now';
      outcomes.set(change.key, { state: 'skipped', code: 'no_match', reason });
      continue;
    }
    if (match.kind !== 'none' || change.domain !== null) {
      takenBy.set(place, rival ?? change.key);
    }
  }
  return { adoptions, creations };
}

function taken(place: string, by: string): Outcome {
  return {
    state: 'parked',
    code: 'company_taken',
    reason: `the ${place} in HubSpot already belongs to account ${by}`,
    remedy: 'give one of the two accounts its own company in HubSpot, then `pql errors retry`',
  };
}

function lookupOutcome(api: HubspotApi, failure: Failure): Outcome {
  if (!lacksProperty(failure)) {
    return api.outcome(failure, 'repeatable');
  }
  const reason = `company property ${api.keys.company} is missing or not unique: run \`pql crm setup --apply\``;
  return { state: 'halt', afterMs: 5 * MINUTE, code: 'missing_key', reason };
}
