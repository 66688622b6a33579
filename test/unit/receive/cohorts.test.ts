import { describe, expect, it } from 'vitest';
import { translateCohort } from '../../../src/receive/amplitude/cohorts.ts';
import type { JsonObject } from '../../../src/shared/json.ts';
import { arrival, eventsIn, onlyEvent, quarantinedIn, traitsOf } from '../../support/arrival.ts';
import { NOON } from '../../support/event.ts';

const seconds = (at: number) => String(Math.floor(at / 1000));

const message: JsonObject = {
  cohort_name: 'Trial, no invite sent',
  cohort_id: 'k3x9',
  in_cohort: true,
  computed_time: seconds(NOON - 60_000),
  message_id: 'msg-1::enter::0',
  users: [{ user_id: 'u-1', user_properties: { company_id: 'acct-7', plan: 'trial' } }],
};

function read(over: JsonObject = {}) {
  const came = arrival({ vendor: 'amplitude', route: 'amplitude.cohorts' });
  return translateCohort({ ...message, ...over }, came, { groupType: 'company' });
}

describe('a cohort message', () => {
  it('is one event per user, at the cohort’s computation', () => {
    const event = onlyEvent(read());
    expect(event).toMatchObject({
      id: 'msg-1::enter::0:u-1',
      kind: 'cohort',
      name: null,
      at: NOON - 60_000,
      userId: 'u-1',
      accountId: 'acct-7',
      declared: true,
      properties: { cohort_id: 'k3x9', cohort_name: 'Trial, no invite sent', in_cohort: true },
    });
    expect(traitsOf(event.personTraits)).toEqual({
      company_id: 'acct-7',
      plan: 'trial',
      'cohort:k3x9': true,
    });
  });

  it('says who has left', () => {
    expect(traitsOf(onlyEvent(read({ in_cohort: false })).personTraits)).toMatchObject({
      'cohort:k3x9': false,
    });
  });

  const accepted: [string, JsonObject][] = [
    ['in_cohort as text', { in_cohort: 'true' }],
    ['computed_time as a number', { computed_time: Math.floor(NOON / 1000) - 60 }],
    ['a numeric cohort id', { cohort_id: 9 }],
    ['users as plain ids', { users: ['u-1'] }],
    ['a numeric user id', { users: [{ user_id: 1 }] }],
    ['unknown keys', { schema: 'x', extra: { a: 1 } }],
  ];
  it.each(accepted)('accepts %s', (_title, over) => {
    expect(onlyEvent(read(over))).toMatchObject({ kind: 'cohort', at: NOON - 60_000 });
  });

  it('without users says nothing', () => {
    expect(read({ users: [] })).toEqual([]);
  });

  it('I2: the same message again gives the same ids', () => {
    expect(read()).toEqual(read());
  });

  it('without a message id: hashed, so that a repeat is known', () => {
    const [first, again] = [read({ message_id: null }), read({ message_id: null })].map(onlyEvent);
    expect(first?.id).toBe(again?.id);
    expect(onlyEvent(read({ message_id: null, in_cohort: false })).id).not.toBe(first?.id);
  });

  it('without message id and time: somebody may come back into a cohort with the same words', () => {
    const bare = { ...message, message_id: null, computed_time: null };
    const at = (receivedAt: number) =>
      onlyEvent(translateCohort(bare, arrival({ vendor: 'amplitude', receivedAt }), { groupType: 'company' }))
        .id;
    expect(at(NOON)).not.toBe(at(NOON + 1));
  });

  it('I9: a user without a usable id is quarantined alone', () => {
    const users = [
      { user_id: 'u-1' },
      { user_id: '' },
      { user_id: 'undefined' },
      null,
      { user_id: 'u\0' },
      { user_id: 'u-2' },
    ];
    const entries = read({ users });
    expect(eventsIn(entries).map(({ userId }) => userId)).toEqual(['u-1', 'u-2']);
    expect(quarantinedIn(entries).map(({ code }) => code)).toEqual([
      'no_ids',
      'junk_id',
      'no_ids',
      'bad_text',
    ]);
  });
});

describe('a message that cannot be understood is quarantined whole', () => {
  const rows: [string, JsonObject, string][] = [
    ['no cohort id', { cohort_id: null }, 'no_membership'],
    ['in_cohort neither true nor false', { in_cohort: 'perhaps' }, 'no_membership'],
    ['no users', { users: null }, 'no_membership'],
    ['a damaged cohort id', { cohort_id: 'k\0' }, 'bad_text'],
    ['computed too long ago', { computed_time: '1577836800' }, 'too_old'],
    ['computed next year', { computed_time: seconds(NOON + 365 * 86_400_000) }, 'from_the_future'],
  ];
  it.each(rows)('%s', (_title, over, code) => {
    expect(quarantinedIn(read(over))).toMatchObject([
      { code, route: 'amplitude.cohorts', id: 'msg-1::enter::0' },
    ]);
    expect(eventsIn(read(over))).toEqual([]);
  });
});
