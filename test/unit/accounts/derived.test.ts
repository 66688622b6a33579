import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/accounts/measure.ts';
import type { AccountState } from '../../../src/accounts/state.ts';
import type { Window } from '../../../src/accounts/window.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import { DAY, HOUR, startOfUtcDay, utcDay } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { catalogue, signalIn } from '../../support/measured.ts';
import { accountOf } from '../../support/tally.ts';

const PLAN = catalogue(
  'signed_up: { events: [Signed Up], count: once }',
  'a: { events: [A], count: each }',
  'b: { events: [B], count: each }',
  'c: { events: [C], count: each }',
  'days: { events: [A], count: distinct days }',
  'streak: { events: [A], count: consecutive days }',
  'spent: { events: [S], count: sum, of: n }',
  'invited: { events: [Invite Sent], count: distinct value, of: invitee_email }',
  'path: { sequence: { steps: [a, b, c], within: 24 hours }, count: each }',
  'team_path: { sequence: { steps: [a, b, c], within: 24 hours, by: account }, count: each }',
  'joined: { became_active: { invited: invited }, count: distinct users }',
  'either: { any_of: [a, b], count: each }',
  'either_users: { any_of: [a, b], count: distinct users }',
  'setup: { some_of: [a, b, c, spent, invited] }',
  'share: { ratio: { of: a, to: b, at_least_to: 3 } }',
  'growth: { trend: { of: a, days: 7 } }',
);
const LIFETIME: Window = 'lifetime';

const on = (name: string, ...instants: number[]) => instants.map((at) => event({ name, at }));
const days = (...ago: number[]) => ago.map((n) => NOON - n * DAY);
const of = (people: Record<string, readonly ProductEvent[]>) => accountOf(people, PLAN);
const look = (id: string, state: AccountState, window: Window = { days: 30 }, now = NOON) =>
  measure(signalIn(PLAN, id), state, window, now);

describe('streaks: the longest run of days in a row inside the window (S3-9)', () => {
  it.each([
    [[], 0],
    [[0], 1],
    [[0, 1, 2], 3],
    [[0, 2, 4], 1],
    [[0, 10, 11, 12, 20, 21], 3],
    [[0, 0.1, 1], 2],
    [[27, 28, 29, 30, 31], 3],
  ])('active %j days ago: %d', (ago, amount) => {
    expect(look('streak', of({ 'u:1': on('A', ...days(...ago)) })).amount).toBe(amount);
  });

  it('people of an account share one streak', () => {
    const state = of({ 'u:1': on('A', ...days(0, 2)), 'u:2': on('A', ...days(1, 3)) });
    expect(look('streak', state).amount).toBe(4);
  });
});

describe('first N days since the sign-up (S2-20, S2-72, S2-117)', () => {
  const SIGNUP = startOfUtcDay(utcDay(NOON)) - 40 * DAY + 23 * HOUR;
  const used = on('A', SIGNUP - 5 * DAY, SIGNUP, SIGNUP + HOUR, SIGNUP + 6 * DAY, SIGNUP + 7 * DAY);
  const week: Window = { firstDays: 7 };

  it('the day of the sign-up is the first, and what came before it counts too', () => {
    const state = of({ 'u:1': [...used, ...on('Signed Up', SIGNUP)] });
    expect(look('days', state, week)).toMatchObject({
      amount: 4,
      count: 4,
      last: SIGNUP + 6 * DAY,
      nextChange: null,
    });
    expect(look('days', state, { firstDays: 1 }).amount).toBe(2);
    expect(look('days', state, { firstDays: 8 }).amount).toBe(5);
  });

  it('without signed_up the account’s created_at counts, then the earliest of its people', () => {
    const person = identify({ created_at: new Date(SIGNUP + DAY).toISOString() });
    const account = group('acct-7', { created_at: SIGNUP });
    expect(look('days', of({ 'u:1': [...used, person] }), week).amount).toBe(5);
    expect(look('days', of({ 'u:1': [...used, person], 'u:2': [account] }), week).amount).toBe(4);
    const up = on('Signed Up', SIGNUP - 6 * DAY);
    expect(look('days', of({ 'u:1': [...used, person, account, ...up] }), week).amount).toBe(2);
  });

  it('an unknown sign-up makes the amount unknown, never 0', () => {
    expect(look('days', of({ 'u:1': used }), week)).toMatchObject({
      amount: null,
      unknown: 'signup is not known',
    });
    const nonsense = group('acct-7', { created_at: 'long ago' });
    expect(look('setup', of({ 'u:1': [...used, nonsense] }), week)).toMatchObject({
      amount: null,
      unknown: 'signup is not known',
    });
  });

  it('a sign-up that is dated ahead counts when it comes', () => {
    const state = of({ 'u:1': [...used, ...on('Signed Up', NOON + HOUR)] });
    expect(look('days', state, week)).toMatchObject({ amount: null, nextChange: NOON + HOUR });
    expect(look('days', state, week, NOON + HOUR).amount).toBe(5);
  });

  it('stays true years later, when the days between are long forgotten', () => {
    const state = of({ 'u:1': [...used, ...on('Signed Up', SIGNUP), ...on('A', NOON + 1000 * DAY)] });
    expect(look('days', state, week, NOON + 1000 * DAY).amount).toBe(4);
  });

  it('a distinct value is inside by its first instant, also when it came again later', () => {
    const invite = (at: number, invitee_email: string) =>
      event({ name: 'Invite Sent', at, properties: { invitee_email } });
    const state = of({
      'u:1': [
        ...on('Signed Up', SIGNUP),
        invite(SIGNUP, 'ann'),
        invite(NOON, 'ann'),
        invite(SIGNUP + 7 * DAY, 'bob'),
      ],
    });
    expect(look('invited', state, week)).toMatchObject({ amount: 1, members: ['ann'] });
  });
});

describe('sequences (S1-28, S1-92)', () => {
  const T = NOON - 3 * DAY;
  it.each<[string, [string, number][], number]>([
    [
      'in order',
      [
        ['A', 0],
        ['B', 1],
        ['C', 2],
      ],
      1,
    ],
    [
      'the first two in the wrong order',
      [
        ['B', 0],
        ['A', 1],
        ['C', 2],
      ],
      0,
    ],
    [
      'all at the same instant',
      [
        ['A', 0],
        ['B', 0],
        ['C', 0],
      ],
      1,
    ],
    [
      'a step is missing',
      [
        ['A', 0],
        ['C', 2],
      ],
      0,
    ],
    [
      'exactly the time after the first',
      [
        ['A', 0],
        ['B', 1],
        ['C', 24],
      ],
      1,
    ],
    [
      'longer than the time after the first',
      [
        ['A', 0],
        ['B', 1],
        ['C', 24.001],
      ],
      0,
    ],
    [
      'a later first step saves it',
      [
        ['A', 0],
        ['A', 20],
        ['B', 21],
        ['C', 30],
      ],
      1,
    ],
    [
      'each last step counts',
      [
        ['A', 0],
        ['B', 1],
        ['C', 2],
        ['C', 3],
      ],
      2,
    ],
    [
      'other things in between',
      [
        ['A', 0],
        ['C', 0.5],
        ['B', 1],
        ['A', 1.5],
        ['C', 2],
      ],
      1,
    ],
  ])('%s', (_, steps, amount) => {
    const events = steps.flatMap(([name, hours]) => on(name, T + hours * HOUR));
    expect(look('path', of({ 'u:1': events })).amount).toBe(amount);
  });

  it('by person: one person does all; by account: anybody does any', () => {
    const state = of({ 'u:1': on('A', T), 'u:2': on('B', T + 1), 'u:3': on('C', T + 2) });
    expect([look('path', state).amount, look('team_path', state).amount]).toEqual([0, 1]);
    expect(look('team_path', state)).toMatchObject({ users: ['u:3'], first: T + 2, last: T + 2 });
  });

  it('events without a person form no sequence by person', () => {
    const [part] = of({ x: [...on('A', T), ...on('B', T), ...on('C', T)] }).parts;
    const state = { key: 'k', parts: part === undefined ? [] : [{ ...part, person: null }] };
    expect([look('path', state).amount, look('team_path', state).amount]).toEqual([0, 1]);
  });

  it('is dated at its last step and leaves the window with it', () => {
    const state = of({ 'u:1': [...on('A', T), ...on('B', T + 1), ...on('C', T + 2)] });
    expect(look('path', state, { hours: 72 }, T + 3).nextChange).toBe(T + 2 + 72 * HOUR);
    expect(look('path', state, LIFETIME, T + 1)).toMatchObject({ amount: 0, nextChange: T + 2 });
  });
});

describe('invited and became active (S2-77, S2-120)', () => {
  const invite = (at: number, invitee_email: string) =>
    event({ name: 'Invite Sent', at, properties: { invitee_email } });
  const mail = (email: string) => identify({ email });
  const inviter = [invite(NOON - 5 * DAY, 'Bob@x.example'), invite(NOON - 2 * DAY, 'bob@x.example')];

  it.each([
    ['after the invitation', NOON - DAY, 1],
    ['at its very instant', NOON - 5 * DAY, 1],
    ['before it: no new colleague', NOON - 6 * DAY, 0],
  ])('first active %s', (_, at, amount) => {
    const state = of({ 'u:1': inviter, 'u:2': [mail(' BOB@X.example'), ...on('A', at, NOON)] });
    const found = look('joined', state);
    expect([found.amount, found.first]).toEqual([amount, amount === 0 ? null : at]);
  });

  it('who was not invited, has no e-mail, or only accepted without any activity does not count', () => {
    const state = of({
      'u:1': inviter,
      'u:2': [mail('cy@x.example'), ...on('A', NOON)],
      'u:3': on('A', NOON),
      'u:4': [mail('bob@x.example')],
    });
    expect(look('joined', state).amount).toBe(0);
  });
});

describe('unions, k of n, ratios and trends', () => {
  it('any_of adds occurrences, and counts a person once', () => {
    const state = of({ 'u:1': [...on('A', ...days(0, 1)), ...on('B', NOON)], 'u:2': on('B', NOON) });
    expect([look('either', state).amount, look('either_users', state).amount]).toEqual([4, 2]);
  });

  it('some_of counts how many were given and names them (S2-45, S2-119)', () => {
    const zero = event({ name: 'S', at: NOON, properties: { n: 0 } });
    const state = of({ 'u:1': [...on('A', ...days(0, 1)), zero], 'u:2': on('C', NOON - 40 * DAY) });
    expect(look('setup', state)).toMatchObject({ amount: 1, members: ['a'] });
    expect(look('setup', state, LIFETIME)).toMatchObject({
      amount: 2,
      members: ['a', 'c'],
      users: ['u:1', 'u:2'],
    });
  });

  it('a ratio is unknown, not 0, while there is too little below the line', () => {
    const few = of({ 'u:1': [...on('A', NOON), ...on('B', ...days(0, 1))] });
    expect(look('share', few)).toMatchObject({ amount: null, unknown: 'b is 2, below 3', terms: [1, 2] });
    const enough = of({ 'u:1': [...on('A', NOON, NOON - 1), ...on('B', ...days(0, 1, 2))] });
    expect(look('share', enough)).toMatchObject({ amount: 0.666667, terms: [2, 3] });
    expect(look('share', of({ 'u:1': on('B', ...days(0, 1, 2)) })).amount).toBe(0);
  });

  it('a trend is the last days, today included, against as many before; unknown when those were empty', () => {
    const state = of({ 'u:1': on('A', ...days(0, 1, 6, 7, 13, 14)) });
    expect(look('growth', state)).toMatchObject({ amount: 1.5, terms: [3, 2] });
    expect(look('growth', state, { hours: 1 })).toEqual(look('growth', state));
    expect(look('growth', of({ 'u:1': on('A', NOON) }))).toMatchObject({
      amount: null,
      unknown: 'nothing in the 7 days before',
    });
    expect(look('growth', of({ 'u:1': on('A', ...days(9)) })).amount).toBe(0);
  });

  it('a trend changes at the midnight at which a day moves from the last ones to those before', () => {
    const state = of({ 'u:1': on('A', ...days(3, 8)) });
    const midnight = startOfUtcDay(utcDay(NOON) + 4);
    expect(look('growth', state)).toMatchObject({ amount: 1, nextChange: midnight });
    expect(look('growth', state, LIFETIME, midnight).amount).toBe(0);
  });

  it('a sum is not known by hours', () => {
    const state = of({ 'u:1': [event({ name: 'S', at: NOON, properties: { n: 3 } })] });
    expect(look('spent', state, { hours: 24 })).toMatchObject({
      amount: null,
      unknown: 'a sum is known by days, not by hours',
    });
    expect(look('spent', state).amount).toBe(3);
  });
});
