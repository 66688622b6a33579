import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountState } from '../../src/accounts/state.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import type { Evaluation } from '../../src/score/evaluation.ts';
import { lastingEvaluation } from '../../src/score/lasting.ts';
import type { Model } from '../../src/score/model.ts';
import { DAY } from '../../src/shared/time.ts';
import { NOON } from '../support/event.ts';
import { numbers } from '../support/model.ts';
import { modelHistories } from '../support/model-histories.ts';
import { models, plainModels } from '../support/models.ts';
import { numbersOf, readable, readFiles, slowly, stateFrom } from '../support/models-read.ts';

const shares = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

/** The score at `start` and at each validUntil after it, at most so many; with the instant at which each was made. */
function course(
  model: Model,
  state: AccountState,
  start: number,
  most: number,
): { at: number; score: Evaluation }[] {
  const found = [{ at: start, score: evaluate(model, state, start) }];
  for (let last = found[0]; last?.score.validUntil && found.length <= most; last = found.at(-1)) {
    const at = Date.parse(last.score.validUntil);
    found.push({ at, score: evaluate(model, state, at) });
  }
  return found;
}

/** Adds up exactly what is shown: whole millionths. */
function millionths(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + Math.round(number * 1e6), 0);
}

describe('any model over any history', () => {
  it('scores as a slow evaluator does that was written from the published descriptions', () => {
    fc.assert(
      fc.property(models, modelHistories, (files, events) => {
        const slow = slowly(files, events, NOON);
        expect(numbersOf(evaluate(readFiles(files), stateFrom(events), NOON), slow)).toEqual(slow);
      }),
      { numRuns: 350 },
    );
  });

  it('I10: the lines add up to raw, and each step leads from where the last one ended to the value', () => {
    fc.assert(
      fc.property(models, modelHistories, (files, events) => {
        const { raw, value, explanation, modifiers } = evaluate(readFiles(files), stateFrom(events), NOON);
        expect(millionths(explanation.map(({ points }) => points))).toBe(millionths([raw]));
        expect(modifiers.map(({ from }) => from)).toEqual(
          [raw, ...modifiers.map(({ to }) => to)].slice(0, modifiers.length),
        );
        expect(modifiers.at(-1)?.to ?? raw).toBe(value);
      }),
      { numRuns: 150 },
    );
  });

  it('I4: is the same bytes whatever the order of people and of events, and leaves the state as it was', () => {
    fc.assert(
      fc.property(models, modelHistories, (files, events) => {
        const model = readFiles(files);
        const state = stateFrom(events);
        const before = JSON.stringify(state);
        const once = JSON.stringify(evaluate(model, state, NOON));
        const mirrored = { ...state, parts: [...state.parts].reverse() };
        expect(JSON.stringify(evaluate(model, mirrored, NOON))).toBe(once);
        expect(JSON.stringify(evaluate(model, stateFrom([...events].reverse()), NOON))).toBe(once);
        expect(JSON.stringify(state)).toBe(before);
      }),
      { numRuns: 120 },
    );
  });

  it('I5: has the same numbers, tier and gates until a millisecond before validUntil, and the slow evaluator agrees all the way', () => {
    fc.assert(
      fc.property(models, modelHistories, shares, (files, events, share) => {
        const model = readFiles(files);
        const state = stateFrom(events);
        const steps = course(model, state, NOON, 8);
        steps.forEach(({ at, score }, i) => {
          const until =
            steps[i + 1]?.at ?? (score.validUntil === null ? at + 500 * DAY : Date.parse(score.validUntil));
          expect(until).toBeGreaterThan(at);
          const between = at + Math.floor((until - at) * share);
          for (const instant of [between, until - 1]) {
            expect(numbers(evaluate(model, state, instant))).toBe(numbers(score));
          }
          const slow = slowly(files, events, i % 2 === 0 ? between : at);
          expect(numbersOf(score, slow)).toEqual(slow);
        });
      }),
      { numRuns: 80 },
    );
  });

  it('I5: what is kept holds until exactly then: at that instant a number, the tier or a gate differs, and a millisecond before none', () => {
    fc.assert(
      fc.property(models, modelHistories, (files, events) => {
        const model = readFiles(files);
        const state = stateFrom(events);
        const kept = lastingEvaluation(model, state, NOON);
        if (kept.validUntil === null) {
          expect(numbers(evaluate(model, state, NOON + 500 * DAY))).toBe(numbers(kept));
          return;
        }
        const until = Date.parse(kept.validUntil);
        expect(numbers(evaluate(model, state, until - 1))).toBe(numbers(kept));
        expect(numbers(evaluate(model, state, until))).not.toBe(numbers(kept));
      }),
      { numRuns: 150 },
    );
  });

  it('I5: of thirty wake-ups less than one changes no number, tier or gate', () => {
    // What a cap or a gate hides can change behind it: the account is then woken for nothing.
    const cases = fc.sample(fc.tuple(plainModels, modelHistories), { numRuns: 150, seed: 20260302 });
    const woken = cases.flatMap(([files, events]) => {
      const model = readable(files);
      const steps = model === null ? [] : course(model, stateFrom(events), NOON, 20);
      return steps.slice(1).map(({ score }, i) => numbers(score) !== numbers(steps[i]?.score ?? score));
    });
    expect(woken.length).toBeGreaterThan(500);
    expect(woken.filter((isNew) => !isNew).length * 30).toBeLessThan(woken.length);
  });
});
