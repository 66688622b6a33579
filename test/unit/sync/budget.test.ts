import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/shared/time.ts';
import {
  askEvery,
  burstLanes,
  ceiling,
  corrected,
  type Day,
  heldBack,
  lanesOfMass,
  leavesToUrgent,
  maySend,
  nextLanes,
  type Priority,
  SEARCH_LANES,
  untilPhase,
  viewOf,
} from '../../../src/sync/budget.ts';
import { NOON } from '../../support/event.ts';

const day = (used: number, max = 10_000): Day => ({ used, max, until: NOON + HOUR });

describe('how far the day goes for a priority', () => {
  it.each<[string, number, Priority, number]>([
    ['acts may use all that is not kept for others', 0.2, 'act', 8000],
    ['hot fields leave a twentieth of that to acts', 0.2, 'hot', 7600],
    ['the mass leaves a tenth to both', 0.2, 'mass', 7200],
    ['without a reserve acts may use the last call', 0, 'act', 10_000],
    ['without a reserve the mass still leaves a tenth', 0, 'mass', 9000],
  ])('%s', (_rule, reserve, priority, calls) => {
    expect(ceiling(10_000, reserve, priority)).toBe(calls);
  });

  it('is rounded in favour of those who go first', () => {
    expect([ceiling(7, 0.2, 'act'), ceiling(7, 0.2, 'hot'), ceiling(7, 0.2, 'mass')]).toEqual([5, 4, 4]);
  });
});

describe('who waits', () => {
  it.each<[string, Day | null, Priority[]]>([
    ['nobody while the CRM has told no limit', null, []],
    ['nobody while there are calls for everybody', day(7199), []],
    ['the mass first', day(7200), ['mass']],
    ['then hot fields', day(7600), ['mass', 'hot']],
    ['tasks and campaigns last, when only the reserve is left', day(8000), ['mass', 'hot', 'act']],
    ['everybody when others have used the reserve too', day(12_000), ['mass', 'hot', 'act']],
    ['everybody where the CRM allows no call at all', day(0, 0), ['mass', 'hot', 'act']],
  ])('%s', (_rule, known, held) => {
    expect(heldBack(known, 0.2, NOON)).toEqual(held);
  });

  it('nobody any more, at the instant when the count starts anew', () => {
    expect(maySend(day(10_000), 0, 'mass', NOON + HOUR - 1)).toBe(false);
    expect(maySend(day(10_000), 0, 'mass', NOON + HOUR)).toBe(true);
  });

  it('is asked about less than every five minutes nowhere, more than every minute nowhere, for half a percent of the calls', () => {
    expect([15_000, 100_000, 625_000].map(askEvery)).toEqual([5 * MINUTE, DAY / 500, MINUTE]);
  });
});

describe('what an answer says of the count', () => {
  it.each<[string, number, number, number | null]>([
    ['the same as ours: it stays', 120, 120, null],
    ['a little less: calls overtook each other', 110, 120, null],
    ['more: others call too', 130, 120, 130],
    ['much less: a new day, or hours that left the last 24', 3, 120, 3],
  ])('%s', (_rule, told, counted, set) => {
    expect(corrected(told, counted)).toBe(set);
  });
});

describe('the burst', () => {
  it.each([
    [190, 10 * SECOND, 16],
    [100, 10 * SECOND, 8],
    [4, 10 * SECOND, 1],
    [50, SECOND, 22],
  ])('%i calls in any %i ms are %i in each window of a second', (max, interval, points) => {
    expect(burstLanes(max, interval)).toEqual({ lanes: 1, points, seconds: 1 });
  });

  it('is kept in any ten seconds: they touch eleven windows, and a few calls are slow on the way', () => {
    expect(burstLanes(190, 10 * SECOND).points * 11 + 5).toBeLessThanOrEqual(190);
  });
});

describe('the lanes of searches', () => {
  it.each([
    [NOON, 0, 0],
    [NOON, 3, 750],
    [NOON + 600, 0, 400],
    [NOON + 600, 2, 900],
  ])('at %i lane %i begins in %i ms', (now, lane, ms) => {
    expect(untilPhase(now, lane, SEARCH_LANES)).toBe(ms);
  });

  it('are taken in the order in which they begin', () => {
    const all = [0, 1, 2, 3];
    const first = (ms: number) => nextLanes(NOON + ms, SEARCH_LANES, all)[0];
    expect([0, 1, 250, 600, 999].map(first)).toEqual([0, 1, 1, 3, 0]);
    expect(nextLanes(NOON + 600, SEARCH_LANES, all)).toEqual([3, 0, 1, 2]);
    expect(nextLanes(NOON + 600, SEARCH_LANES, lanesOfMass(SEARCH_LANES))).toEqual([0, 2]);
  });

  it('are left by the mass to urgent searches, every other one', () => {
    expect(lanesOfMass(SEARCH_LANES)).toEqual([0, 2]);
  });
});

describe('a window of calls', () => {
  it.each([
    ['the first half of it is anybody’s', 7, 900, 0],
    ['from the second half on the mass waits', 8, 900, 650],
    ['until it is nearly over', 8, 250, 0],
  ])('%s', (_rule, taken, leftMs, waits) => {
    expect(leavesToUrgent(burstLanes(190, 10 * SECOND), taken, leftMs, false)).toBe(waits);
  });

  it('only its first quarter is anybody’s while there is something urgent', () => {
    const waits = (taken: number) => leavesToUrgent(burstLanes(190, 10 * SECOND), taken, 900, true);
    expect([waits(3), waits(4)]).toEqual([0, 650]);
  });
});

describe('what a person sees', () => {
  const known = { ...day(7700), reserve: 0.2, toldAt: NOON - MINUTE, rolling: false };

  it('what is left, what of it is ours, what waits and until when', () => {
    expect(viewOf(known, NOON)).toEqual({
      dailyRemaining: 2300,
      dailyMax: 10_000,
      reserved: 2000,
      ours: 300,
      held: ['mass', 'hot'],
      waits: `fields of all other accounts, fields of accounts that they wait for wait until ${new Date(NOON + HOUR).toISOString()} at the latest, when the count starts anew: 2300 of 10000 calls left, 2000 of them kept for others`,
      toldAt: new Date(NOON - MINUTE).toISOString(),
    });
  });

  it('of Salesforce, which has no midnight: how often it is asked', () => {
    expect(viewOf({ ...known, rolling: true }, NOON).waits).toContain('it is asked every 5 minutes');
  });

  it('nothing, when nothing was told, or what was told is of a day that is over', () => {
    expect(viewOf(null, NOON)).toMatchObject({ dailyRemaining: null, ours: null, held: [], waits: null });
    expect(viewOf(known, NOON + HOUR)).toMatchObject({ dailyRemaining: null, held: [] });
  });
});
