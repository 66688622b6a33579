import { describe, expect, it } from 'vitest';
import { readSignals } from '../../../src/accounts/signal-plan.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import type { JsonObject } from '../../../src/shared/json.ts';
import { event } from '../../support/event.ts';
import { shippedSignals } from '../../support/shipped.ts';

const plan = shippedSignals();

function signalsOf(name: string, properties: JsonObject = {}): string[] {
  return plan
    .matches(event({ name, properties }))
    .map((hit) => hit.signal)
    .filter((signal) => signal !== 'activity')
    .sort();
}

describe('the tracking plan is recognised out of the box', () => {
  const rows: [string, JsonObject, string[]][] = [
    ['Signed Up', { type: 'organic' }, ['signed_up']],
    ['Signed In', {}, ['signed_in']],
    ['Onboarding Step Completed', { step: 'profile' }, ['onboarding_steps']],
    ['Onboarding Completed', {}, ['onboarding_completed']],
    ['Invite Sent', { invitee_email: 'b@x.example' }, ['seats_invited']],
    ['Invite Accepted', { invitee_email: 'b@x.example' }, ['invites_accepted']],
    ['Account Added User', { role: 'admin' }, ['members']],
    ['Account Removed User', {}, ['members_removed']],
    ['Integration Connected', { integration: 'slack' }, ['integrations_connected']],
    ['API Integration Created', {}, ['api_integration_created']],
    ['Workflow Configured', { workflow_id: 'w1' }, ['workflow_configured']],
    ['Data Imported', { kind: 'csv', rows: 10 }, ['data_imported']],
    ['Key Feature Used', { feature: 'reports' }, ['key_feature_used', 'key_features']],
    ['Secondary Feature Used', { feature: 'tags' }, ['secondary_feature_used']],
    ['Core Action Completed', { action: 'query_run' }, ['core_actions']],
    ['Core Action Completed', { action: 'sneezed' }, []],
    ['Aha Moment Reached', {}, ['aha']],
    ['Settings Configured', { setting: 'sso' }, ['settings_configured']],
    ['Session Ended', { duration_seconds: 900 }, ['long_session']],
    ['Record Created', { kind: 'deal' }, ['records_created']],
    ['API Calls Made', { count: 250 }, ['api_calls']],
    ['Upgrade Prompt Hovered', { feature: 'sso' }, ['upgrade_prompt']],
    ['Support Question Asked', { topic: 'sso' }, ['support_question']],
    ['Report Shared', { external: false }, ['shared_asset']],
    ['Report Shared', { external: true }, ['shared_asset', 'shared_external']],
    ['Report Shared', { external: 'true' }, ['shared_asset', 'shared_external']],
    ['Shared Workspace Created', {}, ['shared_workspace']],
    ['Limit Approached', { limit: 'seats' }, ['limit_approached']],
    ['Limit Reached', { limit: 'seats' }, ['limit_reached']],
    ['Limit Breach Attempted', { limit: 'seats' }, ['limit_breach_attempt']],
    ['Premium Feature Attempted', { feature: 'sso' }, ['premium_feature_attempted']],
    ['Premium Feature Previewed', { feature: 'sso' }, ['premium_feature_previewed']],
    ['Pricing Page Viewed', {}, ['pricing_viewed']],
    ['Pricing Page Viewed', { in_app: true }, ['pricing_viewed', 'upgrade_page_viewed']],
    ['Plans Compared', {}, ['plans_compared']],
    ['Checkout Started', { plan: 'pro' }, ['checkout_started']],
    ['Checkout Completed', { plan: 'pro' }, ['checkout_completed']],
    ['Demo Requested', {}, ['demo_requested']],
    ['Contact Sales Clicked', {}, ['contact_sales']],
    ['Sales Question Asked', {}, ['sales_question']],
    ['Trial Started', { trial_plan_name: 'pro' }, ['trial']],
    ['Trial Ended', {}, ['trial']],
    ['Subscription Started', { plan: 'pro', mrr: 100 }, ['became_customer']],
    ['Subscription Cancelled', {}, ['churned']],
    ['Something Else', {}, []],
  ];
  it.each(rows)('%s %j gives %j', (name, properties, signals) => {
    expect(signalsOf(name, properties)).toEqual(signals);
  });

  it.each(['invite_sent', 'INVITE  SENT', 'User Invite Sent', 'user_invite_sent', 'InviteSent'])(
    'matches %j as Invite Sent',
    (name) => {
      expect(signalsOf(name, { invitee_email: 'b@x.example' })).toEqual(['seats_invited']);
    },
  );

  it('does not take "User" off a name that merely begins with those letters', () => {
    expect(signalsOf('Userinvite Sent', { invitee_email: 'b@x.example' })).toEqual([]);
  });

  it('compares invited addresses without case and blanks', () => {
    const [hit] = plan.matches(
      event({ name: 'Invite Sent', properties: { invitee_email: ' Bob@X.example ' } }),
    );
    expect(hit?.member).toBe('bob@x.example');
  });

  it('gives no invite without an address, and no sum without a number', () => {
    expect(signalsOf('Invite Sent')).toEqual([]);
    expect(signalsOf('API Calls Made', { count: 'many' })).toEqual([]);
  });

  it('adds numbers that arrive as text, in millionths', () => {
    const [hit] = plan.matches(event({ name: 'API Calls Made', properties: { count: '2.5' } }));
    expect(hit).toEqual({ signal: 'api_calls', amount: 2_500_000 });
  });
});

describe('activity', () => {
  it.each(['track', 'page', 'screen'] as const)('counts %s', (kind) => {
    expect(plan.matches(event({ kind, name: 'Anything' })).map((hit) => hit.signal)).toEqual(['activity']);
  });
  it.each(['identify', 'group', 'alias', 'cohort'] as const)('does not count %s (decision 10)', (kind) => {
    expect(plan.matches(event({ kind, name: 'Invite Sent' }))).toEqual([]);
  });
  it('leaves out ignored events and public pages', () => {
    const read = readSignals(
      's.yaml',
      'activity: { ignore: [Heartbeat], public_pages: [Home] }\nsignals: {}',
    );
    const names = (kind: 'track' | 'page', name: string) =>
      read.ok ? read.value.matches(event({ kind, name })).length : -1;
    expect([
      names('track', 'heartbeat'),
      names('track', 'Home'),
      names('page', 'home'),
      names('page', 'App'),
    ]).toEqual([0, 1, 0, 1]);
  });
});

describe('trigger and buying signals', () => {
  const triggers = [
    'aha',
    'api_integration_created',
    'became_customer',
    'checkout_abandoned',
    'checkout_completed',
    'checkout_started',
    'churned',
    'contact_sales',
    'demo_requested',
    'integrations_connected',
    'invites_accepted',
    'limit_approached',
    'limit_breach_attempt',
    'limit_reached',
    'plans_compared',
    'premium_feature_attempted',
    'premium_feature_previewed',
    'pricing_viewed',
    'sales_question',
    'seats_invited',
    'upgrade_page_viewed',
    'workflow_configured',
  ];
  const buying = [
    'checkout_abandoned',
    'checkout_started',
    'contact_sales',
    'demo_requested',
    'limit_breach_attempt',
    'premium_feature_attempted',
    'upgrade_page_viewed',
  ];
  it('are the listed ones and no other', () => {
    const ids = [...plan.signals.keys()].sort();
    expect(ids.filter((id) => plan.isTrigger(id))).toEqual(triggers);
    expect(ids.filter((id) => plan.isBuying(id))).toEqual(buying);
  });
});

describe('a wrong signals.yaml is refused with every problem at once (I11)', () => {
  it('names file, line, found and allowed', () => {
    const text = [
      'signals:',
      '  seats_invited: { events: [Invite Sent], count: distinct }',
      '  api_calls: { events: [API Calls Made], count: sum }',
      '  given_up: { abandoned: { started: chekout, completed: done, after_hours: 24 }, count: once }',
      '  chekcout: { events: [X], count: once }',
    ].join('\n');
    const schema = readSignals('mappings/signals.yaml', text);
    expect(schema.ok ? [] : schema.error.map(formatProblem)).toEqual([
      'mappings/signals.yaml:2 signals.seats_invited.count: found "distinct"; allowed: once, each, distinct value, distinct users, distinct days, sum',
    ]);
    const rules = readSignals('mappings/signals.yaml', text.replace('count: distinct }', 'count: once }'));
    expect(rules.ok ? [] : rules.error.map(formatProblem)).toEqual([
      'mappings/signals.yaml:3 signals.api_calls.count: found "sum"; allowed: "sum" with "of: <property>"',
      'mappings/signals.yaml:4 signals.given_up.abandoned.started: found "chekout"; allowed: the id of a signal counted from events (did you mean "chekcout"?)',
      'mappings/signals.yaml:4 signals.given_up.abandoned.completed: found "done"; allowed: the id of a signal counted from events',
    ]);
  });

  it('keeps its hash when only comments and order change', () => {
    const one = readSignals(
      's',
      'signals:\n  a: { events: [A], count: once }\n  b: { events: [B], count: each }',
    );
    const two = readSignals(
      's',
      '# words\nsignals:\n  b: { count: each, events: [B] }\n  a: { events: [A], count: once }',
    );
    expect(one.ok && two.ok && one.value.hash === two.value.hash).toBe(true);
  });
});
