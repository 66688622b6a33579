import { describe, expect, it } from 'vitest';
import type { SignalInfo } from '../../../src/accounts/signal.ts';
import { definitionOf } from '../../../src/accounts/signal-info.ts';
import { readSignals, type SignalPlan } from '../../../src/accounts/signal-plan.ts';
import { SOURCES } from '../../../src/accounts/signals-config.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import type { JsonObject } from '../../../src/shared/json.ts';
import { event } from '../../support/event.ts';
import { shippedSignals } from '../../support/shipped.ts';

const plan = shippedSignals();

function planOf(...lines: string[]): SignalPlan {
  const read = readSignals('signals.yaml', lines.join('\n'));
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

const ON_ACTIVITY = [
  'activity',
  'active_days',
  'active_streak',
  'active_streak_local',
  'user_breadth',
  'work_hours_days',
];

function signalsOf(name: string, properties: JsonObject = {}, kind: 'track' | 'page' = 'track'): string[] {
  return plan
    .matches(event({ kind, name, properties }))
    .map((hit) => hit.signal)
    .filter((signal) => !ON_ACTIVITY.includes(signal))
    .sort();
}

describe('S1-64: the tracking plan is recognised out of the box', () => {
  const rows: [string, JsonObject, string[]][] = [
    ['Signed Up', { type: 'organic' }, ['signed_up']],
    ['Signed In', {}, ['signed_in']],
    ['Onboarding Step Completed', { step: 'profile' }, ['onboarding_steps']],
    ['Onboarding Completed', {}, ['onboarding_completed']],
    ['Invite Sent', { invitee_email: 'b@x.example' }, ['seats_invited']],
    ['Invite Accepted', { invitee_email: 'b@x.example' }, ['invites_accepted']],
    ['Account Added User', { role: 'admin' }, ['members', 'roles_assigned']],
    ['Account Removed User', {}, ['members_removed']],
    ['Integration Connected', { integration: 'slack' }, ['integrations_connected']],
    ['Integration Connected', { integration: 'HubSpot' }, ['crm_connected', 'integrations_connected']],
    ['Integration Connected', { integration: 'Gmail' }, ['email_connected', 'integrations_connected']],
    ['API Integration Created', {}, ['api_integration_created']],
    ['Workflow Configured', { workflow_id: 'w1' }, ['workflow_configured']],
    ['Data Imported', { kind: 'csv', rows: 10 }, ['data_imported', 'rows_imported']],
    ['Key Feature Used', { feature: 'reports' }, ['feature_breadth', 'key_feature_used', 'key_features']],
    ['Secondary Feature Used', { feature: 'tags' }, ['feature_breadth', 'secondary_feature_used']],
    ['Core Action Completed', { action: 'query_run' }, ['core_actions', 'reports_run']],
    ['Core Action Completed', { action: 'email_sent' }, ['core_actions', 'emails_sent']],
    ['Core Action Completed', { action: 'sequence_created' }, ['core_actions', 'sequences_created']],
    ['Core Action Completed', { action: 'contact_added' }, ['contacts_added', 'core_actions']],
    ['Core Action Completed', { action: 'deal_created' }, ['core_actions', 'deals_created']],
    ['Core Action Completed', { action: 'pipeline_created' }, ['core_actions', 'pipelines_created']],
    ['Core Action Completed', { action: 'source_connected' }, ['core_actions', 'sources_connected']],
    ['Core Action Completed', { action: 'dashboard_created' }, ['core_actions', 'dashboards_created']],
    ['Core Action Completed', { action: 'project_completed' }, ['core_actions', 'projects_completed']],
    ['Core Action Completed', { action: 'workflow_created' }, ['core_actions', 'workflows_created']],
    ['Core Action Completed', { action: 'campaign_sent' }, ['campaigns_sent', 'core_actions']],
    ['Core Action Completed', { action: 'deployed' }, ['core_actions', 'deployments']],
    ['Core Action Completed', { action: 'ci_connected' }, ['ci_connected', 'core_actions']],
    ['Core Action Completed', { action: 'sneezed' }, []],
    ['Aha Moment Reached', {}, ['aha']],
    ['Settings Configured', { setting: 'sso' }, ['settings_configured']],
    ['Session Ended', { duration_seconds: 600 }, ['long_session']],
    ['Session Ended', { duration_seconds: '900' }, ['long_session']],
    ['Session Ended', { duration_seconds: 599 }, []],
    ['Session Ended', {}, []],
    ['Invite Sent', { inviteeEmail: 'b@x.example' }, ['seats_invited']],
    ['Invite Sent', { 'Invitee Email': 'b@x.example' }, ['seats_invited']],
    ['Pricing Page Viewed', { inApp: true }, ['pricing_viewed', 'upgrade_page_viewed']],
    ['Record Created', { kind: 'deal' }, ['records_created']],
    ['API Calls Made', { count: 250 }, ['api_calls']],
    ['Upgrade Prompt Hovered', { feature: 'sso' }, ['upgrade_prompt']],
    ['Support Question Asked', { topic: 'SSO setup' }, ['support_premium', 'support_question']],
    ['Support Question Asked', { topic: 'typo' }, ['support_question']],
    ['Report Shared', { external: false }, ['shared_asset', 'shared_internal']],
    ['Report Shared', {}, ['shared_asset', 'shared_internal']],
    ['Report Shared', { external: true }, ['shared_asset', 'shared_external']],
    ['Report Shared', { external: 'true' }, ['shared_asset', 'shared_external']],
    ['Shared Workspace Created', {}, ['shared_workspace']],
    ['Limit Approached', { limit: 'seats' }, ['limit_approached', 'limits_touched']],
    ['Limit Reached', { limit: 'seats' }, ['limit_reached', 'limits_touched']],
    ['Limit Breach Attempted', { limit: 'seats' }, ['limit_breach_attempt', 'limits_touched']],
    ['Premium Feature Attempted', { feature: 'sso' }, ['premium_feature_attempted', 'premium_features']],
    ['Premium Feature Previewed', { feature: 'sso' }, ['premium_feature_previewed', 'premium_features']],
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

  it.each([
    'invite_sent',
    'INVITE  SENT',
    'User Invite Sent',
    'user_invite_sent',
    'InviteSent',
    'userInviteSent',
  ])('matches %j as Invite Sent', (name) => {
    expect(signalsOf(name, { invitee_email: 'b@x.example' })).toEqual(['seats_invited']);
  });

  it.each(['Invite', 'Sent Invite', 'Invite-Sent', 'User', ''])('does not match %j', (name) => {
    expect(signalsOf(name, { invitee_email: 'b@x.example' })).toEqual([]);
  });

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
    expect(signalsOf('Invite Sent', { invitee_email: '  ' })).toEqual([]);
    expect(signalsOf('API Calls Made', { count: 'many' })).toEqual([]);
    expect(signalsOf('API Calls Made', { count: -1 })).toEqual([]);
  });

  it('adds numbers that arrive as text, in millionths', () => {
    const [hit] = plan.matches(event({ name: 'API Calls Made', properties: { count: '2.5' } }));
    expect(hit).toEqual({ signal: 'api_calls', amount: 2_500_000, sum: true });
  });
});

describe('activity', () => {
  it.each(['track', 'page', 'screen'] as const)('counts %s', (kind) => {
    const signals = plan.matches(event({ kind, name: 'Anything' })).map((hit) => hit.signal);
    expect(signals.sort()).toEqual(ON_ACTIVITY.toSorted());
  });
  it.each(['identify', 'group', 'alias', 'cohort'] as const)('does not count %s (decision 10)', (kind) => {
    expect(plan.matches(event({ kind, name: 'Invite Sent' }))).toEqual([]);
  });
  it.each([
    ['track', 'heart beat', {}, false],
    ['track', 'Home', {}, true],
    ['page', 'HOME', {}, false],
    ['screen', 'home', {}, false],
    ['page', null, { path: '/pricing' }, false],
    ['page', 'Pricing', { path: '/pricing' }, false],
    ['page', 'Heartbeat', {}, true],
    ['page', null, { path: '/app' }, true],
    ['page', null, {}, true],
    ['track', 'User Ping_back', {}, false],
    ['page', null, { path: '/docs/start' }, false],
    ['page', '/documents', {}, true],
  ] as const)(
    'with ignored events and public pages: %s %j %j counts: %s',
    (kind, name, properties, counts) => {
      const own = planOf(
        'activity: { ignore: [Heartbeat, Ping*], public_pages: [Home, /pricing, /docs/*] }',
        'signals: {}',
      );
      expect(own.matches(event({ kind, name, properties }))).toEqual(
        counts ? [{ signal: 'activity', amount: 1 }] : [],
      );
    },
  );
});

describe('property filters', () => {
  const rows: [string, JsonObject, boolean][] = [
    ['equals: 5', { p: 5 }, true],
    ['equals: 5', { p: '5.0' }, true],
    ['equals: 5', { p: 'five' }, false],
    ['equals: "5"', { p: 5 }, true],
    ['equals: true', { p: ' TRUE ' }, true],
    ['equals: true', { p: 1 }, false],
    ['equals: false', {}, false],
    ['equals: Team Plan', { p: ' team plan' }, true],
    ['in: [seats, 3]', { p: 'Seats' }, true],
    ['in: [seats, 3]', { p: '3' }, true],
    ['in: [seats, 3]', { p: 'storage' }, false],
    ['in: [seats, 3]', { p: ['seats'] }, false],
    ['exists: true', { p: 0 }, true],
    ['exists: true', { p: null }, false],
    ['exists: true', {}, false],
    ['exists: false', {}, true],
    ['exists: false', { p: '' }, false],
  ];
  it.each(rows)('%s over %j passes: %s', (filter, properties, passes) => {
    const own = planOf('signals:', `  s: { events: [X], count: each, where: { p: { ${filter} } } }`);
    expect(own.matches(event({ name: 'X', properties })).some(({ signal }) => signal === 's')).toBe(passes);
  });

  it('all of several must hold', () => {
    const own = planOf(
      'signals:',
      '  s: { events: [X], count: each, where: { a: { equals: 1 }, b: { exists: true } } }',
    );
    const hits = (properties: JsonObject) => own.matches(event({ name: 'X', properties })).length;
    expect([hits({ a: 1 }), hits({ b: 1 }), hits({ a: 1, b: 1 })]).toEqual([1, 1, 2]);
  });

  it('what every object inherits is no property', () => {
    const own = planOf(
      'signals:',
      '  s: { events: [X], count: each, where: { toString: { exists: true } } }',
    );
    expect(own.matches(event({ name: 'X' })).map(({ signal }) => signal)).toEqual(['activity']);
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

  it.each([
    ['Workflow Configured', {}],
    ['Limit Breach Attempted', { limit: 'seats' }],
    ['Checkout Started', {}],
    ['Signed In', {}],
    ['Key Feature Used', { feature: 'reports' }],
    ['Something Untracked', {}],
  ])('are found in %s without counting anything else', (name, properties) => {
    for (const kind of ['track', 'page', 'identify'] as const) {
      const one = event({ kind, name, properties: { path: '/pricing', ...properties } });
      const counted = plan.matches(one).map(({ signal }) => signal);
      expect(plan.triggersOf(one)).toEqual(counted.filter((id) => plan.isTrigger(id)));
      expect(plan.isActivity(one)).toBe(counted.includes('activity'));
    }
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
    const read = readSignals('mappings/signals.yaml', text);
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([
      'mappings/signals.yaml:2 signals.seats_invited.count: found "distinct"; allowed: once, each, distinct value, distinct users, distinct days, consecutive days, sum',
      'mappings/signals.yaml:3 signals.api_calls.count: found "sum"; allowed: "sum" with "of: <property>"',
      'mappings/signals.yaml:4 signals.given_up.abandoned.started: found "chekout"; allowed: the id of a signal counted from events, without during: seats_invited, api_calls, chekcout, activity (did you mean "chekcout"?)',
      'mappings/signals.yaml:4 signals.given_up.abandoned.completed: found "done"; allowed: the id of a signal counted from events, without during: seats_invited, api_calls, chekcout, activity',
    ]);
  });

  const rows: [string, string, string][] = [
    [
      's: { events: [X], count: once, trigerr: true }',
      'signals.s.trigerr: found unknown key "trigerr"',
      `${SOURCES.join(', ')}, kinds, where, count, of, days, during, recent, trigger, buying, label, named_by (did you mean "trigger"?)`,
    ],
    [
      's: { events: [X], count: once, where: { p: { equal: 1 } } }',
      'signals.s.where.p.equal: found unknown key "equal"',
      'equals, in, exists, at_least, at_most, between, matches, not (did you mean "equals"?)',
    ],
    [
      's: { events: [X], count: once, where: { p: { equals: 1, exists: true } } }',
      'signals.s.where.p: found {"equals":1,"exists":true}',
      'exactly one of equals, in, exists, at_least, at_most, between, matches, not',
    ],
    [
      'Seats: { events: [X], count: once }',
      'signals.Seats: found "Seats"',
      'a lower-case id such as seats_invited',
    ],
    [
      'activity: { events: [X], count: once }',
      'signals.activity: found "activity"',
      'another id: this one has a meaning of its own',
    ],
    [
      'constructor: { events: [X], count: once }',
      'signals.constructor: found "constructor"',
      'another id: this one has a meaning of its own',
    ],
    [
      's: { events: [X], count: distinct value }',
      'signals.s.count: found "distinct value"',
      '"distinct value" with "of: <property>"',
    ],
    [
      's: { events: [X], count: each, of: p }',
      'signals.s.of: found "p"',
      'nothing, unless count is "distinct value" or "sum"',
    ],
    ['s: { count: each }', 'signals.s: found "a signal"', `exactly one of ${SOURCES.join(', ')}`],
    [
      's: { events: [Invite Sent, invite_sent], count: each }',
      'signals.s.events.1: found "invite_sent"',
      'a name, once: case, spaces and underscores do not count',
    ],
    [
      's: { events: [" _ "], count: each }',
      'signals.s.events.0: found " _ "',
      'a name, once: case, spaces and underscores do not count',
    ],
  ];
  it.each(rows)('%s', (line, found, allowed) => {
    const read = readSignals('s.yaml', `signals:\n  ${line}`);
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([`s.yaml:2 ${found}; allowed: ${allowed}`]);
  });

  it('an abandoned flow has no filters, no distinct values and no sums', () => {
    const flow = 'abandoned: { started: a, completed: b, after_hours: 24 }';
    const read = readSignals(
      's.yaml',
      [
        'signals:',
        '  a: { events: [A], count: each }',
        '  b: { events: [B], count: each }',
        `  s: { ${flow}, count: sum, where: { p: { equals: 1 } } }`,
      ].join('\n'),
    );
    expect(read.ok ? [] : read.error.map(formatProblem)).toEqual([
      's.yaml:4 signals.s.count: found "sum"; allowed: once, each, distinct users, distinct days, consecutive days',
      's.yaml:4 signals.s.where: found {"p":{"equals":1}}; allowed: nothing beside abandoned',
    ]);
  });

  it('the same id twice is refused by its line', () => {
    const read = readSignals(
      's.yaml',
      'signals:\n  a: { events: [A], count: once }\n  a: { events: [B], count: each }',
    );
    expect(read.ok ? [] : read.error.map(({ line, allowed }) => [line, allowed])).toEqual([
      [3, 'each key once'],
    ]);
  });
});

describe('the hash of the catalogue says when states must be folded anew', () => {
  const hash = (...lines: string[]) => planOf('signals:', ...lines).hash;
  const a = '  a: { events: [A], count: once }';
  const b = '  b: { events: [B], count: each }';

  it('stays when only comments and order change', () => {
    expect(hash('  # words', '  b: { count: each, events: [B] }', a)).toBe(hash(a, b));
  });

  it.each([
    ['another event', '  a: { events: [C], count: once }'],
    ['a sum in place of a count', '  a: { events: [A], count: sum, of: p }'],
    ['more instants kept', '  a: { events: [A], count: once, recent: 20 }'],
    ['local days', '  a: { events: [A], count: once, days: local }'],
    ['a filter', '  a: { events: [A], count: once, where: { p: { exists: true } } }'],
  ])('changes with %s', (_, changed) => {
    expect(hash(changed, b)).not.toBe(hash(a, b));
  });

  it.each([
    ['another way of counting the same', '  a: { events: [A], count: distinct days }', b],
    ['a trigger', '  a: { events: [A], count: once, trigger: true }', b],
    ['a derived signal', a, `${b}\n  c: { any_of: [a, b], count: once }`],
  ])('stays with %s: only scores change', (_, ...lines) => {
    expect(hash(...lines)).toBe(hash(a, b));
  });
});

describe('words for texts', () => {
  const base = [
    'signals:',
    '  a: { events: [A], count: each%s }',
    '  b: { events: [A], count: distinct value, of: limit }',
  ];
  const withWords = (words: string) => base.map((line) => line.replace('%s', words));

  it('label and named_by change nothing that is folded, and no version of a model', () => {
    const [bare, named] = [planOf(...withWords('')), planOf(...withWords(', label: did a, named_by: b'))];
    expect(named.hash).toBe(bare.hash);
    const [a, b] = [bare, named].map(({ signals }) => signals.get('a') as SignalInfo);
    expect(definitionOf(b as SignalInfo)).toEqual(definitionOf(a as SignalInfo));
    expect(b).toMatchObject({ label: 'did a', namedBy: 'b' });
  });

  it.each([
    [', label: "did {what}"', 'signals.a.label'],
    [', label: "did {count|one}"', 'signals.a.label'],
    [', named_by: c', 'signals.a.named_by'],
    [', named_by: a', 'signals.a.named_by'],
  ])('%s is refused', (words, path) => {
    const read = readSignals('signals.yaml', withWords(words).join('\n'));
    expect(read.ok ? [] : read.error.map((one) => one.path)).toEqual([path]);
  });

  it.each(['invited {count|teammate|teammates}', 'did it {times}', '{count} were active'])(
    '%s is a label',
    (label) => {
      expect(planOf(...withWords(`, label: "${label}"`)).signals.get('a')?.label).toBe(label);
    },
  );
});
