import { createHash } from 'node:crypto';
import { deliverAlerts } from '../alerts/deliver.ts';
import type { AlertDeps } from '../alerts/deps.ts';
import type { Directory, Messenger } from '../alerts/port.ts';
import { slackClient } from '../alerts/slack/client.ts';
import { NOBODY, slackDirectory } from '../alerts/slack/directory.ts';
import { wordsOfFailure } from '../alerts/slack/outcomes.ts';
import { webhookMessenger } from '../alerts/slack/webhook.ts';
import type { Config } from '../config.ts';
import { ALWAYS } from '../decide/handoff/business-hours.ts';
import { tomorrow } from '../decide/handoff/tomorrow.ts';
import type { Mappings } from '../mappings.ts';
import { noteChannelOfAlerts, noteUnreachable } from '../store/connections.ts';
import { postgresAlerts } from '../store/handoff/alerts.ts';
import { workOffClicks } from '../store/handoff/clicks.ts';
import { addSuppression, heldNow } from '../store/handoff/suppressions.ts';
import type { ConnectionDeps } from './connections.ts';
import { recordLinks } from './record-links.ts';

/** Slack is connected: alerts are made and sent. */
export function hasSlack({ SLACK_BOT_TOKEN, SLACK_WEBHOOK_URL }: Config): boolean {
  return SLACK_BOT_TOKEN !== undefined || SLACK_WEBHOOK_URL !== undefined;
}

/** The section of handoff.yaml without which, or without Slack, nobody is told. */
export function alertsInForce(config: Config, { handoff }: Mappings) {
  return hasSlack(config) ? handoff.alerts : null;
}

export interface SlackDeps extends ConnectionDeps {
  config: Config;
  mappings: () => Mappings;
  linkBase: string;
  /** What lies between two messages of one channel (ms); absent: what Slack asks for. */
  every?: number | undefined;
}

/** How soon (ms) it is tried again to reach Slack. */
const REACH_AGAIN = 30_000;

/** The stage that sends alerts; null without Slack. */
export function alertStage(deps: SlackDeps): (() => Promise<number | null>) | null {
  const { config } = deps;
  if (!hasSlack(config)) {
    return null;
  }
  const slack = slackOf(config, deps.realNow);
  let connection: string | null = null;
  return async () => {
    try {
      connection ??= await reach(deps, slack);
      if (connection === null) {
        return REACH_AGAIN;
      }
      const clicks = clicksOf(deps, slack.directory, connection);
      return await deliverAlerts({ ...alertDeps(deps, slack, connection), clicks });
    } catch (error) {
      const reason = (error as Error).message;
      deps.logger.error({ reason }, 'alerts stopped; they will be tried again');
      return REACH_AGAIN;
    }
  };
}

interface Slack {
  messenger: Messenger;
  directory: Directory;
  /** Which workspace it is, or why that cannot be told. */
  connect: () => Promise<{ connection: string } | { code: string; reason: string }>;
}

function slackOf(config: Config, realNow: () => number): Slack {
  const { SLACK_BOT_TOKEN: token, SLACK_WEBHOOK_URL: url = '' } = config;
  if (token === undefined) {
    const short = createHash('sha256').update(url).digest('hex').slice(0, 12);
    const connection = `slack:webhook:${short}`;
    return { messenger: webhookMessenger(url), directory: NOBODY, connect: async () => ({ connection }) };
  }
  const client = slackClient({ token, baseUrl: config.SLACK_BASE_URL });
  return {
    messenger: client,
    directory: slackDirectory(client, realNow),
    connect: async () => {
      const found = await client.whoAmI();
      if (found.ok) {
        return { connection: `slack:${found.data.team}` };
      }
      return wordsOfFailure(found.failure);
    },
  };
}

async function reach(deps: SlackDeps, { connect }: Slack): Promise<string | null> {
  const found = await connect();
  const now = deps.realNow();
  if ('connection' in found) {
    await noteChannelOfAlerts(deps.db, 'slack', found.connection, now);
    return found.connection;
  }
  await noteUnreachable(deps.db, 'slack', now + 2 * REACH_AGAIN, now, found);
  deps.logger.warn({ reason: found.reason }, 'Slack not reachable; alerts wait');
  return null;
}

function alertDeps(deps: SlackDeps, { messenger, directory }: Slack, connection: string): AlertDeps {
  const { config, mappings, db, realNow, now, life, linkBase } = deps;
  return {
    store: postgresAlerts(db, realNow, now),
    messenger,
    directory,
    connection,
    alerts: () => mappings().handoff.alerts,
    now,
    realNow,
    life,
    manual: config.PQL_SYNC === 'manual',
    ...(deps.every === undefined ? {} : { every: deps.every }),
    held: (accounts) => heldNow(db, accounts, now()),
    buttons: config.SLACK_SIGNING_SECRET !== undefined,
    list: `${linkBase}/accounts`,
    recordLink: recordLinks(config),
  };
}

function clicksOf(deps: SlackDeps, directory: Directory, connection: string): () => Promise<number> {
  const { db, now, realNow, mappings } = deps;
  return () =>
    workOffClicks({
      db,
      connection,
      now,
      realNow,
      suppress: async (key, reason, author, until) => {
        await addSuppression(db, { key, reason, author, until }, { now: now(), realNow: realNow() });
      },
      emailOf: async (user) => byHand(mappings(), user) ?? directory.emailOf(user),
      silentUntil: (sla, at) => {
        const rule = mappings().handoff.sla.find(({ id }) => id === sla);
        return tomorrow(rule?.hours ?? ALWAYS, at);
      },
    });
}

/** Under which e-mail the CRM knows a Slack user, as handoff.yaml says. */
function byHand({ handoff }: Mappings, user: string): string | null {
  const found = [...(handoff.alerts?.owners ?? [])].find(([, one]) => one === user);
  return found?.[0] ?? null;
}
