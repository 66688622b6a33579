import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import type { Json } from '../../../src/shared/json.ts';
import { DAY } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { modelOf } from '../../support/model.ts';
import { stateOf } from '../../support/state.ts';

/** The i-th event, or events, of a history; an item's figure is reached with the n-th. */
type Made = (i: number) => ProductEvent;

const track = (name: string, properties: Record<string, Json> = {}): ProductEvent =>
  event({ accountId: 'acct-7', at: NOON - 2 * DAY, name, properties });
const by = (i: number, one: ProductEvent): ProductEvent => ({ ...one, userId: `u-${i}` });
const daysAgo = (days: number, one: ProductEvent): ProductEvent => ({
  ...one,
  at: NOON - days * DAY,
  receivedAt: NOON - days * DAY,
});
const once = (name: string, properties: Record<string, Json> = {}): Made => {
  return () => track(name, properties);
};

function holds(condition: string, events: readonly ProductEvent[]): boolean {
  const rule = `{ id: it, when: ${condition}, points: 1 point once, why: it }`;
  return evaluate(modelOf({ rules: [rule] }), stateOf('acct-7', events), NOON).value === 1;
}

const first = (n: number, made: Made) => Array.from({ length: n }, (_, i) => made(i));
const inMonth = (signal: string, more = '') => `{ signal: ${signal}, window: 30 days${more} }`;

/** Each item of the catalogue as one condition on a shipped signal: its figure, and the n-th of what reaches it. */
const items: [ids: string, condition: string, n: number, made: Made][] = [
  // Setting up
  ['S2-68 account setup done', inMonth('onboarding_completed'), 1, once('Onboarding Completed')],
  [
    'S2-69 an integration',
    inMonth('integrations_connected'),
    1,
    once('Integration Connected', { integration: 'Slack' }),
  ],
  ['S2-70 data imported', inMonth('data_imported'), 1, once('Data Imported', { rows: 10 })],
  [
    'S2-138 500 rows imported',
    inMonth('rows_imported', ', at_least: 500'),
    5,
    once('Data Imported', { rows: 100 }),
  ],
  [
    'S2-71 settings configured',
    inMonth('settings_configured'),
    1,
    once('Settings Configured', { setting: 'sso' }),
  ],
  // Using
  ['S1-20 the core capability', inMonth('key_feature_used'), 1, once('Key Feature Used', { feature: 'a' })],
  [
    'S2-73 the core feature again and again',
    inMonth('key_feature_used', ', count: each, at_least: 5'),
    5,
    once('Key Feature Used', { feature: 'a' }),
  ],
  [
    'S2-74 10 e-mails',
    inMonth('emails_sent', ', count: each, at_least: 10'),
    10,
    once('Core Action Completed', { action: 'email_sent' }),
  ],
  [
    'S2-74 5 reports',
    inMonth('reports_run', ', count: each, at_least: 5'),
    5,
    once('Core Action Completed', { action: 'report_created' }),
  ],
  ['S2-74 100 API calls', inMonth('api_calls', ', at_least: 100'), 4, once('API Calls Made', { count: 25 })],
  [
    'S2-75, S2-137 a session of ten minutes',
    inMonth('long_session'),
    1,
    once('Session Ended', { duration_seconds: 600 }),
  ],
  [
    'S4-35 3 key features',
    inMonth('key_features', ', at_least: 3'),
    3,
    (i) => track('Key Feature Used', { feature: `f${i}` }),
  ],
  ['S4-36 50 records', inMonth('records_created', ', count: each, at_least: 50'), 50, once('Record Created')],
  [
    'S4-36 50 actions',
    inMonth('core_actions', ', count: each, at_least: 50'),
    50,
    once('Core Action Completed', { action: 'query_run' }),
  ],
  // Coming back
  [
    'S2-118, S4-34 active on 14 days',
    inMonth('active_days', ', at_least: 14'),
    14,
    (i) => daysAgo(i, track('Signed In')),
  ],
  ['S4-37 returned 20 times', inMonth('signed_in', ', count: each, at_least: 20'), 20, once('Signed In')],
  [
    'S3-9 5 days in a row',
    inMonth('active_streak', ', at_least: 5'),
    5,
    (i) => daysAgo(i, track('Signed In')),
  ],
  // Growing
  [
    'S1-23, S1-90, S2-44, S4-27 2 active people',
    inMonth('user_breadth', ', at_least: 2'),
    2,
    (i) => by(i, track('Signed In')),
  ],
  [
    'S2-76 a teammate invited',
    inMonth('seats_invited'),
    1,
    once('Invite Sent', { invitee_email: 'b@x.example' }),
  ],
  [
    'S2-120 an invitation accepted',
    inMonth('invites_accepted'),
    1,
    once('Invite Accepted', { invitee_email: 'b@x.example' }),
  ],
  [
    'S4-26 5 teammates invited',
    inMonth('seats_invited', ', at_least: 5'),
    5,
    (i) => track('Invite Sent', { invitee_email: `p${i}@x.example` }),
  ],
  [
    'S4-25 3 people signed up',
    inMonth('signed_up', ', count: distinct users, at_least: 3'),
    3,
    (i) => by(i, track('Signed Up')),
  ],
  [
    'S4-28 2 roles in use',
    inMonth('roles_assigned', ', at_least: 2'),
    2,
    (i) => track('Account Added User', { role: i === 0 ? 'admin' : 'member' }),
  ],
  ['S2-78 a shared workspace', inMonth('shared_workspace'), 1, once('Shared Workspace Created')],
  ['S2-79, S2-139 shared outside', inMonth('shared_external'), 1, once('Report Shared', { external: true })],
  ['S2-139 shared inside', inMonth('shared_internal'), 1, once('Report Shared')],
  // Limits
  [
    'S4-17 a sixth seat',
    inMonth('limit_breach_attempt'),
    1,
    once('Limit Breach Attempted', { limit: 'seats' }),
  ],
  [
    'S4-18 10,000 API calls',
    inMonth('api_calls', ', at_least: 10000'),
    4,
    once('API Calls Made', { count: 2500 }),
  ],
  [
    'S4-18 coming close',
    inMonth('limit_approached'),
    1,
    once('Limit Approached', { limit: 'api_calls', used: 10_000, allowed: 20_000 }),
  ],
  [
    'S4-19 a fourth project',
    inMonth('limit_breach_attempt'),
    1,
    once('Limit Breach Attempted', { limit: 'projects' }),
  ],
  [
    'S4-20 storage and retention',
    inMonth('limits_touched', ', at_least: 2'),
    2,
    (i) => track('Limit Reached', { limit: i === 0 ? 'storage' : 'retention' }),
  ],
  ['S2-82 a usage limit', inMonth('limit_reached'), 1, once('Limit Reached', { limit: 'contacts' })],
  // Paid features
  [
    'S2-81, S4-21 a locked feature',
    inMonth('premium_feature_attempted'),
    1,
    once('Premium Feature Attempted', { feature: 'sso' }),
  ],
  ['S4-22 an upgrade prompt', inMonth('upgrade_prompt'), 1, once('Upgrade Prompt Hovered')],
  ['S4-23 trying it out', inMonth('premium_feature_previewed'), 1, once('Premium Feature Previewed')],
  [
    'S4-24 asking support about it',
    inMonth('support_premium'),
    1,
    once('Support Question Asked', { topic: 'SSO' }),
  ],
  // Buying
  [
    'S2-80 prices inside the product',
    inMonth('upgrade_page_viewed'),
    1,
    once('Pricing Page Viewed', { in_app: true }),
  ],
  [
    'S4-29 prices 3 times',
    inMonth('pricing_viewed', ', count: each, at_least: 3'),
    3,
    once('Pricing Page Viewed'),
  ],
  [
    'S2-84, S2-125, S4-30 a checkout left unfinished',
    inMonth('checkout_abandoned'),
    1,
    once('Checkout Started'),
  ],
  ['S4-31 a demo', inMonth('demo_requested'), 1, once('Demo Requested')],
  ['S2-140 a talk with sales', inMonth('hand_raised'), 1, once('Contact Sales Clicked')],
  ['S4-32 a question about prices', inMonth('sales_question'), 1, once('Sales Question Asked')],
  ['S4-33 plans compared', inMonth('plans_compared'), 1, once('Plans Compared')],
  // Who they are
  [
    'S4-39 more than 100 employees',
    '{ trait: employees, at_least: 101 }',
    1,
    () => group('acct-7', { employees: 101 }),
  ],
  [
    'S4-40 the vertical',
    '{ trait: industry, in: [Software] }',
    1,
    () => group('acct-7', { industry: 'software' }),
  ],
];

describe('S4-13, the catalogue of signals: each item is one condition on what is shipped', () => {
  it.each(items)('%s', (_ids, condition, n, made) => {
    expect(holds(condition, first(n, made))).toBe(true);
    expect(holds(condition, first(n - 1, made))).toBe(false);
  });

  it('S4-41, S4-157: two of them together are a rule of their own', () => {
    const both = `{ all: [${inMonth('limit_reached')}, { people: { active_within: 30 days, at_least: 3 } }] }`;
    const team = first(3, (i) => by(i, track('Signed In')));
    expect(holds(both, [...team, track('Limit Reached')])).toBe(true);
    expect(holds(both, team)).toBe(false);
    expect(holds(both, [track('Limit Reached')])).toBe(false);
  });

  it('S4-92, S4-165: who churned lately is told from who churned long ago', () => {
    const lately = '{ not: { signal: churned, window: 180 days } }';
    expect(holds(lately, [daysAgo(179, track('Subscription Cancelled'))])).toBe(false);
    expect(holds(lately, [daysAgo(180, track('Subscription Cancelled'))])).toBe(true);
  });
});
