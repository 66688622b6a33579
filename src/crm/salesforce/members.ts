import type { MemberStatus } from '../../decide/acts-schema.ts';
import type { MembershipChange, Outcomes } from '../../sync/crm.ts';
import { settleAll, settleRest } from '../settle-all.ts';
import { type Campaigns, campaignExists } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, writeCollection } from './collections.ts';
import { followConversions } from './conversions.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { isMemberAlready, outcomeOf } from './outcomes.ts';
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
      settleRest(members, outcomeOf(failureOf(error), 'harmless'), outcomes);
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
  const lacking = await settlePresent(client, campaigns, { campaign, keyField }, members, outcomes);
  const missing = Map.groupBy(lacking, ({ personCrmId }) => personCrmId);
  const quicker = await insertMembers(client, campaigns, { campaign, keyField }, missing, outcomes);
  // Somebody made them between our look and our write: their status may have to move, too.
  if (quicker.length > 0) {
    await settlePresent(client, campaigns, { campaign, keyField }, quicker, outcomes);
  }
  await settleGone(client, campaigns, name, campaign, outcomes);
}

interface Place {
  campaign: string;
  keyField: string;
}

/** Settles those who are members, moving their status where it is behind. Gives the others. */
async function settlePresent(
  client: SalesforceClient,
  { settings }: Campaigns,
  { campaign, keyField }: Place,
  members: readonly MembershipChange[],
  outcomes: Outcomes,
): Promise<MembershipChange[]> {
  const present = await membersOf(client, campaign, keyField, members);
  const there = Map.groupBy(members, present);
  const lacking = there.get(undefined) ?? [];
  const moves: Row[] = [];
  for (const [row, own] of there) {
    if (row !== undefined) {
      const status = furthest(settings.statuses, own);
      settleAll(own, { state: 'done', crmId: row.Id, note: 'a member already' }, outcomes);
      if (movesForward(settings.statuses, row.Status, status)) {
        moves.push({ key: row.Id, record: { Id: row.Id, Status: status } });
      }
    }
  }
  const mode = { kind: 'update', sobject: 'CampaignMember' } as const;
  for (const one of moves.length === 0 ? [] : await writeCollection(client, mode, moves)) {
    const own = members.filter((member) => present(member)?.Id === one.key);
    const outcome = toOutcome(one, 'harmless');
    const note = 'a member already: status moved forward';
    settleAll(own, outcome.state === 'done' ? { ...outcome, created: false, note } : outcome, outcomes);
  }
  return lacking;
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

/** Of several who are one person in the CRM: the status that is furthest. Pure. */
function furthest(
  statuses: readonly Pick<MemberStatus, 'label'>[],
  members: readonly MembershipChange[],
): string | null {
  return members.reduce<string | null>(
    (best, { status }) => (movesForward(statuses, best, status) ? status : (best ?? status)),
    null,
  );
}

/** One row for each person. Gives those who turned out to be members already. */
async function insertMembers(
  client: SalesforceClient,
  { settings }: Campaigns,
  { campaign, keyField }: Place,
  missing: ReadonlyMap<string, readonly MembershipChange[]>,
  outcomes: Outcomes,
): Promise<MembershipChange[]> {
  const rows = [...missing].map(([personCrmId, own]): Row => {
    const status = furthest(settings.statuses, own);
    return {
      key: personCrmId,
      record: memberRecord(keyField, campaign, own[0]?.key ?? '', personCrmId, status),
    };
  });
  const already: MembershipChange[] = [];
  const mode = { kind: 'upsert', sobject: 'CampaignMember', by: keyField } as const;
  for (const written of rows.length === 0 ? [] : await writeCollection(client, mode, rows)) {
    const own = missing.get(written.key) ?? [];
    if (written.result === 'failed' && isMemberAlready(written.failure, keyField)) {
      settleAll(own, { state: 'done', crmId: written.key, note: 'a member already' }, outcomes);
      already.push(...own);
    } else {
      settleAll(own, toOutcome(written, 'harmless', keyField), outcomes);
    }
  }
  return already;
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

function memberRecord(
  keyField: string,
  campaign: string,
  key: string,
  personCrmId: string,
  status: string | null,
): Row['record'] {
  const person = isLead(personCrmId) ? { LeadId: personCrmId } : { ContactId: personCrmId };
  return { [keyField]: key, CampaignId: campaign, ...person, ...(status === null ? {} : { Status: status }) };
}
