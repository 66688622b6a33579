import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../src/crm/salesforce/outcomes.ts';

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
  ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'parked'],
  ['CANNOT_EXECUTE_FLOW_TRIGGER', 'parked'],
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
  ['APEX_SOMETHING_NEW', 'parked'],
];

describe('every reply of Salesforce has one meaning', () => {
  it.each(rows)('%s: %s', (code, state) => {
    expect(outcomeOf(failure(code), 'harmless').state).toBe(state);
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

  it('a pause says what ends it: 410 is a retired version of the API', () => {
    expect(outcomeOf(failure('ERROR_HTTP_410', 'gone'), 'harmful')).toMatchObject({
      state: 'halt',
      reason: expect.stringMatching(/^gone: set SALESFORCE_API_VERSION/),
    });
  });

  it("keeps the org's own words and the fields it names", () => {
    const outcome = outcomeOf({ ...failure('STRING_TOO_LONG', 'too large'), fields: ['Name'] }, 'harmless');
    expect(outcome).toMatchObject({ code: 'STRING_TOO_LONG', reason: 'too large [Name]' });
  });
});
