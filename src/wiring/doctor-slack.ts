import { type SlackClient, slackClient } from '../alerts/slack/client.ts';
import { isChannelGone, lacksScope, wordsOfFailure } from '../alerts/slack/outcomes.ts';
import type { Config } from '../config.ts';
import { green, red } from '../crm/findings.ts';
import type { Alerts } from '../decide/handoff/alerts.ts';
import type { Finding } from '../sync/crm.ts';

const NEEDED = ['chat:write', 'users:read', 'users:read.email'];

/** What the doctor finds of Slack: the token, what it may do, and the channels of handoff.yaml. Nothing is sent. */
export async function slackFindings(config: Config, alerts: Alerts | null): Promise<Finding[]> {
  const { SLACK_BOT_TOKEN: token, SLACK_WEBHOOK_URL: url } = config;
  const told =
    alerts === null
      ? [red('alerts', 'handoff.yaml has no section alerts: nobody is told', 'add it; docs/slack.md')]
      : [];
  if (token === undefined) {
    return url === undefined
      ? [green('credentials', 'none set: off')]
      : [green('webhook', 'set; whether it is in force, the first message tells'), ...told];
  }
  const client = slackClient({ token, baseUrl: config.SLACK_BASE_URL });
  const me = await client.whoAmI();
  if (!me.ok) {
    const { reason } = wordsOfFailure(me.failure);
    return [
      red('credentials', reason, 'set SLACK_BOT_TOKEN to the token of an app that is installed'),
      ...told,
    ];
  }
  const missing = NEEDED.filter((scope) => !me.data.scopes.includes(scope));
  return [
    green('credentials', `${me.data.user} in ${me.data.team}`),
    missing.length === 0
      ? green('scopes', NEEDED.join(', '))
      : red(
          'scopes',
          `missing: ${missing.join(', ')}`,
          'add them to the app and install it again: docs/slack.md',
        ),
    buttons(config),
    ...told,
    ...(await Promise.all(channelsOf(alerts).map((channel) => channelFinding(client, channel)))),
  ];
}

function buttons({ SLACK_SIGNING_SECRET: secret, PUBLIC_URL: address }: Config): Finding {
  if (secret === undefined) {
    return green('buttons', 'off: SLACK_SIGNING_SECRET is not set');
  }
  return address === undefined
    ? red(
        'buttons',
        'Slack has no address to send presses to',
        'set PUBLIC_URL, and the request URL of the app',
      )
    : green('buttons', `request URL of the app: ${address.replace(/\/$/, '')}/slack/interactions`);
}

function channelsOf(alerts: Alerts | null): string[] {
  return alerts === null
    ? []
    : [...new Set([alerts.fallback.channel, ...alerts.channels.map(({ channel }) => channel)])];
}

async function channelFinding(client: SlackClient, id: string): Promise<Finding> {
  const found = await client.channel(id);
  const check = `channel ${id}`;
  const invite = 'invite the app to it, or name another one under alerts in handoff.yaml';
  if (!found.ok) {
    if (lacksScope(found.failure)) {
      return green(check, 'cannot be looked at without the scope channels:read');
    }
    const { reason } = wordsOfFailure(found.failure);
    return red(check, reason, isChannelGone(found.failure) ? invite : 'look again');
  }
  const { name, archived, member } = found.data;
  return archived || !member
    ? red(check, archived ? `#${name} is archived` : `the app is not in #${name}`, invite)
    : green(check, `#${name}`);
}
