import type { Write } from '../../src/sandbox/http.ts';
import type { World } from './world/world.ts';

/** What stands at the end: what the service says, and what the CRMs hold and were sent. Rows of both CRMs in one form. */
export interface Found {
  events: number;
  quarantined: number;
  /** null: not there. */
  accounts: Map<string, FoundAccount>;
  crms: Record<'hubspot' | 'salesforce', FoundCrm>;
  acts: Act[];
  /** Texts of the messages in Slack that begin a conversation. */
  alerts: string[];
}

export interface FoundAccount {
  score: number;
  tier: string;
  tally: number;
}

export interface Act {
  crm: string;
  kind: string;
  state: string;
  reason: string;
  code: string | null;
  account: string;
  /** Of an alert: how often it was sent. */
  sends: number;
  what: string | null;
}

export interface FoundCrm {
  companies: Company[];
  people: FoundPerson[];
  tasks: { key: string; subject: string }[];
  /** Campaign and the member's e-mail, as often as it stands there. */
  members: { campaign: string; email: string }[];
  writes: Write[];
}

export interface Company {
  id: string;
  key: string | null;
  domain: string;
  name: string;
  score: number | null;
  tier: string | null;
  reasons: string;
}

export interface FoundPerson {
  id: string;
  email: string;
  person: string | null;
  score: number | null;
  tier: string | null;
}

export async function lookAround(world: World, keys: readonly string[]): Promise<Found> {
  const status = await world.api<{ journal: { events: number; quarantined: number } }>('/status');
  const accounts = new Map<string, FoundAccount>();
  // One after the other: who asks for hundreds at once on a small machine is answered too late.
  for (const key of keys) {
    const found = await account(world, key);
    if (found !== null) {
      accounts.set(key, found);
    }
  }
  const acts = await world.postgres.query<Act>(
    `SELECT crm, actions.kind, state, reason, code, sends, payload ->> 'what' AS what, coalesce(accounts.key, '?') AS account
     FROM actions LEFT JOIN accounts ON accounts.id = actions.account`,
  );
  return {
    events: status?.journal.events ?? 0,
    quarantined: status?.journal.quarantined ?? 0,
    accounts,
    crms: { hubspot: await inHubspot(world), salesforce: await inSalesforce(world) },
    acts,
    alerts: (await world.crms.messages()).filter(({ threadTs }) => threadTs === null).map(({ text }) => text),
  };
}

interface Scored {
  score: { value: number; tier: string } | null;
}

async function account(world: World, key: string): Promise<FoundAccount | null> {
  const path = `/accounts/${encodeURIComponent(key)}`;
  const [champion, tally] = [await world.api<Scored>(path), await world.api<Scored>(`${path}?model=tally`)];
  if (champion === null || tally === null) {
    return null;
  }
  const { score } = champion;
  return { score: score?.value ?? -1, tier: score?.tier ?? '', tally: tally.score?.value ?? -1 };
}

interface HubspotRow {
  id: string;
  properties: Record<string, string | undefined>;
  associations: Record<string, string[] | undefined>;
}

async function inHubspot({ crms }: World): Promise<FoundCrm> {
  const rows = (object: string) => crms.records<HubspotRow>('hubspot', object);
  const [companies, contacts, tasks, lists] = await Promise.all([
    rows('companies'),
    rows('contacts'),
    rows('tasks'),
    rows('lists'),
  ]);
  const email = new Map(contacts.map(({ id, properties }) => [id, properties.email ?? '']));
  return {
    companies: companies.map(({ id, properties: of }) => ({
      id,
      key: of.pql_account_id ?? null,
      domain: of.domain ?? '',
      name: of.name ?? '',
      score: numberOf(of.pql_score),
      tier: of.pql_tier ?? null,
      reasons: of.pql_reasons ?? '',
    })),
    people: contacts.map(({ id, properties: of }) => ({
      id,
      email: of.email ?? '',
      person: of.pql_person_id ?? null,
      score: numberOf(of.pql_score),
      tier: of.pql_tier ?? null,
    })),
    tasks: tasks.map(({ properties }) => ({
      key: properties.pql_key ?? '',
      subject: properties.hs_task_subject ?? '',
    })),
    members: lists.flatMap(({ properties, associations }) =>
      (associations.contacts ?? []).map((id) => ({
        campaign: properties.name ?? '',
        email: email.get(id) ?? '?',
      })),
    ),
    writes: await crms.writes('hubspot'),
  };
}

type SalesforceRow = Record<string, unknown> & { Id: string };

async function inSalesforce({ crms }: World): Promise<FoundCrm> {
  const rows = async (object: string) =>
    (await crms.records<SalesforceRow>('salesforce', object)).filter(({ IsDeleted }) => IsDeleted !== true);
  const [accounts, contacts, leads, tasks] = await Promise.all(
    ['Account', 'Contact', 'Lead', 'Task'].map(rows),
  );
  const [members, campaigns] = await Promise.all(['CampaignMember', 'Campaign'].map(rows));
  const people = [...(contacts ?? []), ...(leads ?? [])];
  const email = new Map(people.map(({ Id, Email }) => [Id, text(Email)]));
  const names = new Map((campaigns ?? []).map(({ Id, Name }) => [Id, text(Name)]));
  return {
    companies: (accounts ?? []).map((of) => ({
      id: of.Id,
      key: of.PQL_Account_Id__c == null ? null : text(of.PQL_Account_Id__c),
      domain: text(of.Website).replace(/^https?:\/\/(www\.)?/, ''),
      name: text(of.Name),
      score: numberOf(of.PQL_Score__c),
      tier: of.PQL_Tier__c == null ? null : text(of.PQL_Tier__c),
      reasons: text(of.PQL_Reasons__c),
    })),
    people: people.map((of) => ({
      id: of.Id,
      email: text(of.Email),
      person: of.PQL_Person_Id__c == null ? null : text(of.PQL_Person_Id__c),
      score: numberOf(of.PQL_Score__c),
      tier: of.PQL_Tier__c == null ? null : text(of.PQL_Tier__c),
    })),
    tasks: (tasks ?? []).map((of) => ({
      key: text(of.PQL_Key__c),
      subject: text(of.Subject),
    })),
    members: (members ?? []).map((of) => ({
      campaign: names.get(text(of.CampaignId)) ?? '?',
      email: email.get(text(of.ContactId ?? of.LeadId)) ?? '?',
    })),
    writes: await crms.writes('salesforce'),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number | null {
  return value == null || value === '' ? null : Number(value);
}
