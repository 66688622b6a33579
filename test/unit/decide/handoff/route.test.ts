import { describe, expect, it } from 'vitest';
import { type RouteQuestion, routeOf } from '../../../../src/decide/handoff/route.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { sceneOf } from '../../../../src/score/evaluate.ts';
import { DAY, HOUR } from '../../../../src/shared/time.ts';
import { event, group, NOON } from '../../../support/event.ts';
import { shippedMappings } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

const { champion, handoff } = shippedMappings();

interface Account {
  traits?: Parameters<typeof group>[1];
  events?: ProductEvent[];
}

/** What the shipped routes make of an account. */
function routed(over: Partial<RouteQuestion>, { traits = {}, events = [] }: Account = {}) {
  const state = stateOf('acct-7', [group('acct-7', traits, { userId: 'u' }), ...events]);
  return routeOf(handoff.routes, {
    tier: 'hot',
    score: 60,
    flags: [],
    segment: null,
    triggers: [],
    isBuying: () => false,
    scene: sceneOf(champion, state, NOON),
    ...over,
  });
}

const did = (name: string, daysAgo: number, userId = 'u') =>
  event({ userId, name, at: NOON - daysAgo * DAY - HOUR, accountId: 'acct-7' });
const team = ['a', 'b', 'c'].map((userId) => did('Signed In', 1, userId));
const customer = { is_customer: true };

describe('the shipped routes, by the documents', () => {
  it.each<[string, Partial<RouteQuestion>, Account, string]>([
    ['S0-18: an MQL goes to the SDR queue', { tier: 'mql' }, {}, 'mql_queue -> SDR'],
    [
      'S0-18: also a large one',
      { tier: 'mql' },
      { traits: { employees: 5000 }, events: team },
      'mql_queue -> SDR',
    ],
    [
      'S1-42, S1-54: 70 and more, ICP, above $10K',
      { tier: 'high' },
      { traits: { acv_potential: 12_000 } },
      'high_score -> AE',
    ],
    [
      'X-17: the same with $10K',
      { tier: 'high' },
      { traits: { acv_potential: 10_000 } },
      'small_contract -> sales_assist',
    ],
    ['X-17: when nobody knows the contract', { tier: 'high' }, {}, 'high_score -> AE'],
    [
      'S4-108: burning with a low-value plan',
      { tier: 'burning' },
      { traits: { acv_potential: 900 } },
      'small_contract -> sales_assist',
    ],
    ['S1-51, X-15: the middle band with ICP', { tier: 'mid' }, {}, 'mid_band -> sales_assist'],
    [
      'X-15: the middle band outside it: no human',
      { tier: 'mid', flags: ['self_serve_only'] },
      {},
      'outside_icp -> self_serve',
    ],
    [
      'S1-46, S1-48: 90 points in an unserved segment',
      { tier: 'high', score: 90, flags: ['self_serve_only'] },
      {},
      'outside_icp -> self_serve',
    ],
    [
      'X-38: 76 and more without ICP is not for sales',
      { tier: 'burning', flags: ['outside_icp'] },
      {},
      'outside_icp -> self_serve',
    ],
    ['S4-71, S4-86: burning', { tier: 'burning' }, {}, 'high_score -> AE'],
    ['S4-70, S4-86: hot', { tier: 'hot' }, {}, 'everybody_else -> SDR'],
    [
      'S3-25, S4-81: hot with a mid-market contract',
      { tier: 'hot' },
      { traits: { acv_potential: 40_000 } },
      'large_contract -> AE',
    ],
    [
      'S4-81: hot with a small one',
      { tier: 'hot' },
      { traits: { acv_potential: 6000 } },
      'everybody_else -> SDR',
    ],
    [
      'S3-26: an enterprise with a team',
      { tier: 'pql' },
      { traits: { employees: 1000 }, events: team },
      'enterprise_team -> senior_AE',
    ],
    [
      'S3-26: an enterprise with two people',
      { tier: 'pql' },
      { traits: { employees: 1000 }, events: team.slice(0, 2) },
      'everybody_else -> SDR',
    ],
    [
      'S4-83, S4-148, S4-152: a customer at the limit',
      {},
      { traits: customer, events: [did('Limit Reached', 3)] },
      'growing_customer -> CSM',
    ],
    [
      'S4-83: a customer with a new team',
      {},
      { traits: customer, events: [did('Shared Workspace Created', 29)] },
      'growing_customer -> CSM',
    ],
    [
      'X-38: a customer without a sign of growth',
      { tier: 'burning' },
      { traits: customer },
      'customer -> nobody',
    ],
    [
      'X-38: a sign of growth from long ago is none',
      {},
      { traits: customer, events: [did('Limit Reached', 40)] },
      'customer -> nobody',
    ],
    [
      'X-38: a customer outside the ICP is still the CSM’s',
      { flags: ['outside_icp'] },
      { traits: customer, events: [did('Limit Reached', 3)] },
      'growing_customer -> CSM',
    ],
    [
      'S4-85, S4-161: no budget',
      { tier: 'burning' },
      { traits: { sales_blocker: 'no_budget' } },
      'no_budget -> product_feedback',
    ],
    [
      'S4-85: the wrong vertical',
      { tier: 'mql' },
      { traits: { sales_blocker: 'wrong_vertical' } },
      'wrong_vertical -> product_feedback',
    ],
    [
      'S4-85: a technical blocker',
      {},
      { traits: { sales_blocker: 'technical_blocker' } },
      'technical_blocker -> product_feedback',
    ],
  ])('%s', (_title, over, account, expected) => {
    const { rule, to } = routed(over, account);
    expect(`${rule} -> ${to}`).toBe(expected);
  });

  it('says what decided, and which reason can be counted', () => {
    const way = routed({ tier: 'high', score: 80 }, { traits: { acv_potential: 900 } });
    expect(way).toMatchObject({ to: 'sales_assist', task: true, campaign: true, code: null });
    expect(way.why).toContain('a high score and a contract of $10K or less (');
    expect(way.why).toContain('900');
  });
});
