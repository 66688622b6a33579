import { describe, expect, it } from 'vitest';
import { readInstant } from '../../../src/events/instant.ts';
import type { Json } from '../../../src/shared/json.ts';

const at = Date.UTC(2026, 2, 2, 10, 15, 30, 250);

describe('a sender’s time', () => {
  const rows: [string, Json, number | null][] = [
    ['ISO with Z (Segment)', '2026-03-02T10:15:30.250Z', at],
    ['ISO with a colon in the offset', '2026-03-02T11:15:30.250+01:00', at],
    ['ISO with an offset of digits only', '2026-03-02T04:45:30.250-0530', at],
    ['ISO with hours only in the offset', '2026-03-02T08:15:30.250-02', at],
    ['a blank for the T and no zone means UTC (Amplitude)', '2026-03-02 10:15:30.250', at],
    ['microseconds are cut to milliseconds', '2026-03-02 10:15:30.250999', at],
    ['nanoseconds too', '2026-03-02T10:15:30.250999999Z', at],
    ['no fraction', '2026-03-02 10:15:30', at - 250],
    ['no seconds', '2026-03-02T10:15Z', at - 30_250],
    ['a date alone is its midnight', '2026-03-02', Date.UTC(2026, 2, 2)],
    ['24:00 is the next midnight', '2026-03-01T24:00:00Z', Date.UTC(2026, 2, 2)],
    ['outer blanks', '  2026-03-02T10:15:30.250Z ', at],
    ['milliseconds as a number', at, at],
    ['milliseconds as text', String(at), at],
    ['seconds as a number', 1772446530, 1772446530_000],
    ['seconds as text (cohorts)', '1772446530', 1772446530_000],
    ['seconds with a fraction', '1772446530.5', 1772446530_500],
    ['the year 1970', '1970-01-01T00:00:00Z', 0],
    ['zero', 0, 0],
    ['the year 9999', '9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['a word', 'yesterday', null],
    ['what Date.parse would take for May 2001', 'May 1', null],
    ['a day that does not exist', '2026-02-31T10:00:00Z', null],
    ['a month that does not exist', '2026-13-01', null],
    ['an hour that does not exist', '2026-03-02T25:00:00Z', null],
    ['a minute that does not exist', '2026-03-02T10:60:00Z', null],
    ['five digits of a year', '12026-03-02T10:00:00Z', null],
    ['nothing', '', null],
    ['null', null, null],
    ['an object', { seconds: 5 }, null],
    ['true', true, null],
  ];
  it.each(rows)('%s', (_title, value, expected) => {
    expect(readInstant(value)).toBe(expected);
  });

  it('the way SDKs write it, which is read faster, is read as the others are', () => {
    const days = [
      '2026-00-10',
      '2026-13-10',
      '2026-12-00',
      '2026-02-28',
      '2024-02-29',
      '2026-02-29',
      '2026-04-31',
      '0099-01-01',
    ];
    const times = ['00:00:00.000', '23:59:59.999', '24:00:00.000', '19:60:00.000', '12:30:60.000'];
    for (const text of days.flatMap((day) => times.map((time) => `${day}T${time}`))) {
      expect([text, readInstant(`${text}Z`)]).toEqual([text, readInstant(`${text}+00:00`)]);
    }
  });

  it('an absent one is none', () => {
    expect(readInstant(undefined)).toBeNull();
  });
});
