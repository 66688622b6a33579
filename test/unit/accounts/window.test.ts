import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../src/accounts/measure.ts';
import { RECENT_DEFAULT } from '../../../src/accounts/state.ts';
import { earliest, type Window } from '../../../src/accounts/window.ts';
import { DAY, HOUR, MINUTE, startOfUtcDay, utcDay } from '../../../src/shared/time.ts';
import { event, NOON } from '../../support/event.ts';
import { measured } from '../../support/measured.ts';
import { accountOf, occurrences } from '../../support/tally.ts';

const TODAY = utcDay(NOON);
const MIDNIGHT = startOfUtcDay(TODAY);
const EMPTY: Measure = {
  amount: 0,
  count: 0,
  users: [],
  members: [],
  distinct: 0,
  days: [],
  first: null,
  last: null,
  nextChange: null,
};

function shares(instants: readonly number[], window: Window, now = NOON): Measure {
  return measured(accountOf({ 'u:1': occurrences('Report Shared', instants) }), 'shared_asset', window, now);
}

describe('what lies in a window', () => {
  const rows: [string, Window, number, boolean][] = [
    ['the first millisecond of the oldest day', { days: 7 }, MIDNIGHT - 6 * DAY, true],
    ['the millisecond before it', { days: 7 }, MIDNIGHT - 6 * DAY - 1, false],
    ['midnight, of a window of one day', { days: 1 }, MIDNIGHT, true],
    ['the millisecond before midnight, of a window of one day', { days: 1 }, MIDNIGHT - 1, false],
    ['now', { days: 1 }, NOON, true],
    ['the millisecond after now', { days: 1 }, NOON + 1, false],
    ['an age of a millisecond less than the hours', { hours: 168 }, NOON - 168 * HOUR + 1, true],
    ['an age of exactly the hours', { hours: 168 }, NOON - 168 * HOUR, false],
    ['now, in hours', { hours: 1 }, NOON, true],
    ['the millisecond after now, in hours', { hours: 1 }, NOON + 1, false],
    ['twenty years ago, in a lifetime', 'lifetime', NOON - 7300 * DAY, true],
    ['the millisecond after now, in a lifetime', 'lifetime', NOON + 1, false],
  ];
  it.each(rows)('%s: %j at %d is inside: %s', (_, window, at, inside) => {
    const tally = shares([at], window);
    expect([tally.count, tally.last]).toEqual(inside ? [1, at] : [0, null]);
  });
});

describe('when a tally can change with no new event (I5)', () => {
  const rows: [string, Window, number[], number | null][] = [
    ['nothing ever happened', { days: 7 }, [], null],
    ['a lifetime never ends', 'lifetime', [NOON], null],
    [
      'days: midnight after the oldest counted day leaves',
      { days: 7 },
      [NOON - 5 * DAY, NOON],
      MIDNIGHT + 2 * DAY,
    ],
    ['days: what has left already changes nothing', { days: 7 }, [NOON - 7 * DAY], null],
    ['hours: to the millisecond', { hours: 24 }, [NOON - HOUR, NOON - 3], NOON + 23 * HOUR],
    ['hours: what has left already changes nothing', { hours: 24 }, [NOON - 24 * HOUR], null],
    ['what is still to come', { days: 7 }, [NOON + MINUTE], NOON + MINUTE],
    ['what is still to come, in a lifetime', 'lifetime', [NOON, NOON + MINUTE, NOON + HOUR], NOON + MINUTE],
    ['the earlier of leaving and coming', { hours: 24 }, [NOON - 23 * HOUR, NOON + 2 * HOUR], NOON + HOUR],
  ];
  it.each(rows)('%s', (_, window, instants, next) => {
    expect(shares(instants, window).nextChange).toBe(next);
  });

  it('changes then and not a millisecond before', () => {
    const instants = [NOON - 5 * DAY, NOON];
    const next = shares(instants, { days: 7 }).nextChange ?? 0;
    expect([next - 1, next].map((at) => shares(instants, { days: 7 }, at).count)).toEqual([2, 1]);
  });

  it('a distinct value leaves with its last instant, also when many others came since', () => {
    const invite = (at: number, invitee_email: string) =>
      event({ name: 'Invite Sent', at, properties: { invitee_email } });
    const later = Array.from({ length: RECENT_DEFAULT }, (_, i) => invite(NOON - 60 + i, 'bob'));
    const state = accountOf({ 'u:1': [invite(NOON - HOUR, 'ann'), ...later] });
    const at = (now: number) => measured(state, 'seats_invited', { hours: 24 }, now);
    expect([at(NOON).members, at(NOON).nextChange]).toEqual([['ann', 'bob'], NOON + 23 * HOUR]);
    expect(at(NOON + 23 * HOUR).members).toEqual(['bob']);
  });
});

describe('an account is the sum of its people', () => {
  const state = accountOf({
    'u:2': occurrences('Invite Sent', [NOON - DAY, NOON], { invitee_email: 'cy@x.example' }),
    'u:1': [
      ...occurrences('Invite Sent', [NOON - 2 * DAY], { invitee_email: 'cy@x.example' }),
      ...occurrences('Invite Sent', [NOON - 40 * DAY], { invitee_email: 'old@x.example' }),
    ],
    'u:3': occurrences('Report Shared', [NOON]),
  });

  it('counts, people, distinct values, days and instants inside', () => {
    expect(measured(state, 'seats_invited', { days: 30 }, NOON)).toEqual({
      amount: 1,
      count: 3,
      users: ['u:1', 'u:2'],
      members: ['cy@x.example'],
      distinct: 1,
      days: [TODAY - 2, TODAY - 1, TODAY],
      first: startOfUtcDay(TODAY - 2),
      last: NOON,
      nextChange: startOfUtcDay(TODAY + 28),
    });
  });

  it('a lifetime has all of it, with exact instants', () => {
    const tally = measured(state, 'seats_invited', 'lifetime', NOON);
    expect(tally).toMatchObject({
      count: 4,
      distinct: 2,
      first: NOON - 40 * DAY,
      last: NOON,
      nextChange: null,
    });
  });

  it('events without a person count and are nobody', () => {
    const [part] = accountOf({ x: occurrences('Report Shared', [NOON]) }).parts;
    const parts = part === undefined ? [] : [{ ...part, person: null }];
    expect(measured({ key: 'k', parts }, 'shared_asset', { days: 1 }, NOON)).toMatchObject({
      count: 1,
      users: [],
      last: NOON,
    });
  });

  it('of a signal that nobody gave is empty', () => {
    expect(measured(state, 'aha', { days: 30 }, NOON)).toEqual(EMPTY);
    expect(measured({ key: 'k', parts: [] }, 'aha', 'lifetime', NOON)).toEqual(EMPTY);
  });

  it('an estimate over people counts a value that two of them share once', () => {
    const invites = (from: number) =>
      Array.from({ length: 3000 }, (_, i) =>
        event({ name: 'Invite Sent', properties: { invitee_email: `p${from + i}@x.example` } }),
      );
    const crowd = accountOf({ 'u:1': invites(0), 'u:2': invites(1500) });
    const { distinct } = measured(crowd, 'seats_invited', { days: 1 }, NOON);
    expect(Math.abs(distinct - 4500) / 4500).toBeLessThan(0.1);
  });
});

describe('limits that are stated', () => {
  it(`hours see the newest ${RECENT_DEFAULT} occurrences of a person`, () => {
    const instants = Array.from({ length: 20 }, (_, i) => NOON - i * MINUTE);
    const tally = shares(instants, { hours: 24 });
    expect([tally.count, tally.first, tally.last]).toEqual([
      RECENT_DEFAULT,
      NOON - (RECENT_DEFAULT - 1) * MINUTE,
      NOON,
    ]);
  });

  it("of a sum, today's amounts count whole once one of them has come", () => {
    const calls = (at: number) => event({ name: 'API Calls Made', at, properties: { count: 10 } });
    const state = accountOf({ 'u:1': [calls(NOON - DAY), calls(NOON), calls(NOON + 1), calls(NOON + DAY)] });
    const sumAt = (now: number) => measured(state, 'api_calls', { days: 7 }, now).count / 1_000_000;
    expect([NOON - 1, NOON, NOON + 1, NOON + DAY].map(sumAt)).toEqual([10, 30, 30, 40]);
  });
});

it('earliest takes null for never', () => {
  expect([earliest(null, null), earliest(1, null), earliest(null, 2), earliest(3, 2)]).toEqual([
    null,
    1,
    2,
    2,
  ]);
});
