import { describe, expect, it } from 'vitest';
import { measure, occasionsOf } from '../../../src/accounts/measure.ts';
import { readSignals } from '../../../src/accounts/signal-plan.ts';
import type { CountMode } from '../../../src/accounts/signals-config.ts';
import type { Window } from '../../../src/accounts/window.ts';
import { DAY, utcDay } from '../../../src/shared/time.ts';
import { event, NOON } from '../../support/event.ts';
import { catalogue, signalIn } from '../../support/measured.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { accountOf, occurrences } from '../../support/tally.ts';

const plan = shippedSignals();
const WEEK = { days: 7 };

function amountOf(id: string, state: ReturnType<typeof accountOf>): number | null {
  const signal = plan.signals.get(id);
  return signal === undefined ? Number.NaN : measure(signal, state, WEEK, NOON).amount;
}

describe('each count mode makes one number of a tally', () => {
  const invites = ['ann', 'bob', 'ann'].map((invitee_email, i) =>
    event({ name: 'Invite Sent', at: NOON - i * DAY, properties: { invitee_email } }),
  );
  const state = accountOf({
    'u:1': [
      ...invites,
      ...occurrences('Report Shared', [NOON, NOON - 1, NOON - DAY]),
      ...occurrences('Aha Moment Reached', [NOON, NOON - 1]),
      ...occurrences('API Calls Made', [NOON, NOON - DAY], { count: '1.25' }),
    ],
    'u:2': occurrences('Report Shared', [NOON, NOON - 30 * DAY]),
  });

  it.each([
    ['once', 'aha', 1],
    ['once, never', 'onboarding_completed', 0],
    ['each', 'shared_asset', 4],
    ['distinct value', 'seats_invited', 2],
    ['sum', 'api_calls', 2.5],
    ['derived, never', 'checkout_abandoned', 0],
  ])('%s: %s', (_, id, amount) => {
    expect(amountOf(id, state)).toBe(amount);
  });

  it.each<[CountMode, number]>([
    ['distinct users', 2],
    ['distinct days', 2],
  ])('%s', (count, amount) => {
    const own = readSignals('s.yaml', `signals:\n  shared_asset: { events: [X], count: ${count} }`);
    const signal = own.ok ? own.value.signals.get('shared_asset') : undefined;
    expect(signal === undefined ? null : measure(signal, state, WEEK, NOON).amount).toBe(amount);
  });
});

describe('what of an amount is dated on which day, for points that fade with age', () => {
  const own = catalogue(
    'signed_up: { events: [Signed Up], count: once }',
    'each: { events: [A], count: each }',
    'once: { events: [A], count: once }',
    'users: { events: [A], count: distinct users }',
    'days: { events: [A], count: distinct days }',
    'streak: { events: [A], count: consecutive days }',
    'values: { events: [A], count: distinct value, of: v }',
    'sum: { events: [A], count: sum, of: n }',
    'b: { events: [B], count: each }',
    'some: { some_of: [each, b, signed_up] }',
    'either: { any_of: [each, b], count: each }',
    'ratio: { ratio: { of: each, to: days } }',
    'path: { sequence: { steps: [b, each], within: 2 days }, count: each }',
  );
  const a = (ago: number, v: string, n: number) =>
    event({ name: 'A', at: NOON - ago * DAY, properties: { v, n } });
  const state = accountOf(
    {
      'u:1': [a(0, 'x', 1), a(0, 'y', 0.1), a(1, 'x', 2), a(4, 'z', 3), a(40, 'w', 5)],
      'u:2': [a(1, 'z', 0.2), a(5, 'y', 4), event({ name: 'B', at: NOON - 5 * DAY - 1 })],
      'u:3': [event({ name: 'Signed Up', at: NOON - 41 * DAY })],
    },
    own,
  );
  const WEEK_ONLY = { days: 7 };

  it.each<[string, Window, Record<number, number>]>([
    ['each', WEEK_ONLY, { 5: 1, 4: 1, 1: 2, 0: 2 }],
    ['once', WEEK_ONLY, { 0: 1 }],
    ['users', WEEK_ONLY, { 1: 1, 0: 1 }],
    ['days', WEEK_ONLY, { 5: 1, 4: 1, 1: 1, 0: 1 }],
    ['streak', WEEK_ONLY, { 1: 1, 0: 1 }],
    ['values', WEEK_ONLY, { 1: 1, 0: 2 }],
    ['values', { firstDays: 37 }, { 40: 1, 5: 1 }],
    ['sum', WEEK_ONLY, { 5: 4, 4: 3, 1: 2.2, 0: 1.1 }],
    ['sum', { hours: 24 }, {}],
    ['each', { hours: 24 }, { 0: 2 }],
    ['some', WEEK_ONLY, { 5: 1, 0: 1 }],
    ['some', 'lifetime', { 41: 1, 5: 1, 0: 1 }],
    ['either', WEEK_ONLY, { 5: 2, 4: 1, 1: 2, 0: 2 }],
    ['ratio', WEEK_ONLY, { 0: 1.5 }],
    ['path', WEEK_ONLY, { 5: 1 }],
    ['each', 'lifetime', { 40: 1, 5: 1, 4: 1, 1: 2, 0: 2 }],
  ])('%s in %j', (id, window, byAge) => {
    const expected = Object.entries(byAge).map(([ago, amount]) => [utcDay(NOON) - Number(ago), amount]);
    const found = occasionsOf(signalIn(own, id), state, window, NOON).map(({ day, amount }) => [day, amount]);
    expect(found).toEqual(expected.sort(([x = 0], [y = 0]) => x - y));
  });

  it('what is older than the days that are kept is dated on the oldest day known', () => {
    const old = [-100 * DAY, -200 * DAY, 0].map((at) => event({ name: 'A', at: NOON + at - 600 * DAY }));
    const aged = accountOf({ 'u:1': [...old, a(0, 'x', 1)] }, own);
    const found = occasionsOf(signalIn(own, 'each'), aged, 'lifetime', NOON);
    expect(found).toEqual([
      { day: utcDay(NOON) - 800, amount: 3 },
      { day: utcDay(NOON), amount: 1 },
    ]);
  });
});

describe('recent: how much windows in hours, sequences and abandoned flows see', () => {
  const own = catalogue(
    'few: { events: [A], count: each }',
    'many: { events: [A], count: each, recent: 25 }',
  );
  const state = accountOf(
    {
      'u:1': occurrences(
        'A',
        Array.from({ length: 40 }, (_, i) => NOON - i),
      ),
    },
    own,
  );
  it.each([
    ['few', 8],
    ['many', 25],
  ])('%s: %d in an hour, all forty in a day', (id, amount) => {
    expect(measure(signalIn(own, id), state, { hours: 1 }, NOON).amount).toBe(amount);
    expect(measure(signalIn(own, id), state, { days: 1 }, NOON).amount).toBe(40);
  });
});

describe('a model may count a signal in another way than signals.yaml', () => {
  it.each<[CountMode, number]>([
    ['once', 1],
    ['each', 3],
    ['distinct users', 2],
    ['distinct days', 2],
    ['consecutive days', 2],
  ])('activity by %s', (count, amount) => {
    const state = accountOf({ 'u:1': occurrences('X', [NOON, NOON - DAY]), 'u:2': occurrences('Y', [NOON]) });
    expect(measure({ ...signalIn(plan, 'activity'), count }, state, WEEK, NOON).amount).toBe(amount);
  });
});
