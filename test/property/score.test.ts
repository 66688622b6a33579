import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../src/events/event.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { NOON } from '../support/event.ts';
import { histories } from '../support/history.ts';
import { shippedRubric } from '../support/shipped.ts';
import { stateOf } from '../support/state.ts';

const model = shippedRubric();
const TODAY = Math.floor(NOON / DAY);

describe('any history under the shipped rubric', () => {
  it('I4: the same bytes for the same state, whatever the order of its parts, and the state is left as it was', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const state = stateOf('acct-7', events);
        const before = JSON.stringify(state);
        const once = JSON.stringify(evaluate(model, state, NOON));
        const mirrored = { ...state, parts: [...state.parts].reverse() };
        expect(JSON.stringify(evaluate(model, mirrored, NOON))).toBe(once);
        expect(JSON.stringify(state)).toBe(before);
      }),
    );
  });

  it('I10: the listed points add up to the groups and to the number', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { explanation, groups, raw, value } = evaluate(model, stateOf('acct-7', events), NOON);
        const sumOf = (group: string) =>
          explanation.filter((line) => line.group === group).reduce((sum, line) => sum + line.points, 0);
        expect(groups).toEqual({ behavioral: sumOf('behavioral'), firmographic: sumOf('firmographic') });
        expect([sumOf('behavioral') + sumOf('firmographic'), value]).toEqual([raw, raw]);
        for (const { points, uncapped, cap } of explanation) {
          expect(points).toBe(Math.min(uncapped ?? points, cap ?? points));
        }
      }),
    );
  });

  it('S0-1 … S0-15: points and tier are those of a slow reading of the events themselves', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { explanation, tier } = evaluate(model, stateOf('acct-7', events), NOON);
        const points = Object.fromEntries(explanation.map((line) => [line.rule, line.points]));
        expect({ ...points, tier }).toEqual(slowly(events));
      }),
      { numRuns: 500 },
    );
  });
});

/** The rubric in the words of the tracking plan, from the events, without folds, windows or models. */
function slowly(events: readonly ProductEvent[]) {
  const inTime = [...events].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const tracked = inTime.filter((one) => one.kind === 'track');
  const since = (days: number) => tracked.filter((one) => Math.floor(one.at / DAY) > TODAY - days);
  const did = (name: string) => since(90).filter((one) => one.name === name);
  const invited = new Set(did('Invite Sent').map((one) => one.properties.invitee_email));
  const lastSet = (name: string, from: (one: ProductEvent) => ProductEvent['accountTraits']) =>
    inTime.flatMap(from).findLast((change) => change.name === name)?.value ?? null;
  const account = (name: string) => lastSet(name, (one) => one.accountTraits);
  const active = new Set(since(30).map((one) => one.userId));
  const departments = [...active].map((user) =>
    lastSet('department', (one) => (one.userId === user ? one.personTraits : [])),
  );
  const known = departments.filter((name) => name !== null).map((name) => String(name).trim().toLowerCase());
  const tools = account('tech_stack');
  const points = {
    seats_invited: Math.min(20, 5 * invited.size),
    api_integration: did('API Integration Created').length > 0 ? 15 : 0,
    workflow: did('Workflow Configured').length > 0 ? 20 : 0,
    cross_functional: new Set(known).size >= 2 ? 10 : 0,
    limit_breach: did('Limit Breach Attempted').length > 0 ? 25 : 0,
    company_size: [101, 500, '240', '101-500'].includes(account('employees') as string | number) ? 15 : 0,
    industry: ['Software', 'healthcare '].includes(account('industry') as string) ? 10 : 0,
    tech_stack: Array.isArray(tools)
      ? Math.min(25, 5 * new Set(tools.map((tool) => String(tool).trim().toLowerCase())).size)
      : 0,
  };
  const { company_size, industry, tech_stack, ...behaviour } = points;
  const fit = company_size + industry + tech_stack;
  const use = Object.values(behaviour).reduce((sum, one) => sum + one, 0);
  const depth = tracked.some(
    (one) =>
      ['Key Feature Used', 'Workflow Configured', 'API Integration Created'].includes(one.name ?? '') &&
      NOON - one.at < 168 * HOUR,
  );
  const total = fit + use;
  const steps = total >= 60 ? 'stage_2' : total >= 30 ? 'stage_1' : 'none';
  return { ...points, tier: total >= 85 && depth && fit >= 1 && use >= 1 ? 'mql' : steps };
}
