import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byWeight, differences, isSame } from '../../../src/score/diff.ts';
import { differenceWords, mainReason } from '../../../src/score/diff-words.ts';
import type { Evaluation, ModifierLine, RuleLine } from '../../../src/score/evaluation.ts';

interface Parts {
  points?: Record<string, number>;
  modifiers?: ModifierLine[];
  gates?: Record<string, boolean>;
  over?: Partial<Evaluation>;
}

/** A sound score: its value is the sum of its lines and of what its modifiers did. */
function scored({ points = {}, modifiers = [], gates = {}, over = {} }: Parts): Evaluation {
  const explanation = Object.entries(points).map(
    ([rule, given]): RuleLine => ({
      rule,
      group: 'use',
      points: given,
      why: `${rule} gave ${given}`,
      evidence: {},
    }),
  );
  const sum = explanation.reduce((total, line) => total.plus(line.points), new Decimal(0));
  const value = modifiers.reduce((total, { from, to }) => total.plus(to).minus(from), sum);
  return {
    ...{ model: 'tiny', version: 'v1', value: value.toNumber(), raw: sum.toNumber(), tier: 'none' },
    ...{ groups: {}, explanation, modifiers, validUntil: null },
    gates: Object.entries(gates).map(([id, passed]) => ({ id, passed, why: `${id} is ${passed}` })),
    ...over,
  };
}

describe('the differences of two scores', () => {
  it('a worked example: 5 teammates came, the workflow left its window, the depth gate failed', () => {
    const a = scored({ points: { seats: 0, workflow: 20, size: 15 }, gates: { depth: true } });
    const b = scored({
      points: { seats: 20, workflow: 0, size: 15 },
      gates: { depth: false },
      over: { tier: 'stage_1' },
    });
    expect(differenceWords(differences(a, b))).toEqual([
      'the score stayed 35',
      'the tier changed: none to stage_1',
      '+20  seats: 0 to 20 (seats gave 0 -> seats gave 20)',
      '-20  workflow: 20 to 0 (workflow gave 20 -> workflow gave 0)',
      'gate depth: passed before, failed now (depth is false)',
    ]);
  });

  it('nothing changed is said as such, whatever the sentences say', () => {
    const a = scored({ points: { seats: 5 } });
    const [line] = a.explanation;
    const b = { ...a, explanation: line === undefined ? [] : [{ ...line, why: 'in other words' }] };
    expect(isSame(differences(a, b))).toBe(true);
    expect(differenceWords(differences(a, b))).toEqual(['nothing changed']);
  });

  it('fractions stay exact: 0.1 to 0.3 is 0.2, not 0.19999999999999998', () => {
    const found = differences(scored({ points: { seats: 0.1 } }), scored({ points: { seats: 0.3 } }));
    expect([found.value.delta, found.numbers[0]?.delta]).toEqual([0.2, 0.2]);
  });

  it('another version is named, with rules that only one of the two has', () => {
    const a = scored({ points: { old: 10, both: 5 } });
    const b = scored({ points: { both: 5, fresh: 27.5 }, over: { version: 'v2' } });
    expect(differenceWords(differences(a, b))).toEqual([
      'the model changed: version v1 to v2',
      'the score rose from 15 to 32.5 (+17.5)',
      '+27.5  fresh: 0 to 27.5 (not in the model -> fresh gave 27.5)',
      '-10  old: 10 to 0 (old gave 10 -> not in the model)',
    ]);
  });

  it('a modifier counts with what it did, not with the totals it was applied to', () => {
    const decay = (from: number, to: number) => [{ id: 'decay', why: 'two weeks of silence', from, to }];
    const a = scored({ points: { seats: 20 }, modifiers: decay(20, 20) });
    const b = scored({ points: { seats: 20 }, modifiers: decay(20, 12) });
    expect(differences(a, b).numbers).toMatchObject([
      { kind: 'modifier', id: 'decay', from: 0, to: -8, delta: -8 },
    ]);
  });

  it('what no line explains is a change of its own, so that the sum is never wrong', () => {
    const found = differences(scored({ points: { a: 1 } }), scored({ points: { a: 1 }, over: { value: 2 } }));
    expect(found.numbers).toMatchObject([{ kind: 'other', delta: 1 }]);
  });

  it('the main reason names what weighs most, then the gates', () => {
    const a = scored({ points: { a: 1, b: 2, c: 3 }, gates: { depth: false } });
    const b = scored({ points: { a: 2, b: 12, c: 0 }, gates: { depth: true } });
    expect(mainReason(differences(a, b))).toBe('b 2 -> 12; c 3 -> 0; 1 more; gate depth passed');
  });
});

const amount = fc
  .integer({ min: -1_000_000_000, max: 1_000_000_000 })
  .map((n) => new Decimal(n).div(1e6).toNumber());
const score = fc
  .record({
    points: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), amount),
    steps: fc.array(fc.record({ id: fc.constantFrom('decay', 'recency', 'cap'), to: amount }), {
      maxLength: 4,
    }),
  })
  .map(({ points, steps }) => {
    let from = Object.values(points)
      .reduce((sum, one) => sum.plus(one), new Decimal(0))
      .toNumber();
    const modifiers = steps.map(({ id, to }) => {
      const line = { id, why: id, from, to };
      from = to;
      return line;
    });
    return scored({ points, modifiers });
  });

describe('I10: the listed differences', () => {
  it('add up to the difference of the numbers, exactly, for any two scores', () => {
    fc.assert(
      fc.property(score, score, (a, b) => {
        const found = differences(a, b);
        const sum = found.numbers.reduce((total, { delta }) => total.plus(delta), new Decimal(0));
        expect(sum.toNumber()).toBe(new Decimal(b.value).minus(a.value).toNumber());
        expect(found.numbers.some(({ kind }) => kind === 'other')).toBe(false);
      }),
    );
  });

  it('are the same backwards, with the other sign', () => {
    fc.assert(
      fc.property(score, score, (a, b) => {
        const there = byWeight(differences(a, b).numbers).map(({ id, delta }) => [id, delta]);
        const back = byWeight(differences(b, a).numbers).map(({ id, delta }) => [id, 0 - delta]);
        expect(there.sort()).toEqual(back.sort());
      }),
    );
  });
});
