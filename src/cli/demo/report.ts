import { type AccountView, accountView } from '../../api/account-view.ts';
import type { Service } from '../../compose.ts';
import { topReasons } from '../../decide/reasons.ts';
import type { Mappings } from '../../mappings.ts';
import type { AccountRow } from '../../read-model.ts';
import { minuteUtc } from '../../shared/time.ts';
import type { Played } from './play.ts';

/** What one CRM holds of one account. */
interface Held {
  score: string;
  tier: string;
  members: string[];
  tasks: string[];
}

export interface QualifiedAccount {
  key: string;
  name: string | null;
  score: number;
  why: string;
  /** Where it goes, who has it, and by when somebody must get in touch. */
  route: string | null;
  owner: string | null;
  due: string | null;
  /** How its promise of first contact stands, in words. */
  contact: string | null;
  /** The subject of the first task and the first lines of its text. */
  task: string[];
  /** Why nobody was asked to get in touch; null: somebody was. */
  leftAlone: string | null;
  hubspot: Held | null;
  salesforce: Held | null;
}

/** The outcome of the demo as plain data: what `--json` prints. */
export interface DemoReport {
  requests: number;
  events: number;
  seconds: number;
  accounts: { key: string; name: string | null; score: number; tier: string }[];
  qualified: QualifiedAccount[];
  /** Accounts that were handed over and are no longer in the acting tier. */
  fellOut: { key: string; name: string | null; score: number; tier: string; on: string }[];
  /** Close by score, and why they are not handed over. */
  heldBack: { key: string; name: string | null; score: number; why: string }[];
  quarantined: { code: string; reason: string; seen: number }[];
  parked: { account: string; crm: string; kind: string; code: string | null; reason: string }[];
  crm: { hubspot: Record<string, number>; salesforce: Record<string, number> };
  /** What Slack was told: how many messages, and each channel as one reads it. */
  slack: { messages: number; text: string };
  /** Mails of the day: how many, and the last one as one reads it. */
  mail: { sent: number; last: string };
  idle: boolean;
}

export async function reportOf(
  { service, around, requests, seconds }: Played,
  mappings: Mappings,
): Promise<DemoReport> {
  const { read } = service;
  const model = mappings.champion.model;
  const accounts = await allAccounts(service, model);
  const acting = mappings.champion.tiers.filter((tier) => tier.acts).map((tier) => tier.id);
  const qualified = accounts.filter(({ tier }) => acting.includes(tier));
  const status = await service.status();
  const parked = await read.listActions({
    account: null,
    state: 'parked',
    kind: null,
    crm: null,
    limit: 100,
  });
  return {
    requests,
    events: status.journal.events,
    seconds: Math.round(seconds * 10) / 10,
    accounts: accounts.map(({ key, name, value, tier }) => ({ key, name, score: value, tier })),
    qualified: await Promise.all(qualified.map((row) => describe(service, model, row))),
    fellOut: await fallen(service, accounts, acting),
    heldBack: await heldBack(service, model, accounts, acting),
    quarantined: (await read.listQuarantine(100)).map(({ code, reason, seen }) => ({ code, reason, seen })),
    parked: parked.map(({ account, crm, kind, code, reason }) => ({ account, crm, kind, code, reason })),
    crm: crmTotals(service),
    slack: { messages: around.slack.messages().length, text: around.slack.text() },
    mail: { sent: around.mail.received.length, last: readableMail(around.mail.received.at(-1)?.raw ?? '') },
    idle: status.idle,
  };
}

async function allAccounts({ read }: Service, model: string): Promise<AccountRow[]> {
  const page = await read.listAccounts({ model, tier: null, q: null, owner: null, limit: 500, cursor: null });
  return page.accounts;
}

async function describe(service: Service, model: string, row: AccountRow): Promise<QualifiedAccount> {
  const view = await accountView(service.read, row.key, model);
  const route = view?.route as RouteView | null;
  const salesforce = String(view?.crm.salesforce?.account ?? '');
  return {
    key: row.key,
    name: row.name,
    score: row.value,
    why: view?.score == null ? '' : topReasons(view.score, 3),
    route: route?.to ?? null,
    owner: route?.owner ?? null,
    due: route?.sla?.due ?? null,
    contact: contactInWords(view?.clocks[0]),
    task: firstTask(service, view?.actions ?? []),
    leftAlone: route?.sla == null ? (route?.reason ?? null) : null,
    hubspot: hubspotHeld(service, String(view?.crm.hubspot?.company ?? ''), view?.actions ?? []),
    salesforce: salesforceHeld(service, salesforce, view?.actions ?? []),
  };
}

interface RouteView {
  to?: string;
  owner?: string | null;
  reason?: string;
  sla?: { due?: string } | null;
}

function contactInWords(clock: AccountView['clocks'][number] | undefined): string | null {
  if (clock === undefined) {
    return null;
  }
  const { state, touch, touched, words } = clock;
  return touched === null ? `${state}, ${words}` : `${touch} on ${minuteUtc(touched)}: ${state}`;
}

const LINES = 5;

/** As the task of the oldest act reads in Salesforce, or else in HubSpot, where line breaks are markup. */
function firstTask({ crms: { sandboxes } }: Service, acts: Acts): string[] {
  const ids = acts.filter(({ kind }) => kind === 'task').map(({ crmId }) => crmId);
  const own = sandboxes?.salesforce.records('Task').find(({ Id }) => ids.includes(Id));
  const other = sandboxes?.hubspot.records('tasks').find(({ id }) => ids.includes(id))?.properties;
  const [subject, body] = own
    ? [String(own.Subject), String(own.Description)]
    : [other?.hs_task_subject ?? '', (other?.hs_task_body ?? '').replace(/<br\s*\/?>/g, '\n')];
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return subject === '' ? [] : [subject, ...lines.slice(0, LINES)];
}

/** The plain part of a mail. */
function readableMail(raw: string): string {
  const lines = raw.replaceAll('\r', '').split('\n');
  const subject = lines.find((line) => line.startsWith('Subject: ')) ?? '';
  const part = lines.slice(lines.findIndex((line) => line.startsWith('Content-Type: text/plain')));
  const text = part.slice(part.indexOf('') + 1);
  return [
    subject,
    ...text.slice(
      0,
      text.findIndex((line) => line.startsWith('--')),
    ),
  ]
    .join('\n')
    .trim();
}

type Acts = AccountView['actions'];

/** CRM ids that our acts of one kind made, to be looked up in what the CRM itself holds. */
function made(acts: Acts, crm: string, kind: string): Set<string> {
  return new Set(acts.filter((act) => act.crm === crm && act.kind === kind).map((act) => act.crmId ?? ''));
}

function hubspotHeld({ crms: { sandboxes } }: Service, companyId: string, acts: Acts): Held | null {
  const company = sandboxes?.hubspot.records('companies').find(({ id }) => id === companyId);
  if (sandboxes == null || company === undefined) {
    return null;
  }
  const members = new Set([...made(acts, 'hubspot', 'campaign')].map((id) => id.split(':').at(-1)));
  const listed = new Set(
    sandboxes.hubspot.records('lists').flatMap((list) => list.associations.contacts ?? []),
  );
  const tasks = made(acts, 'hubspot', 'task');
  const contacts = sandboxes.hubspot.records('contacts');
  return {
    score: company.properties.pql_score ?? '',
    tier: company.properties.pql_tier ?? '',
    members: contacts
      .filter(({ id }) => members.has(id) && listed.has(id))
      .map((one) => one.properties.email ?? one.id),
    tasks: sandboxes.hubspot
      .records('tasks')
      .filter(({ id }) => tasks.has(id))
      .map(({ properties }) => properties.hs_task_subject ?? ''),
  };
}

function salesforceHeld({ crms: { sandboxes } }: Service, accountId: string, acts: Acts): Held | null {
  const org = sandboxes?.salesforce;
  const account = org?.records('Account').find(({ Id }) => Id === accountId);
  if (org === undefined || account === undefined) {
    return null;
  }
  const members = made(acts, 'salesforce', 'campaign');
  const tasks = made(acts, 'salesforce', 'task');
  const rows = org.records('CampaignMember').filter(({ Id }) => members.has(Id));
  const ids = new Set(rows.map(({ ContactId, LeadId }) => ContactId ?? LeadId));
  const people = [...org.records('Contact'), ...org.records('Lead')];
  return {
    score: String(account.PQL_Score__c ?? ''),
    tier: String(account.PQL_Tier__c ?? ''),
    members: people.filter(({ Id }) => ids.has(Id)).map(({ Email }) => String(Email)),
    tasks: org
      .records('Task')
      .filter(({ Id }) => tasks.has(Id))
      .map(({ Subject }) => String(Subject)),
  };
}

/** Accounts that crossed into an acting tier once and are below it now. */
async function fallen({ read }: Service, accounts: readonly AccountRow[], acting: readonly string[]) {
  const fell: DemoReport['fellOut'] = [];
  for (const { key, name, value, tier } of accounts.filter((row) => !acting.includes(row.tier))) {
    const found = await read.findAccount(key);
    const history = found === null ? [] : await read.timeline(found, 200);
    const scores = history.filter(({ kind }) => kind === 'score');
    const left = scores.findLast(
      ({ what }, i) => !acting.includes(what) && acting.includes(scores[i - 1]?.what ?? ''),
    );
    if (left !== undefined) {
      fell.push({ key, name, score: value, tier, on: left.at });
    }
  }
  return fell;
}

const CLOSE = 60;

async function heldBack(
  service: Service,
  model: string,
  accounts: readonly AccountRow[],
  acting: readonly string[],
) {
  const close = accounts.filter(({ tier, value }) => !acting.includes(tier) && value >= CLOSE);
  return Promise.all(
    close.map(async ({ key, name, value }) => {
      const score = (await accountView(service.read, key, model))?.score;
      const failed = (score?.gates ?? []).filter((gate) => !gate.passed).map((gate) => gate.why);
      return { key, name, score: value, why: failed.length === 0 ? 'too few points' : failed.join('; ') };
    }),
  );
}

function crmTotals({ crms: { sandboxes } }: Service): DemoReport['crm'] {
  const hubspot = (object: string) => sandboxes?.hubspot.records(object).length ?? 0;
  const salesforce = (object: string) => sandboxes?.salesforce.records(object).length ?? 0;
  const listed =
    sandboxes?.hubspot.records('lists').flatMap((list) => list.associations.contacts ?? []).length ?? 0;
  return {
    hubspot: {
      companies: hubspot('companies'),
      contacts: hubspot('contacts'),
      listMembers: listed,
      tasks: hubspot('tasks'),
    },
    salesforce: {
      accounts: salesforce('Account'),
      contacts: salesforce('Contact'),
      leads: salesforce('Lead'),
      campaignMembers: salesforce('CampaignMember'),
      tasks: salesforce('Task'),
    },
  };
}
