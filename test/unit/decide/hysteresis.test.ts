import { describe, expect, it } from 'vitest';
import {
  initialStanding,
  mergeStandings,
  type Standing,
  type Step,
  step,
} from '../../../src/decide/standing.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { DAY } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';
import { modelOf } from '../../support/model.ts';
import { stateOf } from '../../support/state.ts';

const RULE =
  '{ id: size, trait: employees, points: { best_of: [{ at_least: 1, points: 1 point }, { at_least: 9, points: 9 points }] }, why: "{value}" }';

/** A tier from 9 points with what a test says about it, above one from 5, in an account of so many points. */
function walk(keys: string, ...stops: [points: number, days: number][]) {
  const model = modelOf({
    rules: [RULE],
    tiers: [
      '{ id: none, from: 0 }',
      '{ id: warm, from: 5 }',
      `{ id: hot, from: 9, acts: true, rearm: 1 day${keys} }`,
    ],
  });
  const empty = evaluate(model, stateOf('a', []), NOON);
  let standing: Standing = initialStanding('none', NOON);
  const steps: Step[] = [];
  for (const [value, days] of stops) {
    const tier = value >= 9 ? 'hot' : value >= 5 ? 'warm' : 'none';
    steps.push(step(model, standing, { ...empty, value, tier }, NOON + days * DAY, true));
    standing = steps.at(-1)?.standing ?? standing;
  }
  return steps.map((one) => ({ tier: one.standing.tier, acted: one.crossing !== null, cooled: one.cooled }));
}

const tiers = (steps: readonly { tier: string }[]) => steps.map(({ tier }) => tier).join(' ');

describe('hysteresis: a tier once held is kept down to keep_from', () => {
  it('holds between keep_from and from, both ends exact, and a return from there is no new entry', () => {
    const steps = walk(', keep_from: 7.5', [9, 0], [7.5, 2], [9, 4], [7.4, 6], [8, 8]);
    expect(tiers(steps)).toBe('hot hot hot warm warm');
    expect(steps.map(({ acted }) => acted)).toEqual([true, false, false, false, false]);
  });

  it('is no way in: keep_from points without having held the tier are not enough', () => {
    expect(tiers(walk(', keep_from: 7.5', [8, 0]))).toBe('warm');
  });
});

describe('cool-off: a fall takes effect when the account has been below for all of it', () => {
  it('holds the tier until the very instant, then falls, and says that it cooled', () => {
    const steps = walk(', cool_off: 3 days', [9, 0], [2, 1], [2, 4 - 1 / DAY], [2, 4]);
    expect(tiers(steps)).toBe('hot hot hot none');
    expect(steps.map(({ cooled }) => cooled)).toEqual([false, false, false, true]);
  });

  it('begins anew after a return', () => {
    expect(tiers(walk(', cool_off: 3 days', [9, 0], [2, 1], [9, 3], [2, 5], [2, 7], [2, 8]))).toBe(
      'hot hot hot hot hot none',
    );
  });

  it('I5: knows when it ends, and forgets it with the fall', () => {
    const model = modelOf({
      rules: [RULE],
      tiers: ['{ id: none, from: 0 }', '{ id: hot, from: 9, cool_off: 2 days }'],
    });
    const low = evaluate(model, stateOf('a', []), NOON);
    const held = { ...initialStanding('hot', NOON - DAY) };
    const cooling = step(model, held, low, NOON, true).standing;
    expect(cooling).toMatchObject({ tier: 'hot', wakeAt: '2026-03-04T12:00:00.000Z' });
    const fallen = step(model, cooling, low, NOON + 2 * DAY, true).standing;
    expect([fallen.tier, fallen.belowSince, fallen.wakeAt]).toEqual(['none', undefined, undefined]);
  });
});

describe('S4-106, S4-167: an account that stays crosses again when it has risen by enough since its last crossing', () => {
  const acted = (...stops: Parameters<typeof walk>[1][]) =>
    walk(', rise: 4', ...stops).map((one) => one.acted);

  it('not below the rise, at it once, and then from the new number on', () => {
    expect(acted([10, 0], [13.9, 2], [14, 3], [15, 5], [18, 7])).toEqual([true, false, true, false, true]);
  });

  it('not within the days of rearm: it wakes when they end', () => {
    expect(acted([10, 0], [20, 1 - 1 / DAY], [20, 1])).toEqual([true, false, true]);
  });

  it('a fall in between changes nothing, and an entry from below counts from its own number', () => {
    expect(acted([12, 0], [9, 2], [15, 3], [5, 4], [9, 6], [13, 8])).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('what a new model or a merge adds is no rise: the next is counted from there', () => {
    const model = modelOf({
      rules: [RULE],
      tiers: ['{ id: none, from: 0 }', '{ id: hot, from: 9, acts: true, rearm: 1 day, rise: 4 }'],
    });
    const at = (value: number, day: number, standing: Standing, act: boolean) =>
      step(
        model,
        standing,
        { ...evaluate(model, stateOf('a', []), NOON), value, tier: 'hot' },
        NOON + day * DAY,
        act,
      );
    const first = at(10, 0, initialStanding('none', NOON), true);
    const silent = at(20, 2, first.standing, false);
    const same = at(23, 3, silent.standing, true);
    expect([silent.crossing, same.crossing]).toEqual([null, null]);
    expect(at(24, 4, same.standing, true).crossing).toEqual({ tier: 'hot', n: 2 });
  });

  it('of two accounts that turn out to be one the later crossing counts', () => {
    const one = (value: number, at: string): Standing => ({
      ...initialStanding('none', NOON),
      crossings: { hot: 1 },
      crossedAt: { hot: at },
      crossedWith: { hot: value },
    });
    const merged = mergeStandings(
      one(30, '2026-03-01T00:00:00.000Z'),
      one(12, '2026-03-02T00:00:00.000Z'),
      () => 0,
    );
    expect(merged.crossedWith).toEqual({ hot: 12 });
  });

  it('never without `rise`', () => {
    expect(walk('', [9, 0], [99, 9]).map((one) => one.acted)).toEqual([true, false]);
  });
});
