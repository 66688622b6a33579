import type { Row } from './entry.ts';

const VALUE = 'Correct the value in the product data, or the mapping; then `pql errors retry --code CODE`.';
const MAPPING =
  'Correct the mapping (`pql doctor` names what is wrong) or make the field: `pql crm setup --apply`; then `pql errors retry --code CODE`.';
const ACCESS =
  'Give the integration user the right (`pql crm setup` shows the permission set); then `pql errors retry --code CODE`.';
const LOGIN =
  'Check the external client app, its run-as user and the SALESFORCE_* settings; `pql doctor` tries them.';
const AUTOMATION =
  'Its words name the flow or trigger. Have the org’s admin mend it; then `pql errors retry --code CODE`.';
const SUPPORT = 'Ask the org’s admin; `pql status` says until when the pause lasts.';

/** What Salesforce answers, by its own codes; an answer without one has the code of its HTTP status. */
export const SALESFORCE: readonly Row[] = [
  [
    'UNABLE_TO_LOCK_ROW',
    'retry',
    'Somebody else, often an import or a flow, was writing the same record or its parent.',
  ],
  ['SERVER_UNAVAILABLE', 'look_first', 'The org was out of reach for a moment.'],
  [
    'UNKNOWN_EXCEPTION',
    'look_first',
    'Salesforce failed inside, or answered success without a word about the record.',
  ],
  ['INTERNAL_SERVER_ERROR', 'look_first', 'Salesforce failed inside.'],
  ['QUERY_TIMEOUT', 'retry', 'The org took too long over a query.'],
  ['REQUEST_RUNNING_TOO_LONG', 'retry', 'The org took too long over the call.'],
  [
    'ENTITY_IS_LOCKED',
    'retry',
    'The record is in an approval process, which locks it.',
    'Finish the approval. It is tried again every quarter of an hour.',
  ],
  [
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'retry',
    'Another record of the same call failed and took this one back with it.',
  ],
  ['PROCESSING_HALTED', 'retry', 'Another record of the same call failed before this one was looked at.'],
  [
    'REQUEST_LIMIT_EXCEEDED',
    'pause',
    'The calls of the org for the last 24 hours are used up, by everybody together; or too many long calls ran at one time.',
    'Nothing. To leave more for others, look at who else uses the API in Setup, System Overview.',
  ],
  [
    'STORAGE_LIMIT_EXCEEDED',
    'pause',
    'The org has no room for more records.',
    'Delete records or buy storage.',
  ],
  ['LIMIT_EXCEEDED', 'pause', 'A limit of the org is exceeded.', SUPPORT],
  [
    'INVALID_SESSION_ID',
    'pause',
    'The session ran out, and a new one was refused too. A session that only ran out is renewed without a word.',
    LOGIN,
  ],
  ['INVALID_AUTH_HEADER', 'pause', 'The org does not accept the session at all.', LOGIN],
  [
    'UNSUPPORTED_API_VERSION',
    'pause',
    'The org does not offer the version of the API that is set.',
    'Set SALESFORCE_API_VERSION to one that `pql doctor` names.',
  ],
  [
    'API_DISABLED_FOR_ORG',
    'pause',
    'The edition, or the profile of the user, has no access to the API.',
    'Use an edition with the API, and a user with "API Enabled".',
  ],
  ['API_CURRENTLY_DISABLED', 'pause', 'The API is switched off for the org.', SUPPORT],
  [
    'invalid_grant',
    'pause',
    'The app is not allowed to log in for its user, or the assertion is not accepted.',
    LOGIN,
  ],
  [
    'invalid_private_key',
    'pause',
    'The file of SALESFORCE_PRIVATE_KEY_FILE holds no RSA private key in PEM.',
    LOGIN,
  ],
  ['invalid_client', 'pause', 'The client id or secret is wrong.', LOGIN],
  [
    'invalid_client_id',
    'pause',
    'The org knows no app of that client id; a new one takes ten minutes to be known.',
    LOGIN,
  ],
  ['invalid_app_access', 'pause', 'The user is not admitted to the app.', LOGIN],
  ['inactive_user', 'pause', 'The run-as user is inactive.', LOGIN],
  ['inactive_org', 'pause', 'The org is closed or locked.', LOGIN],
  ['unsupported_grant_type', 'pause', 'The app does not allow this way to log in.', LOGIN],
  ['INSUFFICIENT_ACCESS', 'park', 'The integration user may not do this.', ACCESS],
  ['INSUFFICIENT_ACCESS_OR_READONLY', 'park', 'The integration user may not write this record.', ACCESS],
  [
    'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
    'park',
    'The integration user may not use a record that this one refers to, such as its owner or account.',
    ACCESS,
  ],
  [
    'INVALID_FIELD',
    'park',
    'The org has no such field, or hides it from the integration user. Usually somebody renamed or deleted it.',
    MAPPING,
  ],
  [
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'park',
    'The field cannot be written: a formula, a system field, or one the user may only read.',
    MAPPING,
  ],
  ['INVALID_TYPE', 'park', 'The org has no such object, or hides it from the integration user.', MAPPING],
  ['MALFORMED_QUERY', 'park', 'A query names something that the org does not know.', MAPPING],
  ['MALFORMED_ID', 'park', 'A value that should be the id of a record is none.', MAPPING],
  [
    'JSON_PARSER_ERROR',
    'park',
    'A value does not fit the type of its field, such as text in a date.',
    MAPPING,
  ],
  [
    'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    'park',
    'A validation rule of the org refuses the record. The words are those of whoever wrote the rule.',
    'Meet the rule by the mapping or the data, or have it leave the integration user out; then `pql errors retry --code CODE`.',
  ],
  [
    'REQUIRED_FIELD_MISSING',
    'park',
    'The org requires a field that the mapping does not fill.',
    'Map the field with `write: on_create`; then `pql errors retry --code CODE`.',
  ],
  ['FIELD_INTEGRITY_EXCEPTION', 'park', 'Two fields of the record do not go together.', VALUE],
  [
    'STRING_TOO_LONG',
    'park',
    'The text is longer than the field.',
    'Set `length` in the mapping, or lengthen the field; then `pql errors retry --code CODE`.',
  ],
  ['NUMBER_OUTSIDE_VALID_RANGE', 'park', 'The number has more digits than the field.', VALUE],
  [
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'park',
    'The picklist is restricted and does not have the value.',
    'Add the value to the picklist, or map it to one there is; then `pql errors retry --code CODE`.',
  ],
  ['INVALID_EMAIL_ADDRESS', 'park', 'Salesforce does not take the address for an e-mail address.', VALUE],
  [
    'FIELD_FILTER_VALIDATION_EXCEPTION',
    'park',
    'A lookup filter of the org refuses the record that the field refers to.',
    VALUE,
  ],
  ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'once_more', 'A trigger of the org failed.', AUTOMATION],
  ['CANNOT_EXECUTE_FLOW_TRIGGER', 'once_more', 'A flow of the org failed.', AUTOMATION],
  [
    'DUPLICATE_VALUE',
    'park',
    'Another record holds this value of a unique field.',
    'Merge the two records, or correct the value; then `pql errors retry --code CODE`.',
  ],
  [
    'DUPLICATES_DETECTED',
    'park',
    'A duplicate rule blocks the record, and names none that could be used instead.',
    'Merge the records, or let the rule alert instead of block; then `pql errors retry --code CODE`.',
  ],
  [
    'DUPLICATE_EXTERNAL_ID',
    'park',
    'Two records hold this external id.',
    'Merge them; then `pql errors retry --code CODE`.',
  ],
  [
    'MULTIPLE_CHOICES',
    'park',
    'Several records hold this external id, because the field is not unique.',
    'Merge them and make the field unique; then `pql errors retry --code CODE`.',
  ],
  ['ENTITY_IS_DELETED', 'rematch', 'Somebody deleted the record, or merged it into another.'],
  ['INVALID_CROSS_REFERENCE_KEY', 'rematch', 'The record, or one that it refers to, is no longer there.'],
  ['NOT_FOUND', 'rematch', 'The record is no longer there.'],
  [
    'CANNOT_UPDATE_CONVERTED_LEAD',
    'rematch',
    'The lead was converted: its contact has the values from now on.',
  ],
  [
    'INACTIVE_OWNER_OR_USER',
    'park',
    'The owner of the record is an inactive user.',
    'Give the record an active owner, or name another in the mapping; then `pql errors retry --code CODE`.',
  ],
  [
    'REDIRECTED',
    'pause',
    'The org answers from another address: its My Domain was changed.',
    'Set SALESFORCE_LOGIN_URL to the My Domain URL of now.',
  ],
  [
    'ERROR_HTTP_403',
    'pause',
    'A gateway between here and the org refuses the calls.',
    'Ask whoever runs the proxy; check SALESFORCE_LOGIN_URL.',
  ],
  ['ERROR_HTTP_409', 'retry', 'The call met another one.'],
  [
    'ERROR_HTTP_410',
    'pause',
    'The version of the API that is set is retired.',
    'Set SALESFORCE_API_VERSION to one that `pql doctor` names.',
  ],
  ['ERROR_HTTP_420', 'wait', 'Too many calls in a short time.'],
  ['ERROR_HTTP_429', 'wait', 'Too many calls in a short time.'],
  ['ERROR_HTTP_502', 'look_first', 'A gateway in front of the org had no answer from it.'],
  ['ERROR_HTTP_503', 'look_first', 'The org was out of order for a moment.'],
  ['ERROR_HTTP_504', 'look_first', 'A gateway in front of the org waited too long for it.'],
  [
    'REFUSED',
    'wait',
    'Nobody took the connection: nothing was sent.',
    'If it lasts: check the network, the proxy and SALESFORCE_LOGIN_URL.',
  ],
  ['NETWORK', 'look_first', 'The connection broke before the answer came.'],
  ['TIMEOUT', 'look_first', 'No answer came within the time limit.'],
];
