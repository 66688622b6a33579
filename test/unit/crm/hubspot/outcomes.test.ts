import { describe, expect, it } from 'vitest';
import { msToMidnight } from '../../../../src/crm/hubspot/limits.ts';
import {
  existingId,
  isAbsent,
  isConflict,
  lacksProperty,
  mayBeOneRecord,
  outcomeOf,
  ratePause,
  recordRefusal,
  refusesAll,
} from '../../../../src/crm/hubspot/outcomes.ts';
import { type Failure, refusal } from '../../../../src/crm/hubspot/reply.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const AT = { now: NOW, timeZone: 'America/New_York' };

const refused = (status: number, body: object = {}, headers: Record<string, string> = {}) =>
  refusal(status, { status: 'error', ...body }, headers);
const lost = (code: string, sent: boolean): Failure => ({ kind: 'lost', code, sent });

const HOURS = 3_600_000;

describe('a refusal means the same for every write', () => {
  it.each<[string, Failure, object]>([
    [
      '400: parked',
      refused(400, { category: 'VALIDATION_ERROR' }),
      { state: 'parked', code: 'validation_error' },
    ],
    [
      '400 with an inner code: parked under that code',
      refused(400, { message: 'not valid: [{"isValid":false,"error":"INVALID_LONG","name":"x"}]' }),
      { state: 'parked', code: 'invalid_long', field: 'x' },
    ],
    [
      '400 for a missing property: parked with the command that makes it',
      refused(400, { message: 'not valid: [{"error":"PROPERTY_DOESNT_EXIST"}]' }),
      { state: 'parked', remedy: expect.stringContaining('pql crm setup --apply') },
    ],
    [
      '401: halt',
      refused(401),
      { state: 'halt', code: 'unauthorized', reason: expect.stringContaining('TOKEN') },
    ],
    [
      '403: halt with the scopes that are missing',
      refused(403, { errors: [{ context: { requiredGranularScopes: ['crm.lists.write'] } }] }),
      { state: 'halt', code: 'missing_scopes', reason: expect.stringContaining('crm.lists.write') },
    ],
    ['404: match again', refused(404), { state: 'rematch' }],
    ['409: look again', refused(409), { state: 'retry', code: 'conflict' }],
    ['414: parked', refused(414), { state: 'parked', code: 'http_414' }],
    ['423: after two seconds', refused(423), { state: 'retry', afterMs: 2_000, code: 'locked' }],
    ['423 with Retry-After', refused(423, {}, { 'retry-after': '7' }), { state: 'retry', afterMs: 7_000 }],
    ['525: after a minute', refused(525), { state: 'retry', afterMs: 60_000 }],
    ['526: after a minute', refused(526), { state: 'retry', afterMs: 60_000 }],
    [
      '429 of ten seconds',
      refused(429, { message: 'You have reached your ten_secondly_rolling limit.', category: 'RATE_LIMITS' }),
      { state: 'retry', afterMs: 10_000, code: 'rate_limit' },
    ],
    [
      '429 of a second, as search answers it',
      refused(429, { message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' }),
      { state: 'retry', afterMs: 1_000 },
    ],
    ['429 without a word', refused(429), { state: 'retry', afterMs: 10_000 }],
    ['429 with Retry-After', refused(429, {}, { 'retry-after': '3' }), { state: 'retry', afterMs: 3_000 }],
    [
      '429 of the day, by policy: until midnight in New York',
      refused(429, { policyName: 'DAILY', message: 'over' }),
      { state: 'halt', code: 'daily_limit', afterMs: 17 * HOURS },
    ],
    [
      '429 of the day, by message',
      refused(429, { message: 'You have reached your daily limit.' }),
      { state: 'halt', code: 'daily_limit' },
    ],
    [
      '477: halt as long as it says',
      refused(477, {}, { 'retry-after': '120' }),
      { state: 'halt', afterMs: 120_000 },
    ],
    [
      '477: a day at most',
      refused(477, {}, { 'retry-after': '9999999' }),
      { state: 'halt', afterMs: 24 * HOURS },
    ],
    ['nobody listens', lost('econnrefused', false), { state: 'retry', code: 'econnrefused' }],
  ])('%s', (_name, failure, expected) => {
    expect(outcomeOf(failure, 'repeatable', AT)).toMatchObject(expected);
    expect(outcomeOf(failure, 'once', AT)).toMatchObject(expected);
  });
});

describe('an answer that says nothing is uncertain only where a repeat would do harm', () => {
  it.each<[string, Failure]>([
    ['500', refused(500)],
    ['502', refusal(502, '<html>', {})],
    ['503', refused(503)],
    ['504', refused(504)],
    ['521', refused(521)],
    ['522', refused(522)],
    ['523', refused(523)],
    ['524', refused(524)],
    ['408', refused(408)],
    ['timeout', lost('timeout', true)],
    ['reset', lost('econnreset', true)],
    ['unreadable', lost('unreadable_answer', true)],
    ['success without the record', { kind: 'unaccounted' }],
  ])('%s', (_name, failure) => {
    expect(outcomeOf(failure, 'once', AT)).toMatchObject({ state: 'uncertain' });
    expect(outcomeOf(failure, 'repeatable', AT)).toMatchObject({ state: 'retry', afterMs: 5_000 });
  });
});

describe('one record of a 207', () => {
  it.each([
    ['VALIDATION_ERROR', 'parked'],
    ['CONFLICT', 'retry'],
    ['OBJECT_NOT_FOUND', 'rematch'],
    ['RATE_LIMITS', 'retry'],
    ['INTERNAL_ERROR', 'uncertain'],
    ['SOMETHING_NEW', 'parked'],
  ])('%s is %s', (category, state) => {
    expect(outcomeOf(recordRefusal({ status: 'error', category }), 'once', AT).state).toBe(state);
  });
});

describe('the record that has the unique value already', () => {
  it.each([
    [{ context: { existingId: ['171591000198'] } }, 409, '171591000198'],
    [{ message: 'Contact already exists. Existing ID: 123' }, 409, '123'],
    [
      { message: 'Cannot set PropertyValueCoordinates{value=x} on 9. 456 already has that value.' },
      400,
      '456',
    ],
    [{ message: 'something else' }, 409, null],
    [{ message: 'Existing ID: 123' }, 500, null],
  ])('%j with %i', (body, status, id) => {
    expect(existingId(refused(status, body))).toBe(id);
  });
});

describe('what a failure is about', () => {
  it('a list that does not exist is a 400', () => {
    expect(
      isAbsent(refused(400, { message: 'List does not exist with name x and object type ID 0-1.' })),
    ).toBe(true);
    expect(isAbsent(refused(400, { message: 'wrong' }))).toBe(false);
  });

  it('a list name that is taken is a conflict whatever its status', () => {
    expect(isConflict(refused(400, { subCategory: 'ILS.DUPLICATE_LIST_NAMES' }))).toBe(true);
  });

  it('a property that is not unique cannot find records', () => {
    const message = 'Unable to perform update/upsert by non-unique 0-2 property domain';
    expect(lacksProperty(refused(400, { message }))).toBe(true);
    expect(lacksProperty(refused(400, { message: 'List does not exist with name x' }))).toBe(false);
  });

  it.each([
    [400, true],
    [404, true],
    [409, true],
    [401, false],
    [403, false],
    [429, false],
    [500, false],
  ])('%i of a whole batch may be the fault of one record: %s', (status, one) => {
    expect(mayBeOneRecord(refused(status))).toBe(one);
  });
});

describe('reasons', () => {
  it('name the correlation id, from the body or from the header', () => {
    const reason = (failure: Failure) => JSON.stringify(outcomeOf(failure, 'once', AT));
    expect(reason(refused(400, { correlationId: 'abc-1' }))).toContain('abc-1');
    expect(reason(refused(400, {}, { 'x-hubspot-correlation-id': 'abc-2' }))).toContain('abc-2');
  });

  it('hide e-mail addresses', () => {
    const message = 'Contact "peter.gibbons+x@initech.example" [a@b.co] is not valid';
    const outcome = outcomeOf(refused(400, { message }), 'once', AT);
    expect(outcome).toMatchObject({ reason: 'Contact "[e-mail]" [[e-mail]] is not valid' });
  });
});

describe('midnight', () => {
  it.each([
    ['UTC', 12 * HOURS],
    ['Asia/Tokyo', 3 * HOURS],
    ['America/New_York', 17 * HOURS],
    ['Asia/Kolkata', 6.5 * HOURS],
  ])('in %s', (timeZone, ms) => {
    expect(msToMidnight(NOW, timeZone)).toBe(ms);
  });

  it('is at least a minute away', () => {
    expect(msToMidnight(Date.UTC(2026, 10, 24, 23, 59, 59), 'UTC')).toBe(60_000);
  });
});

describe('a refusal for the rate', () => {
  it.each<[string, Failure, number | null]>([
    [
      'of a second closes it for a second',
      refused(429, { message: 'You have reached your secondly limit.' }),
      1000,
    ],
    ['of ten seconds for as long', refused(429, { policyName: 'TEN_SECONDLY_ROLLING' }), 10_000],
    ['with Retry-After for as long as that says', refused(429, {}, { 'retry-after': '3' }), 3000],
    ['of the day is none', refused(429, { policyName: 'DAILY' }), null],
    ['any other refusal is none', refused(503), null],
  ])('%s', (_rule, failure, pause) => {
    expect(ratePause(failure, AT)).toBe(pause);
  });

  it('by our own limiter is no answer of HubSpot: due again, certain, and nobody else need be asked', () => {
    const held: Failure = { kind: 'held', afterMs: 1000, reason: 'over the budget of calls' };
    expect(outcomeOf(held, 'once', AT)).toMatchObject({ state: 'retry', code: 'over_budget', afterMs: 1000 });
    expect(refusesAll(held)).toBe(true);
    expect(mayBeOneRecord(held)).toBe(false);
  });
});
