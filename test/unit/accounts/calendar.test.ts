import { describe, expect, it } from 'vitest';
import { localCalendar } from '../../../src/accounts/calendar.ts';
import { mergeParts } from '../../../src/accounts/fold.ts';
import { measure, occasionsOf } from '../../../src/accounts/measure.ts';
import type { AccountState } from '../../../src/accounts/state.ts';
import type { Window } from '../../../src/accounts/window.ts';
import { clockOf } from '../../../src/accounts/zone.ts';
import { HOUR, utcDay } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { catalogue, signalIn } from '../../support/measured.ts';
import { accountOf, partOf } from '../../support/tally.ts';

const PLAN = catalogue(
  'local: { events: [A], count: distinct days, days: local }',
  'work: { events: [A], count: each, during: { from: "09:00", to: "17:00" } }',
  'work_days: { events: [A], count: consecutive days, during: { from: "09:00", to: "17:00", days: [mon, tue, wed, thu, fri, sat, sun] } }',
);

const utc = (text: string) => Date.parse(`${text}Z`);
const at = (...instants: string[]) => instants.map((text) => event({ name: 'A', at: utc(text) }));
const inZone = (zone: string | null, ...instants: string[]): AccountState =>
  accountOf(
    { 'u:1': at(...instants), 'u:2': zone === null ? [] : [group('acct-7', { timezone: zone })] },
    PLAN,
  );
const look = (id: string, state: AccountState, window: Window, now: number) =>
  measure(signalIn(PLAN, id), state, window, now);

describe('clocks of time zones', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:59', 1],
    ['Europe/Berlin', '2026-03-29T01:00', 2],
    ['Europe/Berlin', '2026-10-25T00:59', 2],
    ['Europe/Berlin', '2026-10-25T01:00', 1],
    ['europe/berlin', '2026-07-01T00:00', 2],
    ['America/New_York', '2026-12-31T23:59', -5],
    ['Asia/Kolkata', '2026-01-01T00:00', 5.5],
    ['Asia/Kathmandu', '2026-01-01T00:00', 5.75],
    ['Australia/Lord_Howe', '2026-01-01T00:00', 11],
    ['Australia/Lord_Howe', '2026-06-01T00:00', 10.5],
    ['UTC', '2026-06-01T00:00', 0],
  ])('%s at %s is %d hours ahead', (zone, instant, hours) => {
    expect((clockOf(zone)?.(utc(instant)) ?? 0) / HOUR).toBe(hours);
  });

  it.each(['Mars/Base', '+01:00', '+01:07', '', 'Europe Berlin', 'x'.repeat(100)])(
    '%j is no time zone',
    (zone) => {
      expect(clockOf(zone)).toBeNull();
    },
  );
});

describe('days of an account (S3-48)', () => {
  it.each([
    ['an ordinary one', 'Europe/Berlin', '2026-02-10', '2026-02-09T23:00'],
    ['in summer', 'Europe/Berlin', '2026-07-10', '2026-07-09T22:00'],
    ['of 23 hours: its clocks change at 02:00', 'Europe/Berlin', '2026-03-29', '2026-03-28T23:00'],
    ['after the change', 'Europe/Berlin', '2026-03-30', '2026-03-29T22:00'],
    ['after the change back', 'Europe/Berlin', '2026-10-26', '2026-10-25T23:00'],
    ['whose midnight is skipped', 'Asia/Beirut', '2026-03-29', '2026-03-28T22:00'],
    ['whose midnight comes twice', 'America/Santiago', '2026-04-05', '2026-04-05T04:00'],
    ['that begins the day before in UTC', 'Pacific/Kiritimati', '2026-03-02', '2026-03-01T10:00'],
  ])('%s: %s %s begins at %s UTC', (_, zone, date, begins) => {
    const calendar = localCalendar(inZone(zone));
    const day = utcDay(utc(`${date}T00:00`));
    expect(new Date(calendar.startOf(day)).toISOString().slice(0, 16)).toBe(begins);
    expect([calendar.dayOf(calendar.startOf(day)), calendar.dayOf(calendar.startOf(day) - 1)]).toEqual([
      day,
      day - 1,
    ]);
  });

  it('two sides of the account’s midnight are two days, of UTC’s one', () => {
    const evening = ['2026-03-02T04:59', '2026-03-02T05:00'];
    expect(look('local', inZone('America/New_York', ...evening), { days: 7 }, NOON).amount).toBe(2);
    expect(look('local', inZone('Europe/Berlin', ...evening), { days: 7 }, NOON).amount).toBe(1);
  });

  it('windows move at the account’s midnight', () => {
    const state = inZone('America/New_York', '2026-03-02T05:00');
    const midnight = utc('2026-03-09T04:00'); // clocks were set forward on the 8th
    expect(look('local', state, { days: 7 }, NOON).nextChange).toBe(midnight);
    expect([midnight - 1, midnight].map((now) => look('local', state, { days: 7 }, now).amount)).toEqual([
      1, 0,
    ]);
  });

  it('a zone that is told after the events still decides their days', () => {
    const before = inZone(null, '2026-03-02T04:59', '2026-03-02T05:00');
    expect(look('local', before, { days: 7 }, NOON)).toMatchObject({
      amount: 1,
      zone: "UTC, because the account's time zone is not known",
    });
    const told = partOf([group('acct-7', { timezone: 'America/New_York' })], PLAN);
    const after = { ...before, parts: before.parts.map((part) => ({ ...part, ...mergeParts(part, told) })) };
    expect(look('local', after, { days: 7 }, NOON)).toMatchObject({ amount: 2, zone: 'America/New_York' });
  });

  it('a zone that does not exist is UTC, and the evidence says so', () => {
    expect(look('local', inZone('Mars/Base', '2026-03-02T04:59'), { days: 7 }, NOON).zone).toBe(
      'UTC, because the account\'s time zone "Mars/Base" is none',
    );
  });

  it('what is dated for points that fade is never dated after today', () => {
    // In Kiritimati it is the 3rd already; points of today must not be older or younger than today.
    const state = inZone('Pacific/Kiritimati', '2026-03-02T11:00');
    expect(occasionsOf(signalIn(PLAN, 'local'), state, { days: 7 }, NOON)).toEqual([
      { day: utcDay(NOON), amount: 1 },
    ]);
  });
});

describe('work hours (S3-9)', () => {
  it.each([
    ['the first minute', '2026-03-02T08:00', 1],
    ['the last one', '2026-03-02T15:59', 1],
    ['before', '2026-03-02T07:59', 0],
    ['after', '2026-03-02T16:00', 0],
    ['on a Sunday', '2026-03-01T12:00', 0],
    ['on the Friday', '2026-02-27T12:00', 1],
    ['in summer the same local hours are others of UTC', '2026-03-30T07:00', 1],
  ])('%s', (_, instant, amount) => {
    const now = utc('2026-03-30T12:00');
    expect(look('work', inZone('Europe/Berlin', instant), { days: 40 }, now).amount).toBe(amount);
  });

  it('shows first and last inside the hours only, and forgets what lies outside', () => {
    const state = inZone(
      'Europe/Berlin',
      '2026-02-26T09:00',
      '2026-02-26T20:00',
      '2026-02-27T10:30',
      '2026-03-02T03:00',
    );
    expect(look('work', state, { days: 30 }, NOON)).toMatchObject({
      amount: 2,
      days: [utcDay(utc('2026-02-26T00:00')), utcDay(utc('2026-02-27T00:00'))],
      last: utc('2026-02-27T10:30'),
    });
    expect(look('work_days', state, { days: 30 }, NOON).amount).toBe(2);
  });
});
