import { describe, expect, it } from 'vitest';
import { initialStanding, type Standing, type Step, step } from '../../../src/decide/standing.ts';
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
