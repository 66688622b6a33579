import { z } from 'zod';
import type { Examination, Finding, MappedField } from '../../sync/crm.ts';
import type { OwnerName } from '../../sync/crm-tasks.ts';
import {
  clockFinding,
  fieldFinding,
  green,
  limitFinding,
  ownerFindings,
  red,
  requiredFinding,
} from '../findings.ts';
import { UNSUPPORTED_FROM } from './api-paths.ts';
import type { HubspotApi } from './client.ts';
import type { ContactLists } from './lists.ts';
import type { MarketingCampaign } from './marketing.ts';
import { isAbsent, lacksScope, remedyOfConnection } from './outcomes.ts';
import type { Owners } from './owners.ts';
import { detailsSchema } from './portal.ts';
import type { Failure, Reply } from './reply.ts';
import {
  type ContactValues,
  createProblems,
  definitionsOf,
  fieldProblem,
  OBJECT_TYPES,
  valueProblems,
} from './schema.ts';
import { describe, missingScopes } from './words.ts';

const anything = z.unknown();

/** The parts of the connector that are asked. */
export interface Asked {
  lists: ContactLists;
  owners: Owners;
  marketing: MarketingCampaign;
  contactValues: ContactValues;
}

/** Everything that a delivery will need of the portal, by reading only. Never throws. */
export async function examine(
  api: HubspotApi,
  { lists, owners, marketing, contactValues }: Asked,
  examination: Examination,
): Promise<Finding[]> {
  const account = await api.call(detailsSchema, api.paths.account());
  if (!account.ok) {
    return [unconnected(api, account.failure)];
  }
  const { portalId, timeZone } = account.data;
  return [
    green('credentials', `portal ${portalId}, time zone ${timeZone ?? 'unknown'}`),
    versionFinding(api),
    clockFinding(api.clockAhead, 'HubSpot'),
    ...(await scopeFindings(api, examination)),
    ...(await schemaFindings(api, contactValues, examination)),
    ...(await findOwners(owners, examination.owners)),
    ...(await listFindings(lists, examination.campaigns)),
    ...(await marketing.examine()),
    await limit(api, examination.reserve),
  ];
}

function unconnected(api: HubspotApi, failure: Failure): Finding {
  return isAbsent(failure)
    ? red('API version', `${api.version}: ${describe(failure)}`, 'set HUBSPOT_API_VERSION to another version')
    : red('credentials', describe(failure), remedyOfConnection(failure));
}

function versionFinding({ version, clock }: HubspotApi): Finding {
  const end = UNSUPPORTED_FROM[version];
  if (end === null) {
    return green('API version', version);
  }
  return clock.now() < Date.parse(end)
    ? green('API version', `${version}, which HubSpot supports until ${end}`)
    : red('API version', `${version} is not supported since ${end}`, 'set HUBSPOT_API_VERSION=2026-09');
}

/** Cheap reads, each of which one scope allows. Scopes to write cannot be seen without writing. */
async function scopeFindings(
  api: HubspotApi,
  { deals, activities }: Pick<Examination, 'deals' | 'activities'>,
): Promise<Finding[]> {
  const probes = [
    { scope: 'crm.objects.companies.read', endpoint: api.paths.oneRecord('companies') },
    { scope: 'crm.objects.contacts.read', endpoint: api.paths.oneRecord('contacts') },
    { scope: 'crm.objects.contacts.read', endpoint: api.paths.oneRecord('tasks') },
    { scope: 'crm.objects.owners.read', endpoint: api.paths.owners(null) },
    ...(deals ? [{ scope: 'crm.objects.deals.read', endpoint: api.paths.oneRecord('deals') }] : []),
    ...(activities ? ACTIVITY_PROBES : []).map(({ scope, object }) => ({
      scope,
      endpoint: api.paths.oneRecord(object),
    })),
  ];
  const findings: Finding[] = [];
  for (const { scope, endpoint } of probes) {
    findings.push(scopeFinding(scope, await api.call(anything, endpoint)));
  }
  return unique(findings);
}

/** Without the scope of mails nobody is seen to write, or to answer; everything else is. */
const ACTIVITY_PROBES = [
  ...['calls', 'meetings', 'communications'].map((object) => ({
    scope: 'crm.objects.contacts.read',
    object,
  })),
  { scope: 'sales-email-read', object: 'emails' },
];

function scopeFinding(scope: string, reply: Reply<unknown>): Finding {
  const check = `scope ${scope}`;
  if (reply.ok) {
    return green(check);
  }
  const missing = missingScopes(reply.failure).join(', ') || scope;
  return lacksScope(reply.failure)
    ? red(check, describe(reply.failure), `add ${missing} to the service key or private app`)
    : red(check, describe(reply.failure), remedyOfConnection(reply.failure));
}

/** One line for each scope: the red one, where one of its probes is. */
function unique(findings: Finding[]): Finding[] {
  return [...Map.groupBy(findings, ({ check }) => check).values()].map(
    (same) => same.find(({ ok }) => !ok) ?? (same[0] as Finding),
  );
}

async function schemaFindings(
  api: HubspotApi,
  contactValues: ContactValues,
  { fields, creates, sandbox }: Examination,
): Promise<Finding[]> {
  const lacking = creates.flatMap((object) => createProblems(object, fields));
  const findings = lacking.map(requiredFinding);
  for (const [object, ofObject] of Map.groupBy(fields, (field) => field.object)) {
    const definitions = await definitionsOf(api, object);
    if (!definitions.ok) {
      const scope = `crm.schemas.${OBJECT_TYPES[object] ?? object}.read`;
      findings.push({ ...scopeFinding(scope, definitions), check: `properties of ${object}` });
      continue;
    }
    for (const field of ofObject) {
      const [problem] = fieldProblem(field, definitions.data.results);
      const missing = problem !== undefined && !sandbox && isTaskKey(api, field);
      findings.push(missing ? withoutTaskKey(field) : fieldFinding(field, problem, sandbox));
    }
    if (object === 'contact') {
      findings.push(...valueFindings(contactValues, definitions.data.results));
    }
  }
  return findings;
}

function isTaskKey(api: HubspotApi, { object, field }: MappedField): boolean {
  return object === 'task' && field === api.keys.task;
}

/** Not every portal allows the property, and everything works without. */
function withoutTaskKey({ object, field }: MappedField): Finding {
  return green(`field ${object}.${field}`, 'absent: tasks carry a marker in their text instead');
}

function valueFindings(
  { stages, leadStatuses }: ContactValues,
  definitions: Parameters<typeof valueProblems>[1],
): Finding[] {
  return [
    ...stages.map((stage) => ({ check: `lifecycle stage ${stage}`, stages: [stage], leadStatuses: [] })),
    ...leadStatuses.map((one) => ({ check: `lead status ${one}`, stages: [], leadStatuses: [one] })),
  ].map(({ check, ...values }) => {
    const [found] = valueProblems(values, definitions);
    return found === undefined ? green(check) : red(check, found.problem, found.remedy);
  });
}

/** Asked only when the configuration names owners. */
async function findOwners(owners: Owners, named: OwnerName[]): Promise<Finding[]> {
  const known = named.length === 0 ? null : await owners.everybody();
  if (known === null) {
    return [];
  }
  return known.ok
    ? ownerFindings(named, known.data)
    : [red('owners', describe(known.failure), remedyOfConnection(known.failure))];
}

async function listFindings(lists: ContactLists, campaigns: string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of campaigns) {
    const check = `list ${name}`;
    const found = await lists.find(name);
    if (found.ok) {
      findings.push(green(check, found.data ?? 'absent: made with its first member, or by pql crm setup'));
    } else if (lacksScope(found.failure)) {
      findings.push({ ...scopeFinding('crm.lists.read', found), check });
    } else {
      findings.push(red(check, describe(found.failure), 'name a MANUAL list of contacts'));
    }
  }
  return findings;
}

const usageSchema = z.object({
  results: z.array(z.object({ currentUsage: z.number(), usageLimit: z.number() })),
});

/** HubSpot's own count of all private apps together; where it is not told, what the headers said. */
async function limit(api: HubspotApi, reserve: number): Promise<Finding> {
  const usage = await api.call(usageSchema, api.paths.usage());
  const [counted] = usage.ok ? usage.data.results : [];
  const budget = api.budget();
  const told =
    counted === undefined
      ? budget
      : { dailyRemaining: counted.usageLimit - counted.currentUsage, dailyMax: counted.usageLimit };
  const byHeaders = budget.dailyRemaining === null ? told : budget;
  return limitFinding(
    byHeaders,
    reserve,
    counted === undefined ? '' : `all apps made ${counted.currentUsage}`,
  );
}
