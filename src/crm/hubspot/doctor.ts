import { z } from 'zod';
import type { Examination, Finding, MappedField } from '../../sync/crm.ts';
import {
  clockFinding,
  fieldFinding,
  green,
  type KnownOwner,
  limitFinding,
  ownerFindings,
  red,
} from '../findings.ts';
import { UNSUPPORTED_FROM } from './api-paths.ts';
import type { HubspotApi } from './client.ts';
import type { ContactLists } from './lists.ts';
import { describe, isAbsent, lacksScope, missingScopes, remedyOfConnection } from './outcomes.ts';
import { detailsSchema } from './portal.ts';
import type { Failure, Reply } from './reply.ts';
import { definitionsOf, fieldProblem, OBJECT_TYPES, stageProblems } from './schema.ts';

const anything = z.unknown();

/** Everything that a delivery will need of the portal, by reading only. Never throws. */
export async function examine(
  api: HubspotApi,
  lists: ContactLists,
  stages: string[],
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
    ...(await scopeFindings(api)),
    ...(await schemaFindings(api, stages, examination)),
    ...(await owners(api, examination.owners)),
    ...(await listFindings(lists, examination.campaigns)),
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
async function scopeFindings(api: HubspotApi): Promise<Finding[]> {
  const probes = [
    { scope: 'crm.objects.companies.read', endpoint: api.paths.oneRecord('companies') },
    { scope: 'crm.objects.contacts.read', endpoint: api.paths.oneRecord('contacts') },
    { scope: 'crm.objects.contacts.read', endpoint: api.paths.oneRecord('tasks') },
    { scope: 'crm.objects.owners.read', endpoint: api.paths.owners(null) },
  ];
  const findings: Finding[] = [];
  for (const { scope, endpoint } of probes) {
    findings.push(scopeFinding(scope, await api.call(anything, endpoint)));
  }
  return unique(findings);
}

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
  stages: string[],
  { fields, sandbox }: Examination,
): Promise<Finding[]> {
  const findings: Finding[] = [];
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
      findings.push(...stageFindings(stages, definitions.data.results));
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

function stageFindings(stages: string[], definitions: Parameters<typeof stageProblems>[1]): Finding[] {
  const problems = stageProblems(stages, definitions);
  return problems.length === 0
    ? stages.map((stage) => green(`lifecycle stage ${stage}`))
    : problems.map(({ problem, remedy }) => red('lifecycle stage', problem, remedy));
}

const ownersSchema = z.object({
  results: z.array(z.object({ id: z.coerce.string(), email: z.string().nullish() })),
  paging: z.object({ next: z.object({ after: z.coerce.string() }).nullish() }).nullish(),
});

/** Asked only when the configuration names owners. HubSpot lists the active ones; an archived one is not among them. */
async function owners(api: HubspotApi, named: string[]): Promise<Finding[]> {
  const known: KnownOwner[] = [];
  let after: string | null = null;
  do {
    const reply: Reply<z.infer<typeof ownersSchema>> | null =
      named.length === 0 ? null : await api.call(ownersSchema, api.paths.owners(after));
    if (reply === null) {
      return [];
    }
    if (!reply.ok) {
      return [red('owners', describe(reply.failure), remedyOfConnection(reply.failure))];
    }
    known.push(
      ...reply.data.results.map(({ id, email }) => ({ id, names: email ? [email] : [], active: true })),
    );
    after = reply.data.paging?.next?.after ?? null;
  } while (after !== null);
  return ownerFindings(named, known);
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
