import { describe, expect, it } from 'vitest';
import { isExpired, isRedirect, KNOWN_CODES, outcomeOf } from '../../../src/crm/salesforce/outcomes.ts';
import { nextState } from '../../../src/sync/next-state.ts';

const failure = (code: string, message = 'words of the org') => ({
  code,
  message,
  fields: [],
  duplicateIds: [],
});

/** Every code that the contract names, and what it must mean for a write that may be repeated. */
const rows: [string, string][] = [
  ['UNABLE_TO_LOCK_ROW', 'retry'],
  ['REQUEST_LIMIT_EXCEEDED', 'halt'],
  ['SERVER_UNAVAILABLE', 'retry'],
  ['ERROR_HTTP_502', 'retry'],
  ['ERROR_HTTP_503', 'retry'],
  ['ERROR_HTTP_504', 'retry'],
  ['UNKNOWN_EXCEPTION', 'retry'],
  ['ERROR_HTTP_500', 'retry'],
  ['INTERNAL_SERVER_ERROR', 'retry'],
  ['QUERY_TIMEOUT', 'retry'],
  ['REQUEST_RUNNING_TOO_LONG', 'retry'],
  ['INVALID_SESSION_ID', 'halt'],
  ['INVALID_AUTH_HEADER', 'halt'],
  ['UNSUPPORTED_API_VERSION', 'halt'],
  ['ERROR_HTTP_410', 'halt'],
  ['API_DISABLED_FOR_ORG', 'halt'],
  ['API_CURRENTLY_DISABLED', 'halt'],
  ['INSUFFICIENT_ACCESS', 'parked'],
  ['INSUFFICIENT_ACCESS_OR_READONLY', 'parked'],
  ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'parked'],
  ['INVALID_FIELD', 'parked'],
  ['INVALID_FIELD_FOR_INSERT_UPDATE', 'parked'],
  ['INVALID_TYPE', 'parked'],
  ['MALFORMED_QUERY', 'parked'],
  ['MALFORMED_ID', 'parked'],
  ['JSON_PARSER_ERROR', 'parked'],
  ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'parked'],
  ['REQUIRED_FIELD_MISSING', 'parked'],
  ['FIELD_INTEGRITY_EXCEPTION', 'parked'],
  ['STRING_TOO_LONG', 'parked'],
  ['NUMBER_OUTSIDE_VALID_RANGE', 'parked'],
  ['INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'parked'],
  ['INVALID_EMAIL_ADDRESS', 'parked'],
  ['FIELD_FILTER_VALIDATION_EXCEPTION', 'parked'],
  ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'retry'],
  ['CANNOT_EXECUTE_FLOW_TRIGGER', 'retry'],
  ['DUPLICATE_VALUE', 'parked'],
  ['DUPLICATES_DETECTED', 'parked'],
  ['DUPLICATE_EXTERNAL_ID', 'parked'],
  ['MULTIPLE_CHOICES', 'parked'],
  ['ENTITY_IS_DELETED', 'rematch'],
  ['INVALID_CROSS_REFERENCE_KEY', 'rematch'],
  ['CANNOT_UPDATE_CONVERTED_LEAD', 'rematch'],
  ['INACTIVE_OWNER_OR_USER', 'parked'],
  ['ENTITY_IS_LOCKED', 'retry'],
  ['STORAGE_LIMIT_EXCEEDED', 'halt'],
  ['LIMIT_EXCEEDED', 'halt'],
  ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'retry'],
  ['PROCESSING_HALTED', 'retry'],
  ['invalid_grant', 'halt'],
  ['invalid_client', 'halt'],
  ['inactive_user', 'halt'],
  ['inactive_org', 'halt'],
  ['NETWORK', 'retry'],
  ['TIMEOUT', 'retry'],
  ['REFUSED', 'retry'],
  ['APEX_SOMETHING_NEW', 'retry'],
  ['TXN_SECURITY_METERING_ERROR', 'halt'],
  ['NOT_FOUND', 'rematch'],
  ['REDIRECTED', 'halt'],
  ['unsupported_grant_type', 'halt'],
  ['invalid_client_id', 'halt'],
  ['invalid_app_access', 'halt'],
  ['invalid_private_key', 'halt'],
  ['ERROR_HTTP_401', 'halt'],
  ['ERROR_HTTP_403', 'halt'],
  ['ERROR_HTTP_404', 'parked'],
  ['ERROR_HTTP_405', 'parked'],
  ['ERROR_HTTP_409', 'retry'],
  ['ERROR_HTTP_412', 'parked'],
  ['ERROR_HTTP_414', 'parked'],
  ['ERROR_HTTP_415', 'parked'],
  ['ERROR_HTTP_420', 'retry'],
  ['ERROR_HTTP_428', 'parked'],
  ['ERROR_HTTP_429', 'retry'],
  ['ERROR_HTTP_431', 'parked'],
  ['over_budget', 'retry'],
  ['A_CODE_OF_TOMORROW', 'parked'],
];

const tested = new Set(rows.map(([code]) => code));

describe('every reply of Salesforce has one meaning', () => {
  it.each(rows)('%s: %s', (code, state) => {
    expect(outcomeOf(failure(code), 'harmless').state).toBe(state);
  });

  it('no code of the table goes untested', () => {
    expect(KNOWN_CODES.filter((code) => !tested.has(code))).toEqual([]);
  });

  it.each(['NETWORK', 'TIMEOUT', 'ERROR_HTTP_502', 'SERVER_UNAVAILABLE', 'UNKNOWN_EXCEPTION'])(
    'I6: %s leaves a write that must not be repeated uncertain',
    (code) => {
      expect(outcomeOf(failure(code), 'harmful').state).toBe('uncertain');
    },
  );

  it('a refused connection wrote nothing, so even a harmful write is simply tried again', () => {
    expect(outcomeOf(failure('REFUSED'), 'harmful').state).toBe('retry');
  });

  it("finds a lock inside an automation's text", () => {
    const hidden = failure(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      'trigger: UNABLE_TO_LOCK_ROW, unable to obtain',
    );
    expect(outcomeOf(hidden, 'harmless').state).toBe('retry');
  });

  it('what an automation refuses is tried once more, and then a person looks', () => {
    const outcome = outcomeOf(failure('CANNOT_EXECUTE_FLOW_TRIGGER'), 'harmless');
    const once = nextState(0, outcome, 0);
    expect(once).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(nextState(once.attempts, outcome, 0)).toMatchObject({
      state: 'parked',
      attempts: 2,
      remedy: expect.stringContaining('automation'),
    });
  });

  it.each(['ERROR_HTTP_503', 'SERVER_UNAVAILABLE', 'NETWORK', 'TIMEOUT', 'REFUSED', 'ERROR_HTTP_429'])(
    '%s is no fault of the record, however long it lasts',
    (code) => {
      expect(outcomeOf(failure(code), 'harmless')).toMatchObject({ patient: true });
    },
  );

  it('too many long calls at one time pause for a minute, the limit of the day for longer', () => {
    const limit = (message: string) => outcomeOf(failure('REQUEST_LIMIT_EXCEEDED', message), 'harmless');
    expect(limit('ConcurrentRequests (Concurrent API Requests) Limit exceeded.')).toMatchObject({
      afterMs: 60_000,
    });
    expect(limit('TotalRequests Limit exceeded.')).toMatchObject({ afterMs: 15 * 60_000 });
  });

  it('a session that ran out shows in two ways', () => {
    expect(['INVALID_SESSION_ID', 'ERROR_HTTP_401'].map((code) => isExpired(failure(code)))).toEqual([
      true,
      true,
    ]);
    expect(isExpired(failure('INVALID_AUTH_HEADER'))).toBe(false);
  });

  it('300 is no redirect', () => {
    expect([300, 301, 302, 307, 400].map(isRedirect)).toEqual([false, true, true, true, false]);
  });

  it('a pause says what ends it: 410 is a retired version of the API', () => {
    expect(outcomeOf(failure('ERROR_HTTP_410', 'gone'), 'harmful')).toMatchObject({
      state: 'halt',
      reason: expect.stringMatching(/^gone: set SALESFORCE_API_VERSION/),
    });
  });

  it("keeps the org's own words and the fields it names", () => {
    const outcome = outcomeOf({ ...failure('STRING_TOO_LONG', 'too large'), fields: ['Name'] }, 'harmless');
    expect(outcome).toMatchObject({ code: 'STRING_TOO_LONG', reason: 'too large [Name]', field: 'Name' });
  });
});
