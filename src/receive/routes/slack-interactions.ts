import type { Press } from '../../alerts/press.ts';
import { causeOf } from '../../shared/cause.ts';
import { within } from '../../shared/within.ts';
import { readBody } from '../http/read-body.ts';
import { type Reply, refused, tryAgain, unauthorized, webhookOff } from '../http/reply.ts';
import type { Handler } from '../http/serve.ts';
import type { Visit } from '../intake.ts';
import { pressesIn } from '../slack/presses.ts';
import { isSignedBySlack, looksSigned, type Signed, STAMP_MAX } from '../slack/signature.ts';

export const SLACK_INTERACTIONS = 'slack.interactions';

/** Slack sends the message along with the press. */
const CAP = 1024 * 1024;
/** Slack's look at the certificate of an address: a few short fields, unsigned. */
const PROBE_CAP = 1024;
/** Slack waits for three seconds. */
const PATIENCE = 2500;
/** Signatures that are remembered; older ones go first. */
const REMEMBERED = 10_000;

const GIVEN: Reply = { status: 200, body: {}, bare: true };

/**
 * Buttons of Slack messages. A press is written down before it is acknowledged, and worked off afterwards. The same request a
 * second time is refused; another process would take it, and find the press written down already.
 */
export function receiveSlackInteractions(): Handler {
  const seen = new Map<string, number>();
  return async (request, visit) => {
    const secret = visit.config.slackSigningSecret;
    if (secret === undefined) {
      return webhookOff('SLACK_SIGNING_SECRET');
    }
    const signed = signedOf(request.headers);
    const mayProbe = Number(request.headers['content-length']) <= PROBE_CAP;
    if (!looksSigned(signed, visit.now()) && !mayProbe) {
      return unauthorized(WRONG);
    }
    const body = await readBody(request, CAP, visit.held);
    if (!body.ok) {
      return body.error;
    }
    if (!isSignedBySlack(body.value, signed, secret, visit.now())) {
      return isProbe(body.value) ? GIVEN : unauthorized(WRONG);
    }
    return isRepeat(seen, signed.signature ?? '', visit.now())
      ? unauthorized('This request has come before.')
      : answered(visit, body.value, seen, signed.signature ?? '');
  };
}

const WRONG = 'The signature is missing, wrong or too old.';

async function answered(
  visit: Visit,
  body: Buffer,
  seen: Map<string, number>,
  signature: string,
): Promise<Reply> {
  const presses = pressesIn(body);
  if (presses === null) {
    return refused(400, 'bad_form', 'The body is no form with a payload.');
  }
  if (presses.length > 0 && !(await isNoted(visit, presses))) {
    return tryAgain('not_committed', 'The press could not be stored. Press again.');
  }
  remember(seen, signature, visit.now());
  return GIVEN;
}

async function isNoted({ notePresses, logger }: Visit, presses: readonly Press[]): Promise<boolean> {
  const noted = notePresses(presses).then(
    () => true,
    (error: Error) => {
      logger.error({ cause: causeOf(error) }, 'a press in Slack could not be stored');
      return false;
    },
  );
  return within(PATIENCE, noted, () => false);
}

function signedOf(headers: NodeJS.Dict<string | string[]>): Signed {
  const one = (name: string) => {
    const found = headers[name];
    return Array.isArray(found) ? found[0] : found;
  };
  return { stamp: one('x-slack-request-timestamp'), signature: one('x-slack-signature') };
}

/** A payload beside it is not looked at. */
function isProbe(body: Buffer): boolean {
  return body.length <= PROBE_CAP && new URLSearchParams(body.toString('utf8')).get('ssl_check') === '1';
}

function isRepeat(seen: Map<string, number>, signature: string, now: number): boolean {
  const at = seen.get(signature);
  return at !== undefined && Math.abs(now - at) <= 2 * STAMP_MAX;
}

function remember(seen: Map<string, number>, signature: string, now: number): void {
  for (const [old, at] of seen) {
    if (seen.size < REMEMBERED && now - at <= 2 * STAMP_MAX) {
      break;
    }
    seen.delete(old);
  }
  seen.set(signature, now);
}
