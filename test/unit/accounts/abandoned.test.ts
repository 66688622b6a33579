import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../src/accounts/measure.ts';
import type { Window } from '../../../src/accounts/window.ts';
import { DAY, HOUR, startOfUtcDay, utcDay } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';
import { measured } from '../../support/measured.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { accountOf, occurrences } from '../../support/tally.ts';

const START = NOON - 2 * DAY;
const UP = START + DAY;
const start = (...instants: number[]) => occurrences('Checkout Started', instants);
const complete = (...instants: number[]) => occurrences('Checkout Completed', instants);

function abandoned(
  people: Parameters<typeof accountOf>[0],
  now: number,
  window: Window = { days: 90 },
): Measure {
  return measured(accountOf(people), 'checkout_abandoned', window, now);
}

describe('checkout_abandoned: started and not completed in 24 hours (S2-84)', () => {
  it('is what the shipped catalogue derives', () => {
    expect(shippedSignals().signals.get('checkout_abandoned')).toMatchObject({
      source: {
        kind: 'abandoned',
        started: { id: 'checkout_started' },
        completed: { id: 'checkout_completed' },
        after: DAY,
      },
      buying: true,
    });
  });

  it.each([
    ['a millisecond before the time is up: not yet', UP - 1, 0, UP],
    ['when it is up', UP, 1, startOfUtcDay(utcDay(UP) + 90)],
  ])('%s', (_, now, count, nextChange) => {
    expect(abandoned({ 'u:1': start(START) }, now)).toMatchObject({ count, nextChange });
  });

  it.each([
    ['at once', START, 0],
    ['in the last millisecond', UP - 1, 0],
    ['when the time is up: too late', UP, 1],
    ['before it was started', START - 1, 1],
  ])('completed %s', (_, completed, count) => {
    expect(abandoned({ 'u:1': [...start(START), ...complete(completed)] }, NOON).count).toBe(count);
  });

  it('a completion in time leaves nothing to wait for', () => {
    expect(abandoned({ 'u:1': [...start(START), ...complete(START + 1)] }, START + 2).nextChange).toBeNull();
  });

  it('a completion that is still to come will have come in time: nothing to wake up for (I5)', () => {
    const people = { 'u:1': [...start(START), ...complete(START + HOUR)] };
    expect(abandoned(people, START + 1).nextChange).toBeNull();
    expect(abandoned(people, UP).count).toBe(0);
  });

  it("a colleague's completion counts", () => {
    expect(abandoned({ 'u:1': start(START), 'u:2': complete(START + HOUR) }, NOON).count).toBe(0);
  });

  it('is dated when the time was up, by the person who had started', () => {
    const tally = abandoned(
      { 'u:2': start(START, START - DAY), 'u:1': start(START), 'u:3': complete(1) },
      NOON,
    );
    expect(tally).toEqual({
      amount: 1,
      count: 3,
      users: ['u:1', 'u:2'],
      members: [],
      distinct: 0,
      days: [utcDay(UP) - 1, utcDay(UP)],
      first: UP - DAY,
      last: UP,
      nextChange: startOfUtcDay(utcDay(UP) - 1 + 90),
    });
  });

  it.each([
    [UP + 5 * HOUR - 1, 1, UP + 5 * HOUR],
    [UP + 5 * HOUR, 0, null],
  ])('leaves a window of hours exactly: at %d there are %d', (now, count, nextChange) => {
    expect(abandoned({ 'u:1': start(START) }, now, { hours: 5 })).toMatchObject({ count, nextChange });
  });
});
