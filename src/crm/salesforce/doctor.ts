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
import { offeredVersions, versionProblem } from './api-version.ts';
import { findCampaigns } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import type { DescribedObject, Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { orgId } from './org-id.ts';
import { isAbsent, remedyOf } from './outcomes.ts';
import { problemOf } from './schema.ts';
import { inList, selectWhere } from './soql.ts';

/** Everything that a delivery will need of the org, by reading only. Never throws. */
export async function examine(
  client: SalesforceClient,
  describes: Describes,
  version: string,
  examination: Examination,
): Promise<Finding[]> {
  describes.forget();
  const session = await looked('credentials', () => client.identity());
  if ('finding' in session) {
    return [session.finding];
  }
  const offer = await versionFinding(client, version);
  if (!offer.ok) {
    return [offer];
  }
  const org = await findingsOf('credentials', async () => [
    green('credentials', `org ${await orgId(client)}`),
  ]);
  if (org.some(({ ok }) => !ok)) {
    return org;
  }
  return [
    ...org,
    offer,
    clockFinding(client.clockAhead(), 'Salesforce'),
    ...(await objectFindings(describes, examination)),
    ...(await findingsOf('owners', () => owners(client, examination.owners))),
    ...(await findingsOf('campaigns', () => campaigns(client, examination.campaigns))),
    await dailyLimit(client, examination.reserve),
  ];
}

async function versionFinding(client: SalesforceClient, version: string): Promise<Finding> {
  try {
    const offered = await offeredVersions(client);
    const problem = versionProblem(version, offered);
    return problem === null
      ? green('API version', `${version}${offered === null ? '' : `; the newest is ${offered.at(-1)}`}`)
      : red('API version', problem, 'set SALESFORCE_API_VERSION to one that the org offers');
  } catch (error) {
    return red('API version', said(error), remedyOf(failureOf(error)));
  }
}

/** What the integration user must be allowed to do; whether records are created is the mapping's own affair. */
const RIGHTS: Record<string, ('queryable' | 'createable' | 'updateable')[]> = {
  Account: ['queryable', 'updateable'],
  Contact: ['queryable', 'updateable'],
  Lead: ['queryable', 'updateable'],
  Task: ['queryable', 'createable'],
  CampaignMember: ['queryable', 'createable'],
  Campaign: ['queryable'],
};

const VERBS = { queryable: 'read', createable: 'create', updateable: 'edit' };

async function objectFindings(describes: Describes, { fields, sandbox }: Examination): Promise<Finding[]> {
  const findings: Finding[] = [];
  const byObject = Map.groupBy(fields, ({ object }) => object);
  for (const object of new Set([...byObject.keys(), 'Campaign'])) {
    const described = await looked(`object ${object}`, () => describes.object(object));
    if ('finding' in described) {
      findings.push(described.absent ? hidden(object) : described.finding);
    } else {
      findings.push(objectFinding(object, described.data));
      findings.push(...fieldFindings(byObject.get(object) ?? [], described.data, sandbox));
    }
  }
  return findings;
}

function hidden(object: string): Finding {
  return red(
    `object ${object}`,
    'the org has none, or hides it from the integration user',
    `give it a permission set that shows ${object}, such as that of pql crm setup --apply`,
  );
}

function objectFinding(object: string, described: DescribedObject): Finding {
  const denied = (RIGHTS[object] ?? []).filter((right) => described[right] === false);
  const check = `object ${object}`;
  const verbs = denied.map((right) => VERBS[right]).join(', ');
  return denied.length === 0
    ? green(check)
    : red(check, `the integration user may not ${verbs}`, `give it the right to ${verbs} ${object}`);
}

/** A field that field-level security hides is absent from the description, as if the org had none. */
function fieldFindings(
  fields: MappedField[],
  { fields: known }: DescribedObject,
  sandbox: boolean,
): Finding[] {
  return fields.map((field) => {
    const { object, field: name } = field;
    const problem = field.readOnly && known.has(name) ? null : problemOf(field, known);
    return fieldFinding(field, problem === null ? undefined : { object, field: name, ...problem }, sandbox);
  });
}

interface UserRow {
  Id: string;
  Username: string | null;
  Email: string | null;
  IsActive: boolean;
}

async function owners(client: SalesforceClient, named: readonly string[]): Promise<Finding[]> {
  const isId = (name: string) => /^005\w{12,15}$/.test(name);
  const select = 'SELECT Id, Username, Email, IsActive FROM User';
  const rows: UserRow[] = [];
  const ask = async (field: string, values: readonly string[]) => {
    rows.push(...(await selectWhere<UserRow>(client, select, values, (part) => inList(field, part))));
  };
  await ask('Id', named.filter(isId));
  for (const field of ['Username', 'Email']) {
    await ask(
      field,
      named.filter((name) => !isId(name)),
    );
  }
  const known = rows.map(
    ({ Id, Username, Email, IsActive }): KnownOwner => ({
      id: Id,
      names: [Username, Email].filter((one) => one !== null),
      active: IsActive,
    }),
  );
  return ownerFindings(named, known);
}

async function campaigns(client: SalesforceClient, names: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of names) {
    const [found] = await findCampaigns(client, name);
    findings.push(
      green(`campaign ${name}`, found ?? 'absent: made with its first member, or by pql crm setup'),
    );
  }
  return findings;
}

/** The org's own list needs a right of its own; else what the last answer said. */
async function dailyLimit(client: SalesforceClient, reserve: number): Promise<Finding> {
  try {
    const { DailyApiRequests: day } = await client.request<{
      DailyApiRequests?: { Max: number; Remaining: number };
    }>('GET', '/limits');
    return limitFinding(
      day === undefined ? client.budget() : { dailyRemaining: day.Remaining, dailyMax: day.Max },
      reserve,
      '',
    );
  } catch (error) {
    return limitFinding(
      client.budget(),
      reserve,
      `the list of limits is closed to this user (${said(error)})`,
    );
  }
}

type Looked<T> = { data: T } | { finding: Finding; absent: boolean };

async function looked<T>(check: string, work: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { data: await work() };
  } catch (error) {
    const finding = red(check, said(error), remedyOf(failureOf(error)));
    return { finding, absent: isAbsent(failureOf(error)) };
  }
}

async function findingsOf(check: string, work: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [red(check, said(error), remedyOf(failureOf(error)))];
  }
}

function said(error: unknown): string {
  const { code, message } = failureOf(error);
  return `${code}: ${message}`;
}
