import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../../src/accounts/zone.ts';
import {
  ALWAYS,
  afterWorking,
  type BusinessHours,
  workedBetween,
} from '../../../../src/decide/handoff/business-hours.ts';
import { HOUR, MINUTE } from '../../../../src/shared/time.ts';

const NINE_TO_FIVE = { from: 9 * 60, to: 17 * 60 };

function office(timezone: string, over: Partial<BusinessHours> = {}): BusinessHours {
  const weekdays = Array.from({ length: 7 }, (_, day) => (day < 5 ? [NINE_TO_FIVE] : []));
  const offset = clockOf(timezone) ?? (() => Number.NaN);
  return { id: 'office', timezone, offset, weekdays, holidays: new Set(), ...over };
}

const due = (hours: BusinessHours, at: string, worked: number) =>
  new Date(afterWorking(hours, Date.parse(at), worked)).toISOString();
const worked = (hours: BusinessHours, from: string, to: string) =>
  workedBetween(hours, Date.parse(from), Date.parse(to)) / HOUR;

describe('a deadline in working hours', () => {
  const newYork = office('America/New_York');
  const berlin = office('Europe/Berlin');

  it.each<[string, BusinessHours, string, number, string]>([
    ['within one day', newYork, '2026-03-03T15:00:00Z', 2, '2026-03-03T17:00:00.000Z'],
    ['up to the last minute of a day', newYork, '2026-03-03T20:00:00Z', 2, '2026-03-03T22:00:00.000Z'],
    ['over the night', newYork, '2026-03-03T21:00:00Z', 2, '2026-03-04T15:00:00.000Z'],
    ['over a weekend', newYork, '2026-02-27T21:00:00Z', 4, '2026-03-02T17:00:00.000Z'],
    ['from before the opening', newYork, '2026-03-03T08:00:00Z', 4, '2026-03-03T18:00:00.000Z'],
    ['from a Sunday', newYork, '2026-03-01T12:00:00Z', 4, '2026-03-02T18:00:00.000Z'],
    // Clocks go forward on 8 March 2026 in New York: 9:00 is 13:00 UTC from then on.
    ['over the change to summer time', newYork, '2026-03-06T21:00:00Z', 4, '2026-03-09T16:00:00.000Z'],
    // And back on 1 November: 9:00 is 14:00 UTC again.
    ['over the change to winter time', newYork, '2026-10-30T20:00:00Z', 4, '2026-11-02T17:00:00.000Z'],
    ['in Berlin over its own change', berlin, '2026-03-27T15:00:00Z', 4, '2026-03-30T10:00:00.000Z'],
    ['of three days', newYork, '2026-03-02T14:00:00Z', 24, '2026-03-04T22:00:00.000Z'],
  ])('%s', (_title, hours, at, span, expected) => {
    expect(due(hours, at, span * HOUR)).toBe(expected);
  });

  it('passes over holidays, Thanksgiving and the day after it', () => {
    const closed = office('America/New_York', { holidays: new Set(['2026-11-26', '2026-11-27']) });
    expect(due(closed, '2026-11-25T21:00:00Z', 4 * HOUR)).toBe('2026-11-30T17:00:00.000Z');
  });

  it('passes over more holidays than there are working days in a week', () => {
    const days = Array.from({ length: 20 }, (_, i) => `2026-08-${String(i + 3).padStart(2, '0')}`);
    const closed = office('Europe/Berlin', { holidays: new Set(days) });
    expect(due(closed, '2026-08-03T10:00:00Z', HOUR)).toBe('2026-08-24T08:00:00.000Z');
  });

  it('knows a lunch break', () => {
    const split = [
      { from: 9 * 60, to: 12 * 60 },
      { from: 13 * 60, to: 17 * 60 },
    ];
    const weekdays = Array.from({ length: 7 }, () => split);
    expect(due(office('UTC', { weekdays }), '2026-03-03T11:00:00Z', 2 * HOUR)).toBe(
      '2026-03-03T14:00:00.000Z',
    );
  });

  it('of a night shift that begins in the hour that is skipped', () => {
    const weekdays = Array.from({ length: 7 }, () => [{ from: 150, to: 300 }]);
    // 2:30 does not exist on 8 March in New York: the clocks go from 2:00 to 3:00 at 7:00 UTC.
    const night = office('America/New_York', { weekdays });
    expect(due(night, '2026-03-08T06:00:00Z', 30 * MINUTE)).toBe('2026-03-08T07:30:00.000Z');
  });

  it('of a night shift in the hour that comes twice: it lasts until the second time', () => {
    const weekdays = Array.from({ length: 7 }, () => [{ from: 60, to: 120 }]);
    const night = office('America/New_York', { weekdays });
    expect(due(night, '2026-11-01T04:00:00Z', 2 * HOUR)).toBe('2026-11-01T07:00:00.000Z');
  });

  it('without a calendar is that many hours later', () => {
    expect(due(ALWAYS, '2026-03-07T23:30:00Z', 24 * HOUR)).toBe('2026-03-08T23:30:00.000Z');
  });

  it('of no time at all is now, or the next opening', () => {
    expect(due(newYork, '2026-03-03T15:00:00Z', 0)).toBe('2026-03-03T15:00:00.000Z');
    expect(due(newYork, '2026-03-01T15:00:00Z', 0)).toBe('2026-03-02T14:00:00.000Z');
  });
});

describe('working time between two instants', () => {
  const newYork = office('America/New_York');

  it.each([
    ['one morning', '2026-03-03T14:30:00Z', '2026-03-03T16:00:00Z', 1.5],
    ['over a weekend', '2026-02-27T21:00:00Z', '2026-03-02T15:00:00Z', 2],
    ['over the change to summer time', '2026-03-06T21:00:00Z', '2026-03-09T14:00:00Z', 2],
    ['at night', '2026-03-03T02:00:00Z', '2026-03-03T08:00:00Z', 0],
    ['backwards', '2026-03-04T15:00:00Z', '2026-03-03T15:00:00Z', 0],
  ])('%s', (_title, from, to, hours) => {
    expect(worked(newYork, from, to)).toBe(hours);
  });

  it('is what a deadline adds, wherever it begins', () => {
    const closed = office('Europe/Berlin', { holidays: new Set(['2026-04-03', '2026-04-06']) });
    const begin = Date.parse('2026-03-20T00:00:00Z');
    for (let i = 0; i < 500; i++) {
      const at = begin + i * 61 * MINUTE;
      const span = ((i * 37) % 2000) * MINUTE + MINUTE;
      expect(workedBetween(closed, at, afterWorking(closed, at, span))).toBe(span);
    }
  });

  it('of all hours is the time between them, over days on which midnight comes twice', () => {
    // In Havana the clocks go back from 1:00 to midnight.
    const always = {
      ...ALWAYS,
      timezone: 'America/Havana',
      offset: clockOf('America/Havana') ?? (() => Number.NaN),
    };
    expect(worked(always, '2026-10-30T00:00:00Z', '2026-11-04T00:00:00Z')).toBe(120);
  });
});
