import { describe, expect, it } from 'vitest';
import { assess, type Occasion } from '../../../src/decide/assess.ts';
import type { SlaRule } from '../../../src/decide/handoff/sla.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import { DAY, HOUR, startOfUtcDay, utcDay } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { shippedPolicy } from '../../support/policy.ts';
import { stateOf } from '../../support/state.ts';

const policy = shippedPolicy();
const TODAY = startOfUtcDay(utcDay(NOON));

/** 85 points of the company and of somebody without an e-mail. */
const MQL = [
  group('acct-7', { name: 'Initech', employees: 240, industry: 'Software' }, { userId: 'bot' }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
    event({ userId: 'bot', name, at: NOON - HOUR }),
  ),
];

function person(id: string, activeAt: number | null, traits = {}): ProductEvent[] {
  return [
    group('acct-7', {}, { userId: id, at: NOON - 80 * DAY }),
    identify({ email: `${id}@initech.example`, ...traits }, { userId: id, at: NOON - 80 * DAY }),
    ...(activeAt === null ? [] : [event({ userId: id, name: 'Signed In', at: activeAt })]),
  ];
}

function decisionOn(events: readonly ProductEvent[], over: Partial<Occasion> = {}) {
  const occasion = { now: NOON, act: true, triggers: [], joined: [], ...over };
  const { decision } = assess(policy, stateOf('acct-7', events), undefined, occasion);
  if (decision === null) {
    throw new Error('the champion decides');
  }
  const task = decision.acts.find((act) => act.kind === 'task');
  return {
    route: decision.route,
    acts: decision.acts,
    clock: decision.clock,
    task: task?.kind === 'task' ? task.payload : null,
    members: decision.acts.filter((act) => act.kind === 'campaign').map((act) => act.person),
  };
}

describe('who becomes a campaign member (decision 12)', () => {
  it('people with an e-mail, active in the last 30 UTC days, newest first', () => {
    const { members } = decisionOn([
      ...MQL,
      ...person('first-ms', TODAY - 29 * DAY),
      ...person('too-old', TODAY - 29 * DAY - 1),
      ...person('newest', NOON - 1),
      ...person('never', null),
    ]);
    expect(members).toEqual(['u:newest', 'u:first-ms']);
  });

  it('at most 25', () => {
    const crowd = Array.from({ length: 27 }, (_, i) =>
      person(`p${String(i).padStart(2, '0')}`, NOON - i - 1),
    );
    const { members } = decisionOn([...MQL, ...crowd.flat()]);
    expect([members.length, members[0], members.at(-1)]).toEqual([25, 'u:p00', 'u:p24']);
  });

  it('nobody: skipped, with the reason', () => {
    const skipped = decisionOn(MQL).acts.filter(({ skip }) => skip !== null);
    expect(skipped.map(({ kind, skip }) => [kind, skip])).toEqual([
      ['campaign', 'nobody with an e-mail was active in the last 30 days'],
    ]);
  });
});

describe('when the task is due (decision 13, S1-42, S2-91, S2-128, S3-30, X-28)', () => {
  it.each([
    ['24 hours after the crossing', [], 24],
    ['24 hours when an ordinary trigger set it off', ['seats_invited', 'pricing_viewed'], 24],
    ['2 hours when a buying signal set it off', ['seats_invited', 'limit_breach_attempt'], 2],
  ])('%s', (_title, triggers, hours) => {
    const { task, route } = decisionOn(MQL, { triggers });
    expect(task?.dueAt).toBe(NOON + hours * HOUR);
    expect(route).toMatchObject({ to: 'SDR', sla: { due: new Date(NOON + hours * HOUR).toISOString() } });
  });

  it('X-28: the shorter of both deadlines, when the tier has a shorter one than buying signals', () => {
    const rule = { ...(policy.handoff.sla.at(-1) as SlaRule), id: 'quick', within: 1 };
    const burning = { ...policy, handoff: { ...policy.handoff, sla: [...policy.handoff.sla, rule] } };
    const occasion = { now: NOON, act: true, triggers: ['limit_breach_attempt'], joined: [] };
    const { decision } = assess(burning, stateOf('acct-7', MQL), undefined, occasion);
    expect(decision?.route?.sla).toEqual({ due: new Date(NOON + HOUR).toISOString(), rule: 'quick' });
  });

  it.each([
    'upgrade_page_viewed',
    'premium_feature_attempted',
    'limit_breach_attempt',
    'checkout_started',
    'checkout_abandoned',
    'demo_requested',
    'contact_sales',
  ])('%s is a buying signal', (signal) => {
    expect(decisionOn(MQL, { triggers: [signal] }).task?.dueAt).toBe(NOON + 2 * HOUR);
  });
});

describe('the promise that begins to run', () => {
  it('is that of the deadline, for the crossing and where it goes', () => {
    expect(decisionOn(MQL).clock).toEqual({
      ...{ tier: 'mql', n: 1, route: 'SDR', rule: 'any', escalate: null },
      ...{ due: NOON + 24 * HOUR, warn: NOON + 18 * HOUR },
    });
  });

  it('is none where nobody is asked to get in touch, and where the account is held back', () => {
    const more = (traits: Parameters<typeof group>[1]) =>
      decisionOn([...MQL, group('acct-7', traits, { userId: 'bot' })]).clock;
    expect(more({ sales_blocker: 'no_budget' })).toBeNull();
    expect(more({ open_deal: true })).toBeNull();
  });
});

describe('where it goes (X-38, S4-85)', () => {
  const sent = (traits: Parameters<typeof group>[1], more: ProductEvent[] = []) =>
    decisionOn([...MQL, ...person('ann', NOON - 1), group('acct-7', traits, { userId: 'ann' }), ...more]);

  it('the route says its rule and why, and the promise that counts', () => {
    expect(sent({}).route).toEqual({
      to: 'SDR',
      rule: 'mql_queue',
      owner: null,
      reason: 'crossed into mql with 85 points; every MQL goes to the SDR queue',
      sla: { due: new Date(NOON + 24 * HOUR).toISOString(), rule: 'any' },
    });
  });

  it('to nobody: no task, nobody joins the campaign, no deadline, and each act that is left out says why', () => {
    const { route, acts } = sent({ sales_blocker: 'no_budget' });
    const why = 'no budget (sales_blocker is no_budget)';
    expect(route).toMatchObject({ to: 'product_feedback', code: 'no_budget', sla: null });
    expect(route?.reason).toContain(why);
    const left = acts.filter(({ kind }) => kind !== 'fields').map(({ kind, skip }) => [kind, skip]);
    const skip = `goes to product_feedback: ${why}`;
    expect(left).toEqual([
      ['task', skip],
      ['campaign', skip],
    ]);
  });

  it('to nobody: nothing was handed over, so that a later purchase has no task to close', () => {
    const before = assess(policy, stateOf('acct-7', MQL), undefined, {
      now: NOON,
      act: true,
      triggers: [],
      joined: [],
    });
    const blocked = group('acct-7', { sales_blocker: 'no_budget' }, { userId: 'bot' });
    const held = assess(policy, stateOf('acct-7', [...MQL, blocked]), undefined, {
      now: NOON,
      act: true,
      triggers: [],
      joined: [],
    });
    expect([before.standing.handed?.tier, held.standing.handed]).toEqual(['mql', undefined]);
    expect(held.standing.crossings).toEqual({ mql: 1 });
  });

  it('a customer who grows goes to the CSM', () => {
    expect(sent({ is_customer: true }).route).toMatchObject({ to: 'CSM', rule: 'growing_customer' });
  });
});

describe('what the rep reads (S2-126, S3-24, S4-101)', () => {
  it('which behaviour, how often and when, strongest first, and whom to call', () => {
    const { task } = decisionOn([...MQL, ...person('ann', NOON - 1, { name: 'Ann Lee', title: 'VP Ops' })], {
      triggers: ['limit_breach_attempt'],
    });
    expect(task?.subject).toBe('Initech: tried to go past a plan limit (score 85)');
    expect(task?.body.split('\n')).toEqual([
      'Why now',
      '- bot tried to go past a plan limit on 2026-03-02.',
      '- workflow configured, the last on 2026-03-02 (+20)',
      '- API integration created on 2026-03-02 (+15)',
      '- 85 points, tier mql; 240 employees; target industry: Software',
      '',
      'Who',
      'Ann Lee, VP Ops, ann@initech.example; last active on 2026-03-02, one of 2 known people. A senior buyer: make it personal, and expect a longer conversation.',
      '',
      'Draft',
      'Subject: The plan limit at Initech',
      '',
      'Hi Ann,',
      '',
      'I saw that your team ran into a limit of your plan on March 2. Is it holding something up?',
      '',
      'I can set up a trial of the next plan, so that nobody has to wait while you decide.',
      '',
      'Just reply here; no call needed.',
      '',
      '---',
      'Due 2026-03-02 14:00 UTC (SDR). The score and its evidence: http://127.0.0.1/accounts/acct-7',
    ]);
    expect(task?.person).toBe('u:ann');
  });

  it.each<[string, ProductEvent[], string]>([
    ['without a name the address, once', person('ann', NOON - 1), '\nann@initech.example; last active on'],
    ['without both the id', [], '\nbot; last active on 2026-03-02. No e-mail address is known'],
  ])('%s', (_title, people, words) => {
    const body = decisionOn([...MQL, ...people]).task?.body;
    expect(body).toContain(words);
    expect(body).toContain('\nHi there,\n');
  });

  it('product data is never read as a template', () => {
    const named = group(
      'acct-7',
      { name: '{{ account.key }}{% if %}' },
      { userId: 'bot', at: NOON + 1 - HOUR },
    );
    const { task } = decisionOn([
      ...MQL.slice(1),
      named,
      group('acct-7', { employees: 240, industry: 'Software' }),
    ]);
    expect(task?.subject).toContain('{{ account.key }}{% if %}: tried to go past a plan limit');
  });
});

describe('what a crossing makes (S4-98, S4-99, S4-144, X-32)', () => {
  it('one task per CRM and crossing, under a key of its own', () => {
    const [a, b] = [decisionOn(MQL), decisionOn(MQL)];
    expect(a.acts.filter(({ kind }) => kind === 'task')).toHaveLength(1);
    expect(a.task?.crmKey).toBe(b.task?.crmKey);
    expect(a.task?.crmKey).toMatch(/^pql-[0-9a-v]{32}$/);
  });

  it('without a crossing only the fields follow', () => {
    expect(decisionOn(MQL, { act: false }).acts.map(({ kind }) => kind)).toEqual(['fields']);
    expect(decisionOn(MQL.slice(1)).acts.map(({ kind }) => kind)).toEqual(['fields']);
  });

  it('what people who joined did elsewhere makes none (decision 11)', () => {
    expect(decisionOn(MQL, { joined: ['u:bot'] }).task).toBeNull();
    expect(decisionOn([...MQL, ...person('ann', NOON - 1)], { joined: ['u:ann'] }).task).not.toBeNull();
  });
});
