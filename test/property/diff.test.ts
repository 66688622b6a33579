import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differences } from '../../src/score/diff.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import { DAY } from '../../src/shared/time.ts';
import { NOON } from '../support/event.ts';
import { histories } from '../support/history.ts';
import { shippedRubric } from '../support/shipped.ts';
import { stateOf } from '../support/state.ts';

const model = shippedRubric();
const days = fc.integer({ min: -30, max: 120 });

it('I10: between any two scores of production the listed differences add up, with nothing left over', () => {
  fc.assert(
    fc.property(histories, histories, days, days, (before, after, from, to) => {
      const a = evaluate(model, stateOf('acct-7', before), NOON + from * DAY);
      const b = evaluate(model, stateOf('acct-7', [...before, ...after]), NOON + to * DAY);
      const { numbers, value } = differences(a, b);
      const sum = numbers.reduce((total, { delta }) => total.plus(delta), new Decimal(0));
      expect([sum.toNumber(), value.delta]).toEqual([
        value.delta,
        new Decimal(b.value).minus(a.value).toNumber(),
      ]);
      expect(numbers.filter(({ kind }) => kind === 'other')).toEqual([]);
    }),
  );
});
