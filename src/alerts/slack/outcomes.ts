import { HOUR, MINUTE, SECOND } from '../../shared/time.ts';
import type { Outcome } from '../../sync/crm.ts';
import type { Failure } from './reply.ts';

/**
 * The one place that knows Slack's error words and status codes (its pages on `chat.postMessage`, `chat.update`, incoming webhooks and
 * rate limits). Pure. Slack's lists are open: a word that stands nowhere here is permanent, and shown.
 */

/** What a repeat would do: `once`, a second message; `repeatable`, the same again. */
export type Repeat = 'once' | 'repeatable';

const LONGEST_WAIT = 15 * MINUTE;

const RATE = ['ratelimited', 'rate_limited'];
const PASSING = ['service_unavailable', 'request_timeout', 'team_added_to_org', 'org_login_required'];
/** Slack's documents say that part of it may have happened. */
const UNCLEAR = ['internal_error', 'fatal_error'];
const CREDENTIALS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'app_access_restricted',
  'accesslimited',
];
const RIGHTS = [
  'missing_scope',
  'not_allowed_token_type',
  'no_permission',
  'ekm_access_denied',
  'message_limit_exceeded',
  'is_bot',
];
const NO_CHANNEL = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'messages_tab_disabled',
  'is_inactive',
];
const NO_THREAD = ['cannot_reply_to_message', 'restricted_action_thread_locked', 'thread_not_found'];
const NO_MESSAGE = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
const FORM = [
  'invalid_blocks',
  'invalid_blocks_format',
  'block_mismatch',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'invalid_arg_name',
  'invalid_array_arg',
  'too_many_attachments',
];

/** What became of a message that was sent by the API. */
export function outcomeOf(failure: Failure, repeat: Repeat): Outcome {
  switch (failure.kind) {
    case 'limited':
      return limited(failure.retryAfterMs);
    case 'lost':
      return failure.sent ? unclear(repeat, failure.code, 'Slack gave no answer') : unreachable(failure.code);
    case 'unreadable':
      return unclear(repeat, 'unreadable_answer', 'Slack gave an answer that cannot be understood');
    case 'status':
      return ofStatus(failure, repeat);
    default:
      return refusedOutcome(failure.error, failure.detail, repeat);
  }
}

function refusedOutcome(error: string, detail: string, repeat: Repeat): Outcome {
  const reason = detail === '' ? error : `${error}: ${detail}`;
  if (RATE.includes(error)) {
    return limited(null);
  }
  if (PASSING.includes(error)) {
    return patient(30 * SECOND, error, reason);
  }
  if (UNCLEAR.includes(error)) {
    return unclear(repeat, error, reason);
  }
  if (CREDENTIALS.includes(error)) {
    // One call a minute asks whether somebody has set another token.
    return {
      state: 'halt',
      afterMs: MINUTE,
      code: error,
      reason: `SLACK_BOT_TOKEN is not accepted: ${reason}`,
    };
  }
  return { state: 'parked', code: error, reason, remedy: remedyOf(error) };
}

function remedyOf(error: string): string {
  if (RIGHTS.includes(error) || error.startsWith('restricted_action')) {
    return 'give the app the right (docs/slack.md has the scopes), install it again, then `pql errors retry`';
  }
  if (NO_CHANNEL.includes(error)) {
    return 'invite the app to the channel, or name another one under `alerts` in handoff.yaml, then `pql errors retry`';
  }
  return 'look at the words of Slack, then `pql errors retry` or `pql errors dismiss`';
}

function ofStatus(
  { status, body, retryAfterMs }: Extract<Failure, { kind: 'status' }>,
  repeat: Repeat,
): Outcome {
  const reason = `HTTP ${status}${body === '' ? '' : `: ${body}`}`;
  if (status === 429) {
    return limited(retryAfterMs);
  }
  if (status === 408 || status >= 500) {
    return unclear(repeat, `http_${status}`, reason);
  }
  const remedy = 'check SLACK_BASE_URL and the proxy, then `pql errors retry`';
  return { state: 'parked', code: `http_${status}`, reason, remedy };
}

/** What became of a message that was sent to an incoming webhook: plain text, decided by its status first. */
export function webhookOutcome(failure: Failure): Outcome {
  if (failure.kind !== 'status' || failure.status < 400 || failure.status >= 500) {
    return outcomeOf(failure, 'once');
  }
  const { status, body, retryAfterMs } = failure;
  if (status === 429) {
    return limited(retryAfterMs);
  }
  if (status === 408) {
    return unclear('once', 'http_408', 'HTTP 408');
  }
  const code = /^[a-z_]{3,60}$/.test(body) ? body : `http_${status}`;
  // The URL stands for one channel: with it gone, nothing arrives any more.
  return status !== 400 || code === 'invalid_token' || code === 'user_not_found'
    ? { state: 'halt', afterMs: HOUR, code, reason: `SLACK_WEBHOOK_URL is not accepted any more: ${code}` }
    : { state: 'parked', code, reason: `HTTP ${status}: ${code}`, remedy: remedyOf(code) };
}

/** The channel is gone, or the app is not in it: another channel may do. */
export function isChannelGone(failure: Failure): boolean {
  return failure.kind === 'refused' && NO_CHANNEL.includes(failure.error);
}

/** Nobody can answer in the thread any more: a new message can be sent. */
export function isThreadGone(failure: Failure): boolean {
  return failure.kind === 'refused' && NO_THREAD.includes(failure.error);
}

/** Somebody deleted the message, or it can no longer be changed: it is left as it is. */
export function isMessageGone(failure: Failure): boolean {
  return failure.kind === 'refused' && [...NO_MESSAGE, ...NO_CHANNEL].includes(failure.error);
}

/** Slack finds fault with the form of the message: its plain text may do. */
export function isFormRefused(failure: Failure): boolean {
  return failure.kind === 'refused' && FORM.includes(failure.error);
}

/** Slack has certainly not taken the message. */
export function isNotSent(outcome: Outcome): boolean {
  return outcome.state !== 'uncertain' && outcome.state !== 'done';
}

/** The token may not do this. */
export function lacksScope(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.error === 'missing_scope';
}

/** Code and words of whatever failed. */
export function wordsOfFailure(failure: Failure): { code: string; reason: string } {
  const { code = 'unknown', reason = '' } = outcomeOf(failure, 'repeatable') as {
    code?: string;
    reason?: string;
  };
  return { code, reason };
}

/** Slack's word for an e-mail that nobody has. */
export const NO_SUCH_USER = 'users_not_found';

/** Slack answers so when it takes no more for now. */
export function isLimit(status: number): boolean {
  return status === 429;
}

/** Nobody has this e-mail in Slack. */
export function isUnknownUser(failure: Failure): boolean {
  return (
    failure.kind === 'refused' && [NO_SUCH_USER, 'user_not_found', 'user_not_visible'].includes(failure.error)
  );
}

function limited(afterMs: number | null): Outcome {
  return patient(Math.min(afterMs ?? 5 * SECOND, LONGEST_WAIT), 'rate_limit', 'too many messages for Slack');
}

function unreachable(code: string): Outcome {
  return { state: 'halt', afterMs: 30 * SECOND, code, reason: 'Slack could not be reached' };
}

function unclear(repeat: Repeat, code: string, reason: string): Outcome {
  return repeat === 'once'
    ? { state: 'uncertain', code, reason, patient: true }
    : patient(5 * SECOND, code, reason);
}

function patient(afterMs: number, code: string, reason: string): Outcome {
  return { state: 'retry', afterMs, code, reason, patient: true };
}
