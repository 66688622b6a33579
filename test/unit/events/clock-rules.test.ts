import { describe, expect, it } from 'vitest';
import { clockSkew, eventTime } from '../../../src/events/clock-rules.ts';
import type { Json } from '../../../src/shared/json.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';

const iso = (at: number) => new Date(at).toISOString();

function timeOf(candidates: (Json | undefined)[], over: { skew?: number } = {}): number | string {
  const read = eventTime(candidates, { receivedAt: NOON, horizonDays: 400, skew: 0, ...over });
  return read.ok ? read.value : read.error.code;
}

describe('decision 5: when an event happened', () => {
  const rows: [string, (Json | undefined)[], number | string][] = [
    ['the first candidate', [iso(NOON - HOUR), iso(NOON - DAY)], NOON - HOUR],
    ['"yesterday" falls through to the next', ['yesterday', iso(NOON - DAY)], NOON - DAY],
    ['an absent one too', [undefined, null, '', iso(NOON - DAY)], NOON - DAY],
    ['none readable: the time of receipt', ['soon', undefined], NOON],
    ['24 hours ahead counts as receipt', [iso(NOON + DAY)], NOON],
    ['a second ahead counts as receipt', [iso(NOON + SECOND)], NOON],
    ['a millisecond more than 24 hours ahead is refused', [NOON + DAY + 1], 'from_the_future'],
    ['the year 9999 is refused', ['9999-01-01T00:00:00Z'], 'from_the_future'],
    ['the year 1970 is refused', ['1970-01-01T00:00:00Z'], 'before_2000'],
    ['the last moment of 1999 is refused', ['1999-12-31T23:59:59.999Z'], 'before_2000'],
    ['the journal’s horizon is kept', [iso(NOON - 400 * DAY)], NOON - 400 * DAY],
    ['I2: a millisecond before the horizon is refused', [NOON - 400 * DAY - 1], 'too_old'],
    ['1 January 2000 is too old, not before 2000', ['2000-01-01T00:00:00Z'], 'too_old'],
  ];
  it.each(rows)('%s', (_title, candidates, expected) => {
    expect(timeOf(candidates)).toBe(expected);
  });

  it('a sender’s slow clock is corrected before the rules', () => {
    expect(timeOf([iso(NOON - 3 * HOUR)], { skew: 2 * HOUR })).toBe(NOON - HOUR);
    expect(timeOf([iso(NOON - 500 * DAY)], { skew: 499 * DAY })).toBe(NOON - DAY);
  });

  it('the time of receipt is ours and is not corrected', () => {
    expect(timeOf(['soon'], { skew: 2 * HOUR })).toBe(NOON);
  });
});

describe('the skew of a sender’s clock', () => {
  const rows: [string, Json | undefined, number][] = [
    ['two hours slow', iso(NOON - 2 * HOUR), 2 * HOUR],
    ['two hours fast', iso(NOON + 2 * HOUR), -2 * HOUR],
    ['one minute', iso(NOON - MINUTE), MINUTE],
    ['less than a minute is the network', iso(NOON - MINUTE + 1), 0],
    ['unreadable', 'now', 0],
    ['absent', undefined, 0],
  ];
  it.each(rows)('%s', (_title, sentAt, expected) => {
    expect(clockSkew(sentAt, NOON)).toBe(expected);
  });
});
