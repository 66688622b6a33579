import type { MembershipChange, Outcomes } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, writeCollection } from './collections.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { isHidden, isMemberAlready, outcomeOf } from './outcomes.ts';
import { inList, literal, query, selectWhere } from './soql.ts';

/**
 * Members of standing campaigns: a set, one row per campaign and person. Who is a member already is asked first;
 * "Already a campaign member." from the write itself (somebody was quicker) is success too.
 */
export async function addMembers(
  client: SalesforceClient,
  keyField: string,
  changes: readonly MembershipChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (const [campaign, members] of Map.groupBy(changes, (change) => change.campaign)) {
    try {
      await addToCampaign(client, keyField, await campaignId(client, campaign), members, outcomes);
    } catch (error) {
      const outcome = outcomeOf(failureOf(error), 'harmless');
      for (const { key } of members.filter((member) => !outcomes.has(member.key))) {
        outcomes.set(key, outcome);
      }
    }
  }
  return outcomes;
}

/** The oldest campaign of that name; made, active, when there is none. */
export async function campaignId(client: SalesforceClient, name: string): Promise<string> {
  const [found] = await findCampaigns(client, name);
  if (found !== undefined) {
    return found;
  }
  const made = await client.request<{ id: string }>('POST', '/sobjects/Campaign', {
    Name: name,
    IsActive: true,
  });
  return (await findCampaigns(client, name))[0] ?? made.id;
}

export async function findCampaigns(client: SalesforceClient, name: string): Promise<string[]> {
  const rows = await query<{ Id: string }>(
    client,
    `SELECT Id FROM Campaign WHERE Name = ${literal(name)} ORDER BY CreatedDate, Id LIMIT 2`,
  );
  return rows.map((row) => row.Id);
}

interface MemberRow {
  Id: string;
  ContactId: string | null;
  LeadId: string | null;
}

async function addToCampaign(
  client: SalesforceClient,
  keyField: string,
  campaign: string,
  members: readonly MembershipChange[],
  outcomes: Outcomes,
): Promise<void> {
  const present = await membersOf(
    client,
    campaign,
    members.map((member) => member.personCrmId),
  );
  const missing = new Map<string, MembershipChange[]>();
  for (const member of members) {
    const id = present.get(member.personCrmId);
    if (id === undefined) {
      missing.set(member.personCrmId, [...(missing.get(member.personCrmId) ?? []), member]);
    } else {
      outcomes.set(member.key, { state: 'done', crmId: id, note: 'a member already' });
    }
  }
  const rows = [...missing.values()].flatMap(([first]) =>
    first === undefined ? [] : [memberRow(keyField, campaign, first)],
  );
  await makeStatuses(client, campaign, rows);
  for (const written of await writeCollection(
    client,
    { kind: 'upsert', sobject: 'CampaignMember', by: keyField },
    rows,
  )) {
    const already = written.result === 'failed' && isMemberAlready(written.failure);
    const own = [...missing.values()].find((group) => group[0]?.key === written.key) ?? [];
    for (const { key, personCrmId } of own) {
      outcomes.set(
        key,
        already
          ? { state: 'done', crmId: personCrmId, note: 'a member already' }
          : toOutcome(written, 'harmless', keyField),
      );
    }
  }
}

interface StatusRow {
  Label: string;
  SortOrder: number | null;
}

/** A status that the campaign lacks is refused or silently replaced, by the org's settings: it is made first. */
async function makeStatuses(client: SalesforceClient, campaign: string, rows: readonly Row[]): Promise<void> {
  const wanted = new Set(
    rows.flatMap(({ record }) => (typeof record.Status === 'string' ? record.Status : [])),
  );
  if (wanted.size === 0) {
    return;
  }
  const there = await statusesOf(client, campaign);
  if (there === null) {
    return;
  }
  const labels = new Set(there.map(({ Label }) => Label.toLowerCase()));
  let last = Math.max(0, ...there.map(({ SortOrder }) => SortOrder ?? 0));
  for (const label of wanted) {
    if (!labels.has(label.toLowerCase())) {
      last += 1;
      await client.request('POST', '/sobjects/CampaignMemberStatus', {
        CampaignId: campaign,
        Label: label,
        SortOrder: last,
      });
    }
  }
}

/** null: the integration user may not read them; then the write itself shows whether the status will do. */
async function statusesOf(client: SalesforceClient, campaign: string): Promise<StatusRow[] | null> {
  try {
    return await query<StatusRow>(
      client,
      `SELECT Label, SortOrder FROM CampaignMemberStatus WHERE CampaignId = ${literal(campaign)}`,
    );
  } catch (error) {
    if (isHidden(failureOf(error))) {
      return null;
    }
    throw error;
  }
}

async function membersOf(
  client: SalesforceClient,
  campaign: string,
  people: readonly string[],
): Promise<Map<string, string>> {
  const present = new Map<string, string>();
  for (const field of ['ContactId', 'LeadId'] as const) {
    const ids = people.filter((id) => isLead(id) === (field === 'LeadId'));
    const rows = await selectWhere<MemberRow>(
      client,
      'SELECT Id, ContactId, LeadId FROM CampaignMember',
      ids,
      (part) => `CampaignId = ${literal(campaign)} AND ${inList(field, part)}`,
    );
    for (const row of rows) {
      present.set(row[field] ?? '', row.Id);
    }
  }
  return present;
}

function memberRow(keyField: string, campaign: string, { key, personCrmId, status }: MembershipChange): Row {
  const person = isLead(personCrmId) ? { LeadId: personCrmId } : { ContactId: personCrmId };
  return {
    key,
    record: {
      [keyField]: key,
      CampaignId: campaign,
      ...person,
      ...(status === null ? {} : { Status: status }),
    },
  };
}
