import { deliverAlerts } from '../../src/alerts/deliver.ts';
import type { AlertDeps } from '../../src/alerts/deps.ts';
import { slackClient } from '../../src/alerts/slack/client.ts';
import { NOBODY, slackDirectory } from '../../src/alerts/slack/directory.ts';
import { webhookMessenger } from '../../src/alerts/slack/webhook.ts';
import type { AccountFacts } from '../../src/decide/facts.ts';
import { alertActs, type Told } from '../../src/decide/handoff/alert.ts';
import type { AlertCard, Alerts } from '../../src/decide/handoff/alerts.ts';
import type { SlackSandbox } from '../../src/sandbox/slack/index.ts';
import { MINUTE } from '../../src/shared/time.ts';
import { actionId, noteChannelOfAlerts } from '../../src/store/connections.ts';
import { hashId } from '../../src/store/db.ts';
import { postgresAlerts } from '../../src/store/handoff/alerts.ts';
import { type ClickDeps, workOffClicks } from '../../src/store/handoff/clicks.ts';
import { queueActs } from './acts.ts';
import type { TestDatabase } from './database.ts';
import { shippedPolicy } from './policy.ts';

export const TEAM = 'slack:T0SANDBOX01';
export const CHANNEL = 'C0PQLALERTS';

export const ALERTS: Alerts = {
  channels: [{ channel: 'C0PQLSALES1', tiers: null, routes: ['AE'], quiet: false }],
  fallback: { channel: CHANNEL, quiet: false },
  perHour: 30,
  rollUp: { from: 6, within: 10 * MINUTE },
  owners: new Map([['ann@crm.example', 'U0ANN00001']]),
};

/** Alerts over a real database and the stand-in of Slack, on clocks that are moved by hand. */
export interface SlackWorld {
  /** Ahead of the machine's clock, ms. */
  ahead: number;
  deps: AlertDeps;
  suppressed: [key: string, author: string, until: number][];
  /** Queues an alert of an account's crossing, as scoring does, and its task. */
  alert(account: string, told: Told, over?: Partial<AccountFacts>, owner?: string | null): Promise<string>;
  /** Until nothing can be done now. */
  deliver(): Promise<void>;
  actions(): Promise<{ key: string; state: string; reason: string; code: string | null; sends: number }[]>;
}

export function slackWorld(database: TestDatabase, slack: SlackSandbox, webhook = false): SlackWorld {
  const { db } = database;
  const now = () => Date.now() + world.ahead;
  const client = slackClient({ token: slack.token, baseUrl: slack.apiUrl });
  const connection = webhook ? 'slack:webhook:1' : TEAM;
  const policy = shippedPolicy();
  const withAlerts = { ...policy, handoff: { ...policy.handoff, alerts: ALERTS } };
  const clicks: ClickDeps = {
    db,
    connection,
    now,
    realNow: now,
    emailOf: async (user) => (user === 'U0JO000001' ? 'jo@example.com' : null),
    silentUntil: (_sla, at) => at + 60 * MINUTE,
    suppress: async (key, _why, author, until) => void world.suppressed.push([key, author, until]),
  };
  const world: SlackWorld = {
    ahead: 0,
    suppressed: [],
    deps: {
      store: postgresAlerts(db, now, now),
      messenger: webhook ? webhookMessenger(slack.webhookUrl) : client,
      directory: webhook ? NOBODY : slackDirectory(client, now),
      connection,
      alerts: () => ALERTS,
      now,
      realNow: now,
      life: { stopping: false },
      buttons: true,
      list: 'https://pql.example.com/api/v1/accounts',
      recordLink: (_connection, id) => ({ label: 'HubSpot', url: `https://crm.example.com/${id}` }),
      clicks: () => workOffClicks(clicks),
      every: 1,
    },
    alert: async (account, told, over = {}, owner = 'ann@crm.example') => {
      await noteChannelOfAlerts(db, 'slack', connection, now());
      const [act] = alertActs(
        withAlerts,
        { ...factsOf(account), ...over },
        'rubric',
        { tier: 'mql', n: 1 },
        told,
      );
      await queueActs(db, { crm: 'slack', connection }, [{ ...act, account } as never]);
      await queueActs(db, { crm: 'hubspot', connection: 'hubspot:1' }, [
        { key: `t:${account}`, account, kind: 'task', payload: {} },
      ]);
      await db.query(
        `UPDATE actions SET crossing = 'mql#1', created_at = CASE WHEN kind = 'alert' THEN coalesce($3, created_at) ELSE created_at END,
           state = CASE WHEN kind = 'task' AND $2::text IS NOT NULL THEN 'done' ELSE state END,
           owner = CASE WHEN kind = 'task' AND $2::text IS NOT NULL THEN json_build_object('id', '1', 'name', $2::text, 'why', '') END
         WHERE account = $1 AND (kind = 'task' OR id = $4)`,
        [hashId(account), owner, new Date(now()), actionId(connection, act?.key ?? '')],
      );
      return actionId(connection, act?.key ?? '');
    },
    deliver: async () => {
      for (let wait: number | null = 0; wait === 0; ) {
        wait = await deliverAlerts(world.deps);
      }
    },
    actions: async () => {
      const rows = await db.query(
        `SELECT key, state, reason, code, sends FROM actions WHERE kind = 'alert' ORDER BY created_at, key`,
      );
      return rows.rows;
    },
  };
  return world;
}

function factsOf(account: string): AccountFacts {
  return {
    key: account,
    name: account,
    domain: `${account}.example`,
    link: `https://pql.example.com/api/v1/accounts/${account}`,
    holdout: false,
    traits: { employees: 240 },
    people: [ADA],
    reachable: [ADA],
    score: {
      value: 85,
      tier: 'mql',
      reasons: '5 teammates invited (+20); ran into a plan limit 2 times (+25)',
      at: '2026-03-02T12:00:00.000Z',
      raw: 85,
      flags: null,
      segment: null,
    },
  };
}

const ADA: AccountFacts['people'][number] = {
  ref: 'u:ada',
  id: 'ada',
  email: 'ada@initech.example',
  name: 'Ada',
  firstName: null,
  lastName: null,
  title: 'Ops',
  department: null,
  lastActive: 1,
  traits: {},
} as never;

/** A card as scoring makes it. */
export function cardOf(over: Partial<AlertCard> = {}): AlertCard {
  return {
    key: 'acct-7',
    name: 'Initech',
    domain: 'initech.example',
    size: '240',
    tier: 'mql',
    score: 85,
    reasons: ['5 teammates invited (+20)'],
    who: { name: 'Ada', email: 'ada@initech.example', title: 'Ops' },
    route: 'SDR',
    due: '2026-03-03T12:00:00.000Z',
    sla: 'any',
    link: 'https://pql.example.com/api/v1/accounts/acct-7',
    ...over,
  };
}
