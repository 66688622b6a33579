import { describe, expect, it } from 'vitest';
import { people } from '../../../../src/accounts/views.ts';
import { chooseText, type TextRule } from '../../../../src/decide/texts/choose.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { evaluate } from '../../../../src/score/evaluate.ts';
import { DAY, HOUR } from '../../../../src/shared/time.ts';
import { event, group, NOON } from '../../../support/event.ts';
import { shippedMappings } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

const { champion, handoff, signals } = shippedMappings();

/** Everything that a test may be set off by, an hour ago, by one person; a limit last of all. */
const ALL = [
  'Signed In',
  'Workflow Configured',
  'API Integration Created',
  'Integration Connected',
  'Aha Moment Reached',
  'Invite Sent',
  'Invite Accepted',
  'Pricing Page Viewed',
  'Plans Compared',
  'Limit Approached',
  'Limit Reached',
  'Premium Feature Attempted',
  'Checkout Started',
  'Demo Requested',
  'Contact Sales Clicked',
  'Sales Question Asked',
  'Limit Breach Attempted',
].map((name, i) =>
  event({
    userId: 'ann',
    name,
    at: NOON - HOUR + i * 1000,
    properties: {
      invitee_email: 'b@x.example',
      integration: 'slack',
      limit: 'seats',
      feature: 'SSO',
      in_app: true,
    },
  }),
);

function chosen(
  triggers: readonly string[],
  {
    route = 'SDR',
    tier = 'mql',
    events = ALL as readonly ProductEvent[],
    rules = handoff.texts.by,
    now = NOON,
  } = {},
) {
  const state = stateOf('acct-7', [group('acct-7', { name: 'Initech' }, { userId: 'ann' }), ...events]);
  const question = {
    triggers,
    isBuying: (signal: string) => signals.isBuying(signal),
    model: champion,
    evaluation: evaluate(champion, state, now),
    route,
    tier,
  };
  const sources = { signals: signals.signals, names: {}, state, people: people(state), now };
  const { template, evidence } = chooseText(rules, 'mql', question, sources);
  return [template, evidence?.signal ?? null];
}

describe('S2-127: the text is chosen by what set the crossing off', () => {
  it.each<[string, string[], string, string]>([
    ['a usage milestone', ['workflow_configured'], 'usage_milestone', 'workflow_configured'],
    ['a result', ['aha'], 'usage_milestone', 'aha'],
    ['teammates', ['seats_invited'], 'teammates', 'seats_invited'],
    ['a limit', ['limit_breach_attempt'], 'limit', 'limit_breach_attempt'],
    ['a limit that is near', ['limit_approached'], 'limit', 'limit_approached'],
    ['a paywall', ['premium_feature_attempted'], 'limit', 'premium_feature_attempted'],
    ['prices', ['pricing_viewed'], 'pricing', 'pricing_viewed'],
    ['the upgrade page', ['upgrade_page_viewed'], 'pricing', 'upgrade_page_viewed'],
    ['a checkout', ['checkout_started'], 'checkout_abandoned', 'checkout_started'],
    ['a demo', ['demo_requested'], 'hand_raiser', 'demo_requested'],
    ['sales', ['contact_sales'], 'hand_raiser', 'contact_sales'],
    ['a question', ['sales_question'], 'hand_raiser', 'sales_question'],
    [
      'a buying signal goes before another',
      ['seats_invited', 'limit_breach_attempt'],
      'limit',
      'limit_breach_attempt',
    ],
    [
      'whatever order they come in',
      ['limit_breach_attempt', 'seats_invited'],
      'limit',
      'limit_breach_attempt',
    ],
    [
      'of two buying signals the rule that stands first',
      ['limit_breach_attempt', 'demo_requested'],
      'hand_raiser',
      'demo_requested',
    ],
    [
      'of two of one rule the newest',
      ['premium_feature_attempted', 'limit_breach_attempt'],
      'limit',
      'limit_breach_attempt',
    ],
    ['one without a rule of its own', ['signed_in'], 'mql', 'signed_in'],
    ['one with a rule before one without', ['signed_in', 'seats_invited'], 'teammates', 'seats_invited'],
  ])('%s', (_title, triggers, template, signal) => {
    expect(chosen(triggers)).toEqual([template, signal]);
  });

  it('S4-83: a customer of the CSM gets the text for customers, about what set it off', () => {
    expect(chosen(['limit_breach_attempt'], { route: 'CSM' })).toEqual(['expansion', 'limit_breach_attempt']);
    expect(chosen([], { route: 'CSM', events: [] })).toEqual(['expansion', null]);
  });

  it('when nothing set it off by itself, by the newest behaviour that earned points', () => {
    expect(chosen([])).toEqual(['limit', 'limit_breach_attempt']);
    expect(chosen([], { events: ALL.slice(0, 3) })).toEqual(['usage_milestone', 'api_integration_created']);
  });

  it('nothing that anybody did: the template of the play', () => {
    expect(chosen([], { events: ALL.slice(0, 1) })).toEqual(['mql', null]);
  });

  it('what is older than 30 days is no reason to write', () => {
    expect(chosen(['limit_breach_attempt'], { now: NOON + 29 * DAY })).toEqual([
      'limit',
      'limit_breach_attempt',
    ]);
    expect(chosen(['limit_breach_attempt'], { now: NOON + 30 * DAY })).toEqual(['mql', null]);
  });

  it('a rule may ask for tiers and routes too, and all that it asks for must hold', () => {
    const rule: TextRule = { template: 'link', signals: 'buying', routes: ['sales_assist'], tiers: ['high'] };
    const rules = [rule, ...handoff.texts.by];
    const by = { rules, route: 'sales_assist', tier: 'high' };
    expect(chosen(['limit_breach_attempt'], by)[0]).toBe('link');
    expect(chosen(['seats_invited'], by)[0]).toBe('teammates');
    expect(chosen(['limit_breach_attempt'], { ...by, tier: 'mid' })[0]).toBe('limit');
    expect(chosen(['limit_breach_attempt'], { ...by, route: 'AE' })[0]).toBe('limit');
  });
});
