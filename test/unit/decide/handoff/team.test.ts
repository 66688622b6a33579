import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../../src/accounts/zone.ts';
import { ALWAYS } from '../../../../src/decide/handoff/business-hours.ts';
import { absenceAt, capacityOf, managerOf, weekBegin } from '../../../../src/decide/handoff/team.ts';
import { mail, person, pool, team } from '../../../support/team.ts';

const hoursIn = (timezone: string) => ({ ...ALWAYS, timezone, offset: clockOf(timezone) ?? ALWAYS.offset });
const at = (text: string) => Date.parse(text);

describe('somebody is out from the first day to the last, by their own clock', () => {
  const out = [{ from: '2026-08-03', to: '2026-08-14' }];
  it.each([
    ['UTC', '2026-08-02T23:59:59Z', null],
    ['UTC', '2026-08-03T00:00:00Z', '2026-08-14'],
    ['UTC', '2026-08-14T23:59:59Z', '2026-08-14'],
    ['UTC', '2026-08-15T00:00:00Z', null],
    ['Asia/Tokyo', '2026-08-02T14:59:59Z', null],
    ['Asia/Tokyo', '2026-08-02T15:00:00Z', '2026-08-14'],
    ['America/New_York', '2026-08-15T03:59:59Z', '2026-08-14'],
    ['America/New_York', '2026-08-15T04:00:00Z', null],
  ])('%s, %s: %s', (zone, now, until) => {
    expect(absenceAt(person('ann', { out, hours: hoursIn(zone) }), at(now))?.to ?? null).toBe(until);
  });
});

describe('a week begins on Monday at midnight, by the clock of the person (S1-53)', () => {
  it.each([
    ['a Monday at midnight', 'UTC', '2026-03-02T00:00:00Z', '2026-03-02T00:00:00Z'],
    ['a moment before', 'UTC', '2026-03-01T23:59:59Z', '2026-02-23T00:00:00Z'],
    ['a Sunday', 'UTC', '2026-03-08T12:00:00Z', '2026-03-02T00:00:00Z'],
    ['the first week of the year', 'UTC', '2027-01-02T12:00:00Z', '2026-12-28T00:00:00Z'],
    ['Monday in Tokyo, Sunday in UTC', 'Asia/Tokyo', '2026-03-01T15:00:00Z', '2026-03-01T15:00:00Z'],
    [
      'after the clocks went forward on Sunday',
      'America/New_York',
      '2026-03-08T20:00:00Z',
      '2026-03-02T05:00:00Z',
    ],
    ['after the clocks went back on Sunday', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-18T22:00:00Z'],
  ])('%s', (_title, zone, now, begin) => {
    expect(new Date(weekBegin(hoursIn(zone), at(now))).toISOString()).toBe(new Date(at(begin)).toISOString());
  });
});

it('their own number of tasks a week counts before that of the pool', () => {
  const sdr = pool(['ann', 'bo'], { aWeek: 50 });
  const both = team([sdr], [person('bo', { aWeek: 10 })]);
  expect(capacityOf(both, mail('ann'), sdr)).toBe(50);
  expect(capacityOf(both, mail('bo'), sdr)).toBe(10);
  expect(capacityOf(team([pool(['ann'])]), mail('ann'), pool(['ann']))).toBeNull();
});

it('a manager is found in whatever case somebody is named; whoever has none has none', () => {
  const both = team([], [person('ann', { manager: mail('meg') }), person('meg')]);
  expect(managerOf(both, 'Ann@Acme.example')).toBe(mail('meg'));
  expect(managerOf(both, mail('meg'))).toBeNull();
  expect(managerOf(both, mail('nobody'))).toBeNull();
});
