import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import type { Evaluation } from '../../src/score/evaluation.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { shippedRubric } from '../support/shipped.ts';
import { stateOf } from '../support/state.ts';

const model = shippedRubric();

const anyEvent = fc
  .record({
    name: fc.constantFrom(
      'Invite Sent',
      'Key Feature Used',
      'Workflow Configured',
      'API Integration Created',
      'Limit Breach Attempted',
      'Signed In',
      '',
      'identify',
    ),
    user: fc.constantFrom('u-1', 'u-2', 'u-3'),
    hour: fc.integer({ min: -100 * 24, max: 0 }),
    minute: fc.integer({ min: 0, max: 3_599_999 }),
    member: fc.constantFrom('a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example'),
    department: fc.constantFrom('Sales', 'IT', 'Finance'),
    employees: fc.constantFrom(100, 240, '101-500'),
    industry: fc.constantFrom('Software', 'Paper'),
  })
  .map(({ name, user, hour, minute, member, department, employees, industry }): ProductEvent => {
    const base = { userId: user, at: NOON + hour * HOUR - minute, accountId: 'acct-7' };
    if (name === '') {
      return group('acct-7', { employees, industry, tech_stack: [member, department] }, base);
    }
    return name === 'identify'
      ? identify({ department }, base)
      : event({ ...base, name, properties: { invitee_email: member } });
  });

const histories = fc.array(anyEvent, { minLength: 1, maxLength: 25 });

/** Everything that is shown, but for the instant until which it holds. */
const shown = ({ validUntil: _, ...rest }: Evaluation) => JSON.stringify(rest);

describe('I4, I5, I10 for random histories', () => {
  it('I4: the same bytes for the same state, whatever the order of its parts', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const state = stateOf('acct-7', events);
        const mirrored = { ...state, parts: [...state.parts].reverse() };
        expect(JSON.stringify(evaluate(model, mirrored, NOON))).toBe(
          JSON.stringify(evaluate(model, state, NOON)),
        );
      }),
    );
  });

  it('I10: the listed points add up to the number', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const result = evaluate(model, stateOf('acct-7', events), NOON);
        expect(result.explanation.reduce((sum, line) => sum + line.points, 0)).toBe(result.raw);
        expect(result.value).toBe(result.raw);
      }),
    );
  });

  it('I5: everything shown is constant on [now, validUntil), to the millisecond', () => {
    fc.assert(
      fc.property(histories, fc.double({ min: 0, max: 1, noNaN: true }), (events, share) => {
        const state = stateOf('acct-7', events);
        const now = evaluate(model, state, NOON);
        const until = now.validUntil === null ? NOON + 500 * DAY : Date.parse(now.validUntil);
        expect(until).toBeGreaterThan(NOON);
        for (const at of [NOON + Math.floor((until - 1 - NOON) * share), until - 1]) {
          expect(shown(evaluate(model, state, at))).toBe(shown(now));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('I5: following validUntil ends in silence, and something really changes on the way', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const state = stateOf('acct-7', events);
        const seen: string[] = [];
        let at = NOON;
        for (let step = 0; step < 200; step++) {
          const result = evaluate(model, state, at);
          seen.push(shown(result));
          if (result.validUntil === null) {
            expect(result.groups.behavioral).toBe(0);
            expect(seen.length > 1 && seen.at(-1) === seen[0]).toBe(false);
            return;
          }
          at = Date.parse(result.validUntil);
        }
        expect.fail('validUntil never came to an end');
      }),
    );
  });

  it('a quiet MQL falls out by itself at its 168th hour', () => {
    const events = [
      group('acct-7', { employees: 240, industry: 'Software' }),
      ...['Workflow Configured', 'API Integration Created', 'Limit Breach Attempted'].map((name) =>
        event({ name }),
      ),
    ];
    const state = stateOf('acct-7', events);
    const result = evaluate(model, state, NOON);
    expect([result.tier, result.validUntil]).toEqual(['mql', new Date(NOON + 168 * HOUR).toISOString()]);
    expect(evaluate(model, state, NOON + 168 * HOUR).tier).toBe('stage_2');
  });
});
