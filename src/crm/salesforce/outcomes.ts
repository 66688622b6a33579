import { HOUR, MINUTE, SECOND } from '../../shared/time.ts';
import { OVER_BUDGET } from '../../sync/budget.ts';
import type { Outcome } from '../../sync/crm.ts';

/** What went wrong, in Salesforce's own words: an error of one record, or of a whole call. */
export interface Failure {
  /** `errorCode`/`statusCode` of the API, `ERROR_HTTP_<status>` for a body that is no JSON, or NETWORK, TIMEOUT, REFUSED. */
  code: string;
  message: string;
  fields: string[];
  /** Records that the org's duplicate rules found. */
  duplicateIds: string[];
}

/** Whether the call may be repeated without harm: by id, by external id, a query. */
export type Repeat = 'harmless' | 'harmful';

type Verdict =
  /** `patient`: the org was busy, which no record is to blame for. */
  | { kind: 'retry'; afterMs: number; patient?: true }
  | { kind: 'ambiguous'; afterMs: number; patient?: true }
  /** Perhaps a passing mood of the org's own automation: once more, then a person looks. */
  | { kind: 'once_more'; afterMs: number; remedy: string }
  | { kind: 'halt'; afterMs: number; remedy: string }
  | { kind: 'rematch' }
  | { kind: 'park'; remedy: string };

const retry = (afterMs: number): Verdict => ({ kind: 'retry', afterMs });
const busy = (afterMs: number): Verdict => ({ kind: 'retry', afterMs, patient: true });
/** The org or the way to it is in trouble, and may have written all the same. */
const away = (afterMs: number): Verdict => ({ kind: 'ambiguous', afterMs, patient: true });
const onceMore = (remedy: string): Verdict => ({ kind: 'once_more', afterMs: 30 * SECOND, remedy });
const park = (remedy: string): Verdict => ({ kind: 'park', remedy });
const halt = (afterMs: number, remedy: string): Verdict => ({ kind: 'halt', afterMs, remedy });

const FIX_VALUE = 'correct the value in the product data or the mapping, then: pql errors retry';
const FIX_MAPPING =
  'correct the mapping (pql check) or make the field (pql crm setup --apply), then: pql errors retry';
const FIX_ACCESS = 'give the integration user the permission, then: pql errors retry';
const FIX_ORG = "the org's own automation refused it; its admin can see why, then: pql errors retry";
const FIX_LOGIN = 'check the external client app, its run-as user and SALESFORCE_* settings';
const FIX_VERSION =
  'set SALESFORCE_API_VERSION to a version of the API that the org offers: pql doctor names the newest';

/** Every code that the API documents for our calls, and what it means for the work. The only place that knows them. */
const VERDICTS: Record<string, Verdict> = {
  // Our own limiter held it back: the org knows nothing of it.
  [OVER_BUDGET]: retry(SECOND),
  UNABLE_TO_LOCK_ROW: retry(2 * SECOND),
  SERVER_UNAVAILABLE: away(5 * SECOND),
  UNKNOWN_EXCEPTION: { kind: 'ambiguous', afterMs: 5 * SECOND },
  INTERNAL_SERVER_ERROR: { kind: 'ambiguous', afterMs: 5 * SECOND },
  QUERY_TIMEOUT: retry(5 * SECOND),
  REQUEST_RUNNING_TOO_LONG: retry(5 * SECOND),
  ENTITY_IS_LOCKED: retry(15 * MINUTE),
  ALL_OR_NONE_OPERATION_ROLLED_BACK: retry(SECOND),
  PROCESSING_HALTED: retry(SECOND),
  REQUEST_LIMIT_EXCEEDED: halt(
    15 * MINUTE,
    'the org is over its API limit; work goes on by itself when it is below',
  ),
  STORAGE_LIMIT_EXCEEDED: halt(HOUR, 'the org is out of storage'),
  LIMIT_EXCEEDED: halt(15 * MINUTE, 'an org limit is exceeded'),
  INVALID_SESSION_ID: halt(MINUTE, FIX_LOGIN),
  INVALID_AUTH_HEADER: halt(15 * MINUTE, FIX_LOGIN),
  UNSUPPORTED_API_VERSION: halt(HOUR, FIX_VERSION),
  ERROR_HTTP_410: halt(HOUR, FIX_VERSION),
  API_DISABLED_FOR_ORG: halt(HOUR, 'the edition or the user has no API access'),
  API_CURRENTLY_DISABLED: halt(15 * MINUTE, 'the API is switched off for the org'),
  invalid_grant: halt(5 * MINUTE, FIX_LOGIN),
  invalid_private_key: halt(HOUR, FIX_LOGIN),
  invalid_client: halt(5 * MINUTE, FIX_LOGIN),
  invalid_client_id: halt(5 * MINUTE, FIX_LOGIN),
  invalid_app_access: halt(5 * MINUTE, FIX_LOGIN),
  inactive_user: halt(HOUR, FIX_LOGIN),
  inactive_org: halt(HOUR, FIX_LOGIN),
  unsupported_grant_type: halt(HOUR, FIX_LOGIN),
  INSUFFICIENT_ACCESS: park(FIX_ACCESS),
  INSUFFICIENT_ACCESS_OR_READONLY: park(FIX_ACCESS),
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: park(FIX_ACCESS),
  INVALID_FIELD: park(FIX_MAPPING),
  INVALID_FIELD_FOR_INSERT_UPDATE: park(FIX_MAPPING),
  INVALID_TYPE: park(FIX_MAPPING),
  MALFORMED_QUERY: park(FIX_MAPPING),
  MALFORMED_ID: park(FIX_MAPPING),
  JSON_PARSER_ERROR: park(FIX_MAPPING),
  FIELD_CUSTOM_VALIDATION_EXCEPTION: park(FIX_VALUE),
  REQUIRED_FIELD_MISSING: park('map the required field in salesforce.yaml, then: pql errors retry'),
  FIELD_INTEGRITY_EXCEPTION: park(FIX_VALUE),
  STRING_TOO_LONG: park('set `length` in the mapping, then: pql errors retry'),
  NUMBER_OUTSIDE_VALID_RANGE: park(FIX_VALUE),
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: park(FIX_VALUE),
  INVALID_EMAIL_ADDRESS: park(FIX_VALUE),
  FIELD_FILTER_VALIDATION_EXCEPTION: park(FIX_VALUE),
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: onceMore(FIX_ORG),
  CANNOT_EXECUTE_FLOW_TRIGGER: onceMore(FIX_ORG),
  DUPLICATE_VALUE: park(
    'another record holds this unique value; merge or correct it, then: pql errors retry',
  ),
  DUPLICATES_DETECTED: park("the org's duplicate rule blocks it; merge the records, then: pql errors retry"),
  DUPLICATE_EXTERNAL_ID: park('two records hold this external id; merge them, then: pql errors retry'),
  MULTIPLE_CHOICES: park(
    'several records hold this external id; make the field unique, then: pql errors retry',
  ),
  ENTITY_IS_DELETED: { kind: 'rematch' },
  INVALID_CROSS_REFERENCE_KEY: { kind: 'rematch' },
  NOT_FOUND: { kind: 'rematch' },
  CANNOT_UPDATE_CONVERTED_LEAD: { kind: 'rematch' },
  INACTIVE_OWNER_OR_USER: park('the owner is inactive; choose another, then: pql errors retry'),
  REDIRECTED: halt(5 * MINUTE, 'set SALESFORCE_LOGIN_URL to the My Domain URL that the org has now'),
  ERROR_HTTP_403: halt(15 * MINUTE, 'a gateway between here and the org refuses the calls'),
  ERROR_HTTP_409: retry(5 * SECOND),
  ERROR_HTTP_420: busy(10 * SECOND),
  ERROR_HTTP_429: busy(10 * SECOND),
  ERROR_HTTP_502: away(5 * SECOND),
  ERROR_HTTP_503: away(5 * SECOND),
  ERROR_HTTP_504: away(5 * SECOND),
  REFUSED: busy(5 * SECOND),
  NETWORK: away(5 * SECOND),
  TIMEOUT: away(10 * SECOND),
};

/** Turns a failure into what the work should do. A repeat that could do harm becomes `uncertain`. */
export function outcomeOf(failure: Failure, repeat: Repeat): Outcome {
  const verdict = verdictOf(failure);
  const said = { code: failure.code, reason: reasonOf(failure) };
  switch (verdict.kind) {
    case 'retry':
      return { state: 'retry', afterMs: verdict.afterMs, ...said, ...patience(verdict) };
    case 'ambiguous':
      return repeat === 'harmless'
        ? { state: 'retry', afterMs: verdict.afterMs, ...said, ...patience(verdict) }
        : { state: 'uncertain', ...said, ...patience(verdict) };
    case 'once_more':
      return { state: 'retry', afterMs: verdict.afterMs, ...said, atMost: 2, remedy: verdict.remedy };
    case 'halt':
      return {
        state: 'halt',
        afterMs: verdict.afterMs,
        code: failure.code,
        reason: `${said.reason}: ${verdict.remedy}`,
      };
    case 'rematch':
      return { state: 'rematch', ...said };
    default:
      return { state: 'parked', remedy: verdict.remedy, ...said, ...fieldOf(failure) };
  }
}

function patience({ patient }: { patient?: true }): { patient?: true } {
  return patient === undefined ? {} : { patient };
}

/** The field that the org names first; of one that it does not have only its words do. */
function fieldOf({ fields, message }: Failure): { field?: string } {
  const field = fields[0] ?? /No such column '([^']+)'/.exec(message)?.[1];
  return field === undefined ? {} : { field };
}

/** The session ran out: it is renewed, once. */
export function isExpired({ code }: Failure): boolean {
  return code === 'INVALID_SESSION_ID' || code === 'ERROR_HTTP_401';
}

/** The org's duplicate rules stopped a create: it has the record already. */
export function isDuplicateFound({ code }: Failure): boolean {
  return code === 'DUPLICATES_DETECTED';
}

/** Our unique field holds that value in another record: somebody was quicker with the same one. */
export function isKeyTaken({ code, message }: Failure, keyField: string): boolean {
  return code === 'DUPLICATE_VALUE' && message.includes(keyField);
}

/** A refusal of a whole call that names no record, and that another record would meet too: nothing is gained by asking on. */
export function isSameForAll(one: Failure, other: Failure): boolean {
  return one.code !== 'JSON_PARSER_ERROR' && one.code === other.code && one.message === other.message;
}

/** The org, or the way to it, is in trouble: the next call may well be answered. */
export function isAway(failure: Failure): boolean {
  return verdictOf(failure).kind === 'ambiguous';
}

/** The field that the org does not have, or hides, of a call that it refuses as a whole: only records that carry it are to blame. */
export function unknownField(failure: Failure): string | undefined {
  return failure.code === 'INVALID_FIELD' ? fieldOf(failure).field : undefined;
}

/** A success that says nothing about a record: perhaps written, perhaps not. */
export const UNACCOUNTED: Failure = {
  code: 'UNKNOWN_EXCEPTION',
  message: 'the answer holds nothing about this record',
  fields: [],
  duplicateIds: [],
};

/** A linked record that a query does not show: deleted, merged away, or converted. */
export const LINKED_GONE = {
  state: 'rematch',
  code: 'NOT_FOUND',
  reason: 'the org has no record with the linked id',
} as const;

/** An address that answers for another one; 300 is an answer of its own (several records hold the external id). */
export function isRedirect(status: number): boolean {
  return status > 300 && status < 400;
}

/** What our own transport and start call a redirect and a version that the org does not offer. */
export const REDIRECTED = 'REDIRECTED';
export const UNSUPPORTED_VERSION = 'UNSUPPORTED_API_VERSION';

/** Of a field to be made: somebody was quicker. */
export function isFieldThere({ statusCode }: { statusCode?: string }): boolean {
  return statusCode === 'DUPLICATE_DEVELOPER_NAME';
}

/** Every code that stands in the table, for those who document it. */
export const KNOWN_CODES: readonly string[] = Object.keys(VERDICTS);

/** The owner of a record is inactive, unknown, or may not own it. */
export function refusesOwner({ code, fields }: Failure): boolean {
  return code === 'INACTIVE_OWNER_OR_USER' || (OWNER_CODES.includes(code) && fields.includes('OwnerId'));
}

const OWNER_CODES = ['INVALID_CROSS_REFERENCE_KEY', 'FIELD_INTEGRITY_EXCEPTION', 'MALFORMED_ID'];

/** Whatever the code means elsewhere: the record waits for another owner. */
export function ownerRefusal(failure: Failure): Extract<Outcome, { state: 'parked' }> {
  const remedy = 'the owner is inactive or unknown; choose another, then: pql errors retry';
  return { state: 'parked', code: failure.code, reason: reasonOf(failure), remedy };
}

/** A bulk job takes its data once: refused as a second, the first has arrived. */
export function isUploadedAlready({ message }: Failure): boolean {
  return /multiple contents for job/i.test(message);
}

/** A bulk job that is closed already, or has ended: it is asked how it stands. */
export function isPastThat({ code }: Failure): boolean {
  return code === 'INVALIDJOBSTATE';
}

/** A bulk job that the org does not know any longer. */
export function isJobGone({ code }: Failure): boolean {
  return code === 'NOT_FOUND' || code === 'ERROR_HTTP_404';
}

/** Refusals of a bulk row that collections can mend: there the warning of a duplicate rule can be passed over, or its record be taken. */
export function isForCollections({ code }: Failure): boolean {
  return code === 'DUPLICATES_DETECTED';
}

/**
 * A lock hidden in an automation's text is a lock; a limit of calls at one time ends with them, not with the day; an
 * unknown 5xx is ambiguous; what the org's Apex threw may not be thrown again; any other unknown is shown to a person.
 */
function verdictOf({ code, message }: Failure): Verdict {
  if (message.includes('UNABLE_TO_LOCK_ROW')) {
    return retry(2 * SECOND);
  }
  if (code === 'REQUEST_LIMIT_EXCEEDED' && /concurrent/i.test(message)) {
    return halt(MINUTE, 'too many long calls at one time; work goes on by itself in a minute');
  }
  const known = VERDICTS[code];
  if (known !== undefined) {
    return known;
  }
  if (/^ERROR_HTTP_5\d\d$/.test(code)) {
    return { kind: 'ambiguous', afterMs: 5 * SECOND };
  }
  if (code.startsWith('APEX_')) {
    return onceMore(FIX_ORG);
  }
  if (code.startsWith('TXN_SECURITY')) {
    return halt(15 * MINUTE, 'a transaction security policy stopped the call');
  }
  return code === 'ERROR_HTTP_401'
    ? halt(MINUTE, FIX_LOGIN)
    : park('see the message; when the cause is mended: pql errors retry');
}

/** What a person can do about a call that failed before any record was looked at. */
export function remedyOf(failure: Failure): string {
  const verdict = verdictOf(failure);
  return 'remedy' in verdict ? verdict.remedy : 'check the network and SALESFORCE_LOGIN_URL, and look again';
}

/** The org has no such object, or hides it from the user. */
export function isAbsent({ code }: Failure): boolean {
  return ['NOT_FOUND', 'INVALID_TYPE', 'ERROR_HTTP_404'].includes(code);
}

/** The org has no such object or field, or hides it from the user: the caller can do without. */
export function isHidden({ code }: Failure): boolean {
  return ['INVALID_TYPE', 'INVALID_FIELD', 'NOT_FOUND', 'MALFORMED_QUERY', 'ERROR_HTTP_404'].includes(code);
}

/** Of a member status: the campaign has one of that label. */
export function isThereAlready({ code }: Failure): boolean {
  return ['FIELD_INTEGRITY_EXCEPTION', 'DUPLICATE_VALUE'].includes(code);
}

/** A value that stands twice and is not our key (then the refusal names it) is the person in the campaign. */
export function isMemberAlready({ code, message }: Failure, keyField: string): boolean {
  return (
    /already a campaign member/i.test(message) || (code === 'DUPLICATE_VALUE' && !message.includes(keyField))
  );
}

/** The CRM's own words, with the fields it names. */
function reasonOf({ message, fields }: Failure): string {
  const named = fields.length === 0 ? '' : ` [${fields.join(', ')}]`;
  return `${message}${named}`.slice(0, 1000);
}
