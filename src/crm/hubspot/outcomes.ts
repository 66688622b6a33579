import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time.ts';
import { OVER_BUDGET } from '../../sync/budget.ts';
import type { Outcome } from '../../sync/crm.ts';
import { type Moment, msToMidnight } from './limits.ts';
import { type Failure, type Refused, refusal } from './reply.ts';
import { codeOf, fieldOf, scopes, words } from './words.ts';

/**
 * The one place that knows HubSpot's status codes and error words (its "Error handling" page; the answers
 * that the page does not list were seen in recorded traffic). Pure.
 */

/**
 * What a repeat would do:
 * - `once`: perhaps a second record, so a lost answer is `uncertain`;
 * - `repeatable`: nothing, or a unique property refuses it.
 */
export type Repeat = 'once' | 'repeatable';

const MAX_RETRY_AFTER = DAY;

/** The edge of HubSpot answers, not HubSpot: overload, maintenance, a lost origin. A 500 may be one record's doing. */
const OVERLOAD = [502, 503, 504, 521, 522, 523, 524];

export function outcomeOf(failure: Failure, repeat: Repeat, moment: Moment): Outcome {
  switch (failure.kind) {
    case 'held':
      return { state: 'retry', afterMs: failure.afterMs, code: OVER_BUDGET, reason: failure.reason };
    case 'lost':
      return failure.sent
        ? unclear(
            repeat,
            failure.code,
            'HubSpot gave no readable answer',
            null,
            failure.code !== 'unreadable_answer',
          )
        : patient({ afterMs: 5 * SECOND, code: failure.code, reason: 'HubSpot could not be reached' });
    case 'unaccounted':
      return unclear(repeat, 'unaccounted', 'HubSpot answered success but did not mention this record');
    case 'refused':
      return refusedOutcome(failure, repeat, moment);
  }
}

function refusedOutcome(failure: Refused, repeat: Repeat, moment: Moment): Outcome {
  const { status } = failure;
  const code = codeOf(failure);
  const reason = words(failure);
  if (existingId(failure) !== null) {
    return conflict(reason);
  }
  switch (status) {
    // One call a minute asks whether a person has mended the token.
    case 401:
      return halt(MINUTE, 'unauthorized', `HUBSPOT_ACCESS_TOKEN is not accepted: ${reason}`);
    case 403:
      return halt(MINUTE, 'missing_scopes', `add the scopes to the token${scopes(failure)}: ${reason}`);
    case 404:
      return { state: 'rematch', code: 'not_found', reason };
    case 409:
      return conflict(reason);
    case 423:
      return patient({ afterMs: failure.retryAfterMs ?? 2 * SECOND, code: 'locked', reason });
    case 429:
      return tooMany(failure, moment);
    case 477:
      return halt(
        failure.retryAfterMs ?? HOUR,
        'migrating',
        `the portal moves between data centres: ${reason}`,
      );
    case 525:
    case 526:
      return patient({ afterMs: MINUTE, code: `http_${status}`, reason });
    default:
      return status === 408 || status >= 500
        ? unclear(repeat, `http_${status}`, reason, failure.retryAfterMs, OVERLOAD.includes(status))
        : { state: 'parked', code, reason, remedy: remedyOf(failure), ...fieldOf(failure) };
  }
}

/** Someone took the unique value in the meantime: the next attempt looks for that record first. */
function conflict(reason: string): Outcome {
  return { state: 'retry', afterMs: SECOND, code: 'conflict', reason };
}

function tooMany(failure: Refused, { now, timeZone }: Moment): Outcome {
  if (/daily/i.test(`${failure.policyName} ${failure.message}`)) {
    return halt(msToMidnight(now, timeZone), 'daily_limit', 'the daily limit of the portal is used up');
  }
  // Without Retry-After: a second's limit (search) ends in a second, any other in its window of ten.
  const window = /secondly/i.test(failure.message) && !/ten/i.test(failure.message) ? SECOND : 10 * SECOND;
  const afterMs = Math.min(failure.retryAfterMs ?? window, MAX_RETRY_AFTER);
  return patient({ afterMs, code: 'rate_limit', reason: words(failure) });
}

function unclear(
  repeat: Repeat,
  code: string,
  reason: string,
  afterMs: number | null = null,
  outage = false,
): Outcome {
  const said = { code, reason, ...(outage ? { patient: true as const } : {}) };
  return repeat === 'once'
    ? { state: 'uncertain', ...said }
    : { state: 'retry', afterMs: Math.min(afterMs ?? 5 * SECOND, MAX_RETRY_AFTER), ...said };
}

/** HubSpot itself is in trouble: no record is to blame, however long it lasts. */
function patient(said: { afterMs: number; code: string; reason: string }): Outcome {
  return { state: 'retry', ...said, patient: true };
}

function halt(afterMs: number, code: string, reason: string): Outcome {
  return { state: 'halt', afterMs: Math.min(afterMs, MAX_RETRY_AFTER), code, reason };
}

/** A list of ours by name that is not ours to fill. */
export function notManual(name: string): Failure {
  return {
    kind: 'refused',
    status: 400,
    category: 'LIST_NOT_MANUAL',
    subCategory: '',
    message: `the list "${name}" is filled by HubSpot itself: rename it, or name another in the mapping`,
    policyName: '',
    correlationId: '',
    codes: [],
    context: {},
    retryAfterMs: null,
  };
}

const STATUS_OF_CATEGORY: Record<string, number> = {
  VALIDATION_ERROR: 400,
  CONFLICT: 409,
  OBJECT_ALREADY_EXISTS: 409,
  OBJECT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  MISSING_SCOPES: 403,
  RATE_LIMITS: 429,
  INTERNAL_ERROR: 500,
};

/** One entry of `errors` in a 207 -> the failure of its record. It carries no status of its own. */
export function recordRefusal(entry: unknown): Failure {
  const failure = refusal(400, entry, {});
  return failure.kind === 'refused'
    ? { ...failure, status: STATUS_OF_CATEGORY[failure.category] ?? 400 }
    : failure;
}

/** A whole-batch refusal that one record may have caused: halves go again until it stands alone (I9). */
export function mayBeOneRecord(failure: Failure): boolean {
  return failure.kind === 'refused' && [400, 404, 409, 413, 414, 422].includes(failure.status);
}

/** A refusal that the next call would meet too: credentials, scopes, limits, a portal that moves. */
export function refusesAll(failure: Failure): boolean {
  return (
    failure.kind === 'held' || (failure.kind === 'refused' && [401, 403, 429, 477].includes(failure.status))
  );
}

/** How long (ms) nobody should make such a call, after a refusal for its rate; null: it was none. The day's limit is another. */
export function ratePause(failure: Failure, moment: Moment): number | null {
  if (failure.kind !== 'refused' || failure.status !== 429) {
    return null;
  }
  const outcome = tooMany(failure, moment);
  return outcome.state === 'retry' ? outcome.afterMs : null;
}

/** 404; lists answer an unknown name with 400 (seen in Segment's tests of its HubSpot destination). */
export function isAbsent(failure: Failure): boolean {
  return (
    failure.kind === 'refused' &&
    (failure.status === 404 || (failure.status === 400 && /list does not exist/i.test(failure.message)))
  );
}

/** HubSpot, or the way to it, is in trouble: the next call may well be answered. */
export function isAway(failure: Failure): boolean {
  return failure.kind === 'lost' || (failure.kind === 'refused' && OVERLOAD.includes(failure.status));
}

/** One record of a batch that was not looked at now: it says nothing about whether the record is there. */
export function isPassing(failure: Failure): boolean {
  return failure.kind === 'refused' && ([423, 429].includes(failure.status) || failure.status >= 500);
}

export function isConflict(failure: Failure): boolean {
  return failure.kind === 'refused' && (failure.status === 409 || isDuplicateListName(failure));
}

function isDuplicateListName(failure: Refused): boolean {
  return failure.subCategory.includes('DUPLICATE_LIST_NAMES');
}

/**
 * The record that already holds the unique value: from the context, else from "Existing ID: 123" (contacts), else from
 * "123 already has that value" (custom properties, a 400).
 */
export function existingId(failure: Failure): string | null {
  if (failure.kind !== 'refused' || ![400, 409].includes(failure.status)) {
    return null;
  }
  const [, before, after] =
    /existing id:\s{0,9}(\d{1,30})|(?<!\d)(\d{1,30}) already has that value/i.exec(failure.message) ?? [];
  return failure.context.existingId?.[0] ?? before ?? after ?? null;
}

/** The property is unknown to the portal, or is not unique and cannot find a record. */
export function lacksProperty(failure: Failure): boolean {
  return (
    failure.kind === 'refused' &&
    failure.status === 400 &&
    (failure.codes.includes('PROPERTY_DOESNT_EXIST') ||
      (/propert/i.test(failure.message) && /(does not|doesn't) exist/i.test(failure.message)) ||
      /non-unique/i.test(failure.message))
  );
}

/** The properties that a refusal calls unknown; [] when it names none. Whatever carries one of them is refused alike. */
export function unknownProperties(failure: Failure): string[] {
  if (failure.kind !== 'refused' || !lacksProperty(failure)) {
    return [];
  }
  const named = [
    ...failure.message.matchAll(
      /"error"\s{0,9}:\s{0,9}"PROPERTY_DOESNT_EXIST"[^{}]{0,999}?"name"\s{0,9}:\s{0,9}"([^"]{1,200})"/g,
    ),
    ...failure.message.matchAll(/property \\?"([a-z]\w*)\\?" does not exist/gi),
  ];
  return [...new Set(named.map((match) => match[1] ?? ''))];
}

/** Asked for something a portal without that right or property refuses: the caller can do without. */
export function isRefusedRequest(failure: Failure): boolean {
  return failure.kind === 'refused' && [400, 403, 404].includes(failure.status);
}

/** The owner is unknown or has left; HubSpot documents no code for it, but names the property. */
export function refusesOwner(failure: Failure): boolean {
  return (
    failure.kind === 'refused' &&
    failure.status === 400 &&
    (/hubspot_owner_id/.test(failure.message) ||
      failure.context.propertyName?.includes('hubspot_owner_id') === true)
  );
}

/** Waiting will not help: the credentials themselves are wrong. */
export function isPermanent(failure: Failure): boolean {
  return failure.kind === 'refused' && (failure.status === 401 || failure.status === 403);
}

/** The token is known, and may not do this. */
export function lacksScope(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 403;
}

/** What a person can do about a call that failed before any record was looked at. */
export function remedyOfConnection(failure: Failure): string {
  if (failure.kind !== 'refused') {
    return 'check HUBSPOT_BASE_URL, the network and the proxy; HubSpot may be down: status.hubspot.com';
  }
  if (lacksScope(failure)) {
    return `add the scopes to the service key or private app${scopes(failure)}`;
  }
  return isPermanent(failure)
    ? 'set HUBSPOT_ACCESS_TOKEN to a service key or private app token that is in force'
    : 'wait and look again';
}

function remedyOf(failure: Refused): string {
  if (lacksProperty(failure)) {
    return 'run `pql crm setup --apply` or correct the mapping, then `pql errors retry`';
  }
  return 'correct the value or the mapping, then `pql errors retry`';
}
