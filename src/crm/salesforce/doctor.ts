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
import { offeredVersions, versionProblem } from './api-version.ts';
import { findCampaigns } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import type { DescribedObject, Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { FIELDS as OPPORTUNITY_FIELDS } from './opportunities.ts';
import { orgId } from './org-id.ts';
import { isAbsent, remedyOf } from './outcomes.ts';
import { Owners } from './owners.ts';
import { problemOf, unfilled } from './schema.ts';

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
    ...(examination.deals ? [await dealFinding(describes)] : []),
    ...(examination.activities ? await activityFindings(describes) : []),
    ...(await findOwners(new Owners(client, Date.now), examination.owners)),
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
  Task: ['queryable', 'createable', 'updateable'],
  CampaignMember: ['queryable', 'createable', 'updateable'],
  Campaign: ['queryable'],
};

const VERBS = { queryable: 'read', createable: 'create', updateable: 'edit' };

async function objectFindings(describes: Describes, examination: Examination): Promise<Finding[]> {
  const { fields, creates } = examination;
  const findings: Finding[] = [];
  const byObject = Map.groupBy(fields, ({ object }) => object);
  for (const object of new Set([...byObject.keys(), 'Campaign'])) {
    const described = await looked(`object ${object}`, () => describes.object(object));
    if ('finding' in described) {
      findings.push(described.absent ? hidden(object) : described.finding);
    } else {
      findings.push(objectFinding(object, described.data));
      findings.push(...fieldFindings(byObject.get(object) ?? [], described.data, examination));
      const lacking = creates.includes(object)
        ? unfilled(object, byObject.get(object) ?? [], described.data.fields)
        : [];
      findings.push(...lacking.map(requiredFinding));
    }
  }
  return findings;
}

const DEALS = 'object Opportunity';

/** One line: its fields are standard, so that only a right can be missing. */
async function dealFinding(describes: Describes): Promise<Finding> {
  const described = await looked(DEALS, () => describes.object('Opportunity'));
  if ('finding' in described && !described.absent) {
    return described.finding;
  }
  const known = 'finding' in described ? new Map() : described.data.fields;
  const hiddenFields = OPPORTUNITY_FIELDS.filter((field) => !known.has(field));
  const remedy = 'give it a permission set that reads it, or set `read_back: { deals: never }`';
  if (known.size === 0 || ('data' in described && described.data.queryable === false)) {
    return red(DEALS, 'the integration user may not read opportunities', remedy);
  }
  return hiddenFields.length === 0
    ? green(DEALS)
    : red(DEALS, `hidden from the integration user: ${hiddenFields.join(', ')}`, remedy);
}

/** Which activities can be seen in it hangs on the org's sharing, which no description tells. */
async function activityFindings(describes: Describes): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [object, without] of [
    ['Event', 'meetings are not seen'],
    ['EmailMessage', 'of mails only the tasks that stand for them are seen, which count as sent by us'],
  ]) {
    const check = `object ${object}`;
    const described = await looked(check, () => describes.object(String(object)));
    const absent = green(check, `the org has none, or hides it: ${without}`);
    findings.push(!('finding' in described) ? green(check) : described.absent ? absent : described.finding);
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
  { sandbox, creates }: Examination,
): Finding[] {
  return fields.map((field) => {
    const { object, field: name } = field;
    const problem =
      field.readOnly && known.has(name) ? null : problemOf(field, known, creates.includes(object));
    return fieldFinding(field, problem === null ? undefined : { object, field: name, ...problem }, sandbox);
  });
}

async function findOwners(owners: Owners, named: readonly OwnerName[]): Promise<Finding[]> {
  const found = await owners.find(named, []);
  if (found.state === 'failed') {
    return [red('owners', `${found.code}: ${found.reason}`, 'look again in a while')];
  }
  return found.owners === null
    ? [
        red(
          'owners',
          'the integration user may not see users',
          'let it see User and Group, or name no owners',
        ),
      ]
    : ownerFindings(named, found.owners);
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
