import { describe, expect, it } from 'vitest';
import { translateSegment } from '../../../src/receive/segment/translate.ts';
import type { Json, JsonObject } from '../../../src/shared/json.ts';
import { arrival, eventsIn, quarantinedIn, traitsOf } from '../../support/arrival.ts';

const personas = (over: JsonObject = {}) => ({
  personas: {
    computation_class: 'audience',
    computation_key: 'power_users',
    computation_id: 'aud_1',
    ...over,
  },
});

function read(over: JsonObject, context: JsonObject = personas()) {
  const base = { messageId: 'personas_1', userId: 'u-1', timestamp: '2026-03-02T09:00:00.000Z' };
  return translateSegment({ ...base, ...over, context }, arrival(), { accountPaths: [] });
}

const track = (properties: JsonObject, event = 'Audience Entered') => ({ type: 'track', event, properties });

/** kind and traits of the first event. */
function summary(entries: ReturnType<typeof read>) {
  const [first] = eventsIn(entries);
  return first && { kind: first.kind, declared: first.declared, traits: traitsOf(first.personTraits) };
}

const cohort = (isIn: boolean, others: JsonObject = {}) => ({
  kind: 'cohort',
  declared: true,
  traits: { ...others, 'cohort:power_users': isIn },
});

describe('Engage audiences are cohort traits, decided by the boolean', () => {
  const rows: [string, JsonObject, ReturnType<typeof cohort>][] = [
    ['entered, as track', track({ audience_key: 'power_users', power_users: true }), cohort(true)],
    ['left, as track', track({ power_users: false }, 'Audience Exited'), cohort(false)],
    ['the event name does not decide', track({ power_users: true }, 'Audience Exited'), cohort(true)],
    ['a renamed event', track({ power_users: false }, 'Churn risk over'), cohort(false)],
    ['text booleans', track({ power_users: 'true' }), cohort(true)],
    ['as identify', { type: 'identify', traits: { power_users: false } }, cohort(false)],
    [
      'as identify with other traits',
      { type: 'identify', traits: { power_users: true, title: 'Ops' } },
      cohort(true, { title: 'Ops' }),
    ],
  ];
  it.each(rows)('%s', (_title, element, expected) => {
    expect(summary(read(element))).toEqual(expected);
  });

  it('a membership is no activity: it has no event name', () => {
    expect(eventsIn(read(track({ power_users: true })))[0]?.name).toBeNull();
  });

  it('the profile’s traits that ride along become a snapshot', () => {
    const context = { ...personas(), traits: { email: 'ada@initech.example' } };
    const [member, snapshot] = eventsIn(read(track({ power_users: true }), context));
    expect(member).toMatchObject({ kind: 'cohort', email: 'ada@initech.example' });
    expect(snapshot).toMatchObject({ id: 'personas_1:person', kind: 'identify', declared: false });
  });

  it('an account-level audience is a trait of the account', () => {
    const element = { type: 'group', groupId: 'acct-7', traits: { power_users: true, plan: 'pro' } };
    const [event] = eventsIn(read(element));
    expect(event).toMatchObject({ kind: 'group', accountId: 'acct-7', personTraits: [] });
    expect(traitsOf(event?.accountTraits ?? [])).toEqual({ plan: 'pro', 'cohort:power_users': true });
  });

  it.each<[string, JsonObject]>([
    ['no value', {}],
    ['a value that is neither true nor false', { power_users: 'maybe' }],
  ])('an audience with %s is quarantined', (_title, properties) => {
    expect(quarantinedIn(read(track(properties))).map(({ code }) => code)).toEqual(['no_membership']);
  });

  it('an audience without a key is quarantined', () => {
    const context = personas({ computation_key: null, computation_id: null });
    expect(quarantinedIn(read(track({ power_users: true }), context)).map(({ code }) => code)).toEqual([
      'no_membership',
    ]);
  });
});

describe('journey steps', () => {
  const rows: [string, Json | undefined, boolean][] = [
    ['without a value: entered', undefined, true],
    ['true', true, true],
    ['false', false, false],
  ];
  it.each(rows)('%s', (_title, value, isIn) => {
    const properties = value === undefined ? {} : { power_users: value };
    expect(summary(read(track(properties), personas({ computation_class: 'journey_step' })))).toEqual(
      cohort(isIn),
    );
  });
});

describe('computed traits', () => {
  const context = personas({ computation_class: 'trait', computation_key: 'logins' });

  it('as track: a declared trait, no activity', () => {
    expect(summary(read(track({ trait_key: 'logins', logins: 9 }, 'Trait Computed'), context))).toEqual({
      kind: 'identify',
      declared: true,
      traits: { logins: 9 },
    });
  });

  it('as identify: like any other trait', () => {
    expect(summary(read({ type: 'identify', traits: { logins: 9 } }, context))?.traits).toEqual({
      logins: 9,
    });
  });
});

it('other computations are ordinary calls', () => {
  const context = personas({ computation_class: 'something_new' });
  expect(summary(read(track({ power_users: true }, 'Key Feature Used'), context))?.kind).toBe('track');
});
