import type { MemberStatus } from '../../decide/acts-schema.ts';
import type { MembershipChange, Outcome, Outcomes } from '../../sync/crm.ts';
import { type Campaigns, campaignExists } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, type Written, writeCollection } from './collections.ts';
import { followConversions } from './conversions.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { outcomeOf } from './outcomes.ts';
import { inList, literal, selectWhere } from './soql.ts';

/**
 * Members of campaigns: a set, one row per campaign and person. Who is a member already is asked first;
 * "Already a campaign member." from the write itself (somebody was quicker) is success too. The status of who is there
 * moves forward only, in the order that the mapping declares.
 */
export async function addMembers(
  client: SalesforceClient,
  campaigns: Campaigns,
  keyField: string,
  changes: readonly MembershipChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (const [campaign, members] of Map.groupBy(changes, (change) => change.campaign)) {
    try {
      await addToCampaign(client, campaigns, keyField, campaign, members, outcomes);
    } catch (error) {
      campaigns.forget(campaign);
      const outcome = outcomeOf(failureOf(error), 'harmless');
      for (const { key } of members.filter((member) => !outcomes.has(member.key))) {
        outcomes.set(key, outcome);
      }
    }
  }
  return outcomes;
}

async function addToCampaign(
  client: SalesforceClient,
  campaigns: Campaigns,
  keyField: string,
  name: string,
  wanted: readonly MembershipChange[],
  outcomes: Outcomes,
): Promise<void> {
  const current = await followConversions(
    client,
    wanted.map(({ personCrmId }) => personCrmId),
  );
  const members = wanted.map((member) => ({ ...member, personCrmId: current(member.personCrmId) }));
  const statuses = [...new Set(members.flatMap(({ status }) => status ?? []))];
  const campaign = await campaigns.ready(name, statuses);
  const present = await membersOf(client, campaign, keyField, members);
  const missing = new Map<string, MembershipChange[]>();
  const moves: Row[] = [];
  for (const member of members) {
    const row = present(member);
    if (row === undefined) {
      missing.set(member.personCrmId, [...(missing.get(member.personCrmId) ?? []), member]);
    } else if (movesForward(campaigns.settings.statuses, row.Status, member.status)) {
      moves.push({ key: member.key, record: { Id: row.Id, Status: member.status } });
    } else {
      outcomes.set(member.key, { state: 'done', crmId: row.Id, note: 'a member already' });
    }
  }
  await moveMembers(client, moves, outcomes);
  await insertMembers(client, campaign, keyField, missing, outcomes);
  await settleGone(client, campaigns, name, campaign, outcomes);
}

/** Only between declared statuses: any other is somebody's own, and means more than ours. Pure. */
export function movesForward(
  statuses: readonly Pick<MemberStatus, 'label'>[],
  from: string | null,
  to: string | null,
): boolean {
  const place = (label: string | null) =>
    statuses.findIndex((status) => status.label.toLowerCase() === label?.toLowerCase());
  return from === null ? place(to) >= 0 : place(from) >= 0 && place(from) < place(to);
}

async function moveMembers(
  client: SalesforceClient,
  rows: readonly Row[],
  outcomes: Outcomes,
): Promise<void> {
  const written = await writeCollection(client, { kind: 'update', sobject: 'CampaignMember' }, rows);
  for (const one of written) {
    const outcome = toOutcome(one, 'harmless');
    const note = 'a member already: status moved forward';
    outcomes.set(one.key, outcome.state === 'done' ? { ...outcome, created: false, note } : outcome);
  }
}

async function insertMembers(
  client: SalesforceClient,
  campaign: string,
  keyField: string,
  missing: ReadonlyMap<string, readonly MembershipChange[]>,
  outcomes: Outcomes,
): Promise<void> {
  const groups = [...missing.values()];
  const rows = groups.flatMap(([first]) =>
    first === undefined ? [] : [memberRow(keyField, campaign, first)],
  );
  const mode = { kind: 'upsert', sobject: 'CampaignMember', by: keyField } as const;
  for (const written of await writeCollection(client, mode, rows)) {
    const own = groups.find(([first]) => first?.key === written.key) ?? [];
    for (const { key, personCrmId } of own) {
      outcomes.set(key, insertOutcome(written, personCrmId, keyField));
    }
  }
}

function insertOutcome(written: Written, personCrmId: string, keyField: string): Outcome {
  const already = written.result === 'failed' && /already a campaign member/i.test(written.failure.message);
  return already
    ? { state: 'done', crmId: personCrmId, note: 'a member already' }
    : toOutcome(written, 'harmless', keyField);
}

/** A reference that leads nowhere may be the campaign's: then it is looked for again, and no person is unlinked. */
async function settleGone(
  client: SalesforceClient,
  campaigns: Campaigns,
  name: string,
  campaign: string,
  outcomes: Outcomes,
): Promise<void> {
  const gone = [...outcomes].filter(([, { state }]) => state === 'rematch');
  if (gone.length > 0 && !(await campaignExists(client, campaign))) {
    campaigns.forget(name);
    const reason = `the campaign "${name}" was deleted`;
    for (const [key] of gone) {
      outcomes.set(key, { state: 'retry', afterMs: 0, code: 'campaign_gone', reason });
    }
  }
}

interface MemberRow {
  Id: string;
  ContactId: string | null;
  LeadId: string | null;
  Status: string | null;
  [key: string]: string | null;
}

/** By person, and by our key: a row stays ours when its person was merged into another. */
async function membersOf(
  client: SalesforceClient,
  campaign: string,
  keyField: string,
  members: readonly MembershipChange[],
): Promise<(member: MembershipChange) => MemberRow | undefined> {
  const rows: MemberRow[] = [];
  for (const field of ['ContactId', 'LeadId'] as const) {
    const keys = new Map(
      members
        .filter(({ personCrmId }) => isLead(personCrmId) === (field === 'LeadId'))
        .map(({ personCrmId, key }) => [personCrmId, key]),
    );
    const ours = (part: readonly string[]) =>
      inList(
        keyField,
        part.map((id) => keys.get(id) ?? ''),
      );
    const found = await selectWhere<MemberRow>(
      client,
      `SELECT Id, ContactId, LeadId, Status, ${keyField} FROM CampaignMember`,
      [...keys.keys()],
      (part) => `CampaignId = ${literal(campaign)} AND (${inList(field, part)} OR ${ours(part)})`,
    );
    rows.push(...found);
  }
  return ({ key, personCrmId }) =>
    rows.find(({ ContactId, LeadId }) => (isLead(personCrmId) ? LeadId : ContactId) === personCrmId) ??
    rows.find((row) => row[keyField] === key);
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
