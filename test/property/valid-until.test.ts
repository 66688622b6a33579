import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountState } from '../../src/accounts/state.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import type { Model } from '../../src/score/model.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { event, group, NOON } from '../support/event.ts';
import { aheadHistories, histories } from '../support/history.ts';
import { modelOf, numbers } from '../support/model.ts';
import { shippedRubric } from '../support/shipped.ts';
import { stateOf } from '../support/state.ts';

const rubric = shippedRubric();

const windows = fc.constantFrom('1 day', '7 days', '90 days', '1 hour', '36 hours', '168 hours', 'lifetime');

const COUNTED = [
  ['limit_breach_attempt', 'each'],
  ['seats_invited', 'distinct value'],
  ['workflow_configured', 'once'],
  ['checkout_abandoned', 'once'],
  ['api_calls', 'sum'],
] as const;

/** A rule about any of the signals, with points that are hard to add in binary. */
const anyRule = fc
  .record({ signal: fc.constantFrom(...COUNTED), window: windows, cents: fc.integer({ min: 1, max: 999 }) })
  .map(({ signal: [signal, count], window, cents }) => {
    const fine = count === 'sum' && window.includes('hour') ? '2 days' : window;
    return `signal: ${signal}, window: ${fine}, points: ${cents / 100} points once, why: "{count}, {last}"`;
  });

const anyPeople = fc
  .record({ window: windows, least: fc.integer({ min: 2, max: 3 }) })
  .map(
    ({ window, least }) =>
      `people: { distinct: department, active_within: ${window}, at_least: ${least} }, points: 1 point once, why: "{value}"`,
  );

const anyGate = fc
  .record({
    signals: fc.subarray(
      COUNTED.map(([signal]) => signal),
      { minLength: 1 },
    ),
    window: windows,
  })
  .map(({ signals, window }) => `{ id: g, any_of: [${signals.join(', ')}], within: ${window}, why: g }`);

const models = fc
  .record({
    rules: fc.array(fc.oneof({ weight: 4, arbitrary: anyRule }, anyPeople), { minLength: 1, maxLength: 5 }),
    gate: anyGate,
  })
  .map(
    ({ rules, gate }): Model =>
      modelOf({
        rules: rules.map((rule, i) => `{ id: r${i}, ${rule} }`),
        gates: [gate],
        tiers: ['{ id: none, from: 0 }', '{ id: some, from: 0.01, requires: [g] }'],
      }),
  );

/** From `start` on: every instant at which the score is due again, until it holds for ever. */
function steps(model: Model, state: AccountState, start: number): number[] {
  const instants = [start];
  for (let at: number | undefined = start; at !== undefined && instants.length < 500; at = instants.at(-1)) {
    const { validUntil } = evaluate(model, state, at);
    if (validUntil === null) {
      return instants;
    }
    instants.push(Date.parse(validUntil));
  }
  throw new Error('validUntil never came to an end');
}

describe('I5: a score knows until when it holds', () => {
  it('no number, tier or gate changes on [now, validUntil), to the millisecond: any model, any state', () => {
    fc.assert(
      fc.property(
        models,
        aheadHistories,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (model, events, share) => {
          const state = stateOf('acct-7', events);
          const instants = steps(model, state, NOON);
          instants.forEach((from, i) => {
            const until = instants[i + 1] ?? from + 500 * DAY;
            expect(until).toBeGreaterThan(from);
            const now = numbers(evaluate(model, state, from));
            for (const at of [from + Math.floor((until - 1 - from) * share), until - 1]) {
              expect(numbers(evaluate(model, state, at))).toBe(now);
            }
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('under the rubric a number, tier or gate really changes at every validUntil: nobody is woken for nothing', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const state = stateOf('acct-7', events);
        const seen = steps(rubric, state, NOON).map((at) => numbers(evaluate(rubric, state, at)));
        seen.slice(1).forEach((later, i) => {
          expect(later).not.toBe(seen[i]);
        });
      }),
    );
  });

  it('in the end only what the company is still gives points', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const state = stateOf('acct-7', events);
        const last = steps(rubric, state, NOON).at(-1) ?? NOON;
        const { groups, gates } = evaluate(rubric, state, last);
        expect([groups.behavioral, gates[0]?.passed]).toEqual([0, false]);
      }),
    );
  });
});

describe('I5: an MQL that goes quiet', () => {
  const state = stateOf('acct-7', [
    group('acct-7', { employees: 240, industry: 'Software' }),
    ...['Workflow Configured', 'API Integration Created', 'Limit Breach Attempted'].map((name) =>
      event({ name }),
    ),
  ]);

  it('falls to stage 2 at its 168th hour and to none when its 90 days are over', () => {
    const tiers = steps(rubric, state, NOON).map((at) => {
      const { tier, value } = evaluate(rubric, state, at);
      return [(at - NOON) / HOUR, tier, value];
    });
    expect(tiers).toEqual([
      [0, 'mql', 85],
      [168, 'stage_2', 85],
      [90 * 24 - 12, 'none', 25],
    ]);
  });
});
