import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/score/evaluate.ts';
import { HOUR } from '../../src/shared/time.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { numbers } from '../support/model.ts';
import { shippedModel } from '../support/shipped.ts';
import { stateOf } from '../support/state.ts';

const NAMES = [
  ...['Signed Up', 'Signed In', 'Onboarding Completed', 'Onboarding Step Completed', 'Invite Sent'],
  ...['Integration Connected', 'Workflow Configured', 'Key Feature Used', 'Secondary Feature Used'],
  ...['Core Action Completed', 'Aha Moment Reached', 'API Calls Made', 'Report Shared'],
  ...['Shared Workspace Created', 'Limit Reached', 'Limit Breach Attempted', 'Premium Feature Attempted'],
  ...['Pricing Page Viewed', 'Checkout Started', 'Checkout Completed', 'Demo Requested'],
  ...['Contact Sales Clicked', 'API Integration Created'],
];
const ACTIONS = [
  'email_sent',
  'sequence_created',
  'deployed',
  'ci_connected',
  'deal_created',
  'campaign_sent',
];

const anyEvent = fc
  .record({
    name: fc.constantFrom(...NAMES, ...NAMES, 'group', 'identify'),
    userId: fc.constantFrom('u-1', 'u-2', 'u-3', 'u-4'),
    hours: fc.oneof(fc.integer({ min: -110 * 24, max: 0 }), fc.integer({ min: -9 * 24, max: 0 })),
    letter: fc.constantFrom('a', 'b', 'c', 'd'),
    action: fc.constantFrom(...ACTIONS),
    in_app: fc.boolean(),
    employees: fc.constantFrom<(number | string)[]>(5, 11, 200, 240, '101-500', 1001),
    industry: fc.constantFrom('Software', 'Paper', null),
    domain_kind: fc.constantFrom('work', 'free', 'competitor', null),
    customer: fc.constantFrom(true, false, null),
  })
  .map(({ name, userId, hours, letter, ...given }) => {
    const base = { userId, at: NOON + hours * HOUR, accountId: 'acct-7' };
    const { employees, industry, domain_kind, customer, ...said } = given;
    if (name === 'group') {
      return group('acct-7', { employees, industry, domain_kind, customer }, base);
    }
    const properties = { ...said, feature: letter, step: letter, integration: letter, count: 60 };
    return name === 'identify'
      ? identify({ email: `${letter}@x.example` }, base)
      : event({ ...base, name, properties: { ...properties, invitee_email: `${letter}@x.example` } });
  });

const histories = fc.array(anyEvent, { minLength: 1, maxLength: 40 });

const PRESETS = ['three-signal', 'threshold', 'points', 'milestones', 'composite', 'activation-gated'];

describe('any history under the shipped models', () => {
  it.each([...PRESETS, 'activation-developer', 'activation-analytics'])(
    'I5, I10: %s adds up, and holds until it says',
    (name) => {
      const model = shippedModel(name);
      fc.assert(
        fc.property(histories, (events) => {
          const state = stateOf('acct-7', events);
          const now = evaluate(model, state, NOON);
          expect(now.explanation.reduce((sum, { points }) => sum + points, 0)).toBe(now.raw);
          const steps = now.modifiers.map(({ from, to }) => [from, to]);
          expect(steps.map(([from]) => from)).toEqual(
            [now.raw, ...steps.map(([, to]) => to)].slice(0, steps.length),
          );
          expect(steps.at(-1)?.[1] ?? now.raw).toBe(now.value);
          if (now.validUntil !== null) {
            const before = Date.parse(now.validUntil) - 1;
            expect(before).toBeGreaterThanOrEqual(NOON);
            expect(numbers(evaluate(model, state, before))).toBe(numbers(now));
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});
