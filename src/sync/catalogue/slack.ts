import { type Row, thenRetry } from './entry.ts';

const NEW_TOKEN = 'Set SLACK_BOT_TOKEN to the token of an app that is installed; what waits goes then.';
const CHANNEL = thenRetry(
  'Invite the app to the channel, or name another one under `alerts` in handoff.yaml',
);
const SCOPE = thenRetry('Give the app the right, and install it again: `docs/slack.md`');
const FORM = 'It was tried as plain text too. This is a fault of pql-bridge: please report it.';

/** What Slack answers, and what alerts wait for. */
export const SLACK: readonly Row[] = [
  ['invalid_auth', 'pause', 'The token is not known to Slack.', NEW_TOKEN],
  ['not_authed', 'pause', 'Slack saw no token.', NEW_TOKEN],
  [
    'account_inactive',
    'pause',
    'The token belongs to somebody, or a workspace, that was deleted.',
    NEW_TOKEN,
  ],
  ['token_revoked', 'pause', 'The token was revoked, or the app was taken out of the workspace.', NEW_TOKEN],
  ['token_expired', 'pause', 'The token has expired.', NEW_TOKEN],
  ['app_access_restricted', 'pause', 'An admin has restricted the app.', 'Ask the admin of the workspace.'],
  [
    'accesslimited',
    'pause',
    'Access to the workspace is limited at present.',
    'Ask the admin of the workspace.',
  ],
  ['missing_scope', 'park', 'The app lacks a scope; the words name it.', SCOPE],
  ['not_allowed_token_type', 'park', 'The token is of another kind than a bot token.', SCOPE],
  ['no_permission', 'park', 'The workspace does not let the app post there.', SCOPE],
  ['restricted_action', 'park', 'The workspace lets only some people post there.', SCOPE],
  [
    'channel_not_found',
    'park',
    'There is no such channel, or it is private and the app is not in it.',
    CHANNEL,
  ],
  ['not_in_channel', 'park', 'The app is not in the channel.', CHANNEL],
  ['is_archived', 'park', 'The channel was archived.', CHANNEL],
  ['invalid_blocks', 'park', 'Slack finds fault with the form of the message.', FORM],
  ['msg_blocks_too_long', 'park', 'The message is longer than Slack takes.', FORM],
  ['service_unavailable', 'wait', 'Slack is unavailable at present.'],
  ['fatal_error', 'alert_again', 'Slack failed, and part of it may have happened.'],
  ['internal_error', 'alert_again', 'Slack failed, and part of it may have happened.'],
  ['rate_limit', 'wait', 'Slack takes about one message a second in a channel.'],
  [
    'invalid_token',
    'pause',
    'The address of the incoming webhook is not in force any more.',
    'Make another webhook and set SLACK_WEBHOOK_URL.',
  ],
  [
    'no_service',
    'pause',
    'The incoming webhook was taken away.',
    'Make another webhook and set SLACK_WEBHOOK_URL.',
  ],
  [
    'channel_is_archived',
    'pause',
    'The channel of the incoming webhook was archived.',
    'Make a webhook for another channel and set SLACK_WEBHOOK_URL.',
  ],
  [
    'action_prohibited',
    'pause',
    'An admin does not allow the webhook to post.',
    'Ask the admin of the workspace.',
  ],
  [
    'uncertain_alert',
    'park',
    'The alert was sent twice, a minute apart, and Slack answered neither time.',
    'Look in the channel. It is there: `pql errors dismiss ID`. It is not: `pql errors retry ID`.',
  ],
  ['awaiting_owner', 'wait', 'The alert waits up to a minute for its task, to name who has it.'],
  ['awaiting_sync', 'wait', 'PQL_SYNC=manual: the alert waits until `pql sync` has written its task.'],
  ['awaiting_alert', 'wait', 'The first message about the account is still to be sent.'],
  ['awaiting_turn', 'wait', 'Other messages of the channel come first: Slack takes one a second.'],
  ['rolling_up', 'wait', 'Many accounts qualified at once: one message is going to tell of all of them.'],
];
