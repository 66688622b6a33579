import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { DAY, HOUR } from '../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../support/event.ts';
import { shippedRubric } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const model = shippedRubric();
const MIDNIGHT = NOON - 12 * HOUR;

type Over = Partial<ProductEvent>;
const inAcct = (over: Over): Over => ({ accountId: 'acct-7', ...over });
const track = (name: string, over: Over = {}) => event(inAcct({ name, ...over }));
const invite = (email: string, over: Over = {}) =>
  track('Invite Sent', { properties: { invitee_email: email }, ...over });
const invites = (n: number) => Array.from({ length: n }, (_, i) => invite(`p${i}@x.example`));
const traits = (over: Record<string, string | number | string[] | null>) => group('acct-7', over);

function scored(events: ProductEvent[], now = NOON) {
  return evaluate(model, stateOf('acct-7', events), now);
}

function pointsOf(rule: string, events: ProductEvent[], now = NOON): number {
  return scored(events, now).explanation.find((line) => line.rule === rule)?.points ?? Number.NaN;
}

describe('S0-2 seats invited: 5 points each, cap 20 points (X-2)', () => {
  it.each([
    [0, 0],
    [1, 5],
    [3, 15],
    [4, 20],
    [5, 20],
    [40, 20],
  ])('%i invited teammates give %i points', (n, points) => {
    expect(pointsOf('seats_invited', invites(n))).toBe(points);
  });

  it('the same address counts once, whatever its case and whoever invites', () => {
    const same = [invite('a@x.example'), invite(' A@X.example'), invite('a@x.example', { userId: 'u-2' })];
    expect(pointsOf('seats_invited', same)).toBe(5);
  });

  it('shows what the cap took', () => {
    const line = scored(invites(5)).explanation[0];
    expect(line).toEqual({
      rule: 'seats_invited',
      group: 'behavioral',
      points: 20,
      uncapped: 25,
      cap: 20,
      why: '5 teammates invited, the last on 2026-03-02',
      evidence: { unique: 5, people: 1, first: '2026-03-02', last: '2026-03-02' },
    });
  });
});

describe('S0-3, S0-4, S0-6: once each', () => {
  it.each([
    ['api_integration', 'API Integration Created', 15],
    ['workflow', 'Workflow Configured', 20],
    ['limit_breach', 'Limit Breach Attempted', 25],
  ])('%s: %s gives %i points, however often', (rule, name, points) => {
    expect([
      pointsOf(rule, []),
      pointsOf(rule, [track(name)]),
      pointsOf(rule, [track(name), track(name)]),
    ]).toEqual([0, points, points]);
  });

  it('X-26: reaching a limit is not an attempt to breach it', () => {
    expect(pointsOf('limit_breach', [track('Limit Reached')])).toBe(0);
  });
});

describe('S0-19 scores roll: 90 UTC days, today included', () => {
  it.each([
    ['on the first of the 90 days', MIDNIGHT - 89 * DAY, 15],
    ['in the last millisecond before them', MIDNIGHT - 89 * DAY - 1, 0],
    ['today', MIDNIGHT, 15],
  ])('an integration %s', (_when, at, points) => {
    expect(pointsOf('api_integration', [track('API Integration Created', { at })])).toBe(points);
  });

  it('an address invited long ago and again today counts', () => {
    const old = invite('a@x.example', { at: NOON - 200 * DAY });
    expect([
      pointsOf('seats_invited', [old]),
      pointsOf('seats_invited', [old, invite('a@x.example')]),
    ]).toEqual([0, 5]);
  });
});

describe('S0-5 cross-functional (X-3)', () => {
  const person = (userId: string, department: string | null, at = NOON) => [
    identify(department === null ? {} : { department }, inAcct({ userId })),
    track('Signed In', { userId, at }),
  ];
  it.each<[string, ProductEvent[], number]>([
    ['two departments', [...person('a', 'Sales'), ...person('b', 'Finance')], 10],
    ['one department, twice', [...person('a', 'Sales'), ...person('b', ' sales ')], 0],
    ['one department and one unknown', [...person('a', 'Sales'), ...person('b', null)], 0],
    [
      'one department and an event of nobody that names another',
      [
        ...person('a', 'Sales'),
        track('Signed In', { userId: null, personTraits: [{ op: 'set', name: 'department', value: 'IT' }] }),
      ],
      0,
    ],
    ['three departments', [...person('a', 'Sales'), ...person('b', 'Finance'), ...person('c', 'IT')], 10],
    [
      'active on the first of the 30 days',
      [...person('a', 'Sales'), ...person('b', 'IT', MIDNIGHT - 29 * DAY)],
      10,
    ],
    ['active the day before', [...person('a', 'Sales'), ...person('b', 'IT', MIDNIGHT - 29 * DAY - 1)], 0],
    [
      'known but never active',
      [...person('a', 'Sales'), identify({ department: 'IT' }, inAcct({ userId: 'b' }))],
      0,
    ],
  ])('%s', (_what, events, points) => {
    expect(pointsOf('cross_functional', events)).toBe(points);
  });

  it('shows an unknown department as missing data, never as zero', () => {
    const line = scored([...person('a', 'Sales'), ...person('b', null)]).explanation[3];
    expect(line?.evidence).toEqual({ unique: 1, value: ['sales'], missing: 'department', people_without: 1 });
    expect(line?.why).toBe('1 of 2 departments known, 1 active without one');
  });
});

describe('S0-7 company size 101–500 (X-4)', () => {
  it.each([
    [100, 0],
    [101, 15],
    [500, 15],
    [501, 0],
    ['240', 15],
    ['101-500', 15],
    ['101–500', 15],
    ['101 - 500 employees', 15],
    ['150 to 300', 15],
    ['51-200', 0],
    ['201-1000', 0],
    ['500+', 0],
    ['1,000', 0],
    ['many', 0],
  ])('employees %j gives %i points', (employees, points) => {
    expect(pointsOf('company_size', [traits({ employees })])).toBe(points);
  });

  it('unknown is shown as missing', () => {
    const line = scored([traits({})]).explanation.find((one) => one.rule === 'company_size');
    expect(line).toMatchObject({
      points: 0,
      evidence: { missing: 'employees' },
      why: 'employees is not known',
    });
  });
});

describe('S0-8 target industry, S0-9 tech stack (X-5)', () => {
  it.each([
    ['Software', 10],
    [' software ', 10],
    ['FINANCIAL SERVICES', 10],
    ['Healthcare', 10],
    ['Paper', 0],
    ['Software Reselling', 0],
  ])('industry %j gives %i points', (industry, points) => {
    expect(pointsOf('industry', [traits({ industry })])).toBe(points);
  });

  it.each<[string[] | string, number]>([
    [['Slack'], 5],
    [['Slack', 'slack', ' SLACK '], 5],
    [['a', 'b', 'c', 'd', 'e'], 25],
    [['a', 'b', 'c', 'd', 'e', 'f'], 25],
    ['["a","b"]', 10],
    ['a, b, c', 15],
    [[], 0],
  ])('tech_stack %j gives %i points', (tech_stack, points) => {
    expect(pointsOf('tech_stack', [traits({ tech_stack })])).toBe(points);
  });
});

describe('S0-10 … S0-15 tiers and gates', () => {
  const fit = traits({ employees: 240, industry: 'Software' });
  const workflow = track('Workflow Configured');
  const everything = [
    fit,
    workflow,
    track('API Integration Created'),
    track('Limit Breach Attempted'),
    ...invites(4),
  ];

  it('a worked example: 15 + 10 + 20 + 15 + 25 + 20 = 105, mql', () => {
    expect(scored(everything)).toMatchObject({
      value: 105,
      raw: 105,
      tier: 'mql',
      groups: { behavioral: 80, firmographic: 25 },
    });
  });

  it.each<[number, string, ProductEvent[]]>([
    [25, 'none', [fit]],
    [30, 'stage_1', [fit, invite('a@x.example')]],
    [60, 'stage_2', [fit, workflow, track('API Integration Created')]],
    [85, 'mql', [fit, workflow, track('API Integration Created'), track('Limit Breach Attempted')]],
    [80, 'stage_2', [fit, track('API Integration Created'), workflow, ...invites(4)]],
  ])('%i points are %s', (value, tier, events) => {
    expect(scored(events)).toMatchObject({ value, tier });
  });

  it('S0-11: depth passes while younger than 7 x 24 hours, to the millisecond', () => {
    const at = (age: number) => {
      const result = scored(everything, NOON + age);
      return [result.tier, result.gates[0]?.passed, result.value];
    };
    expect(at(168 * HOUR - 1)).toEqual(['mql', true, 105]);
    expect(at(168 * HOUR)).toEqual(['stage_2', false, 105]);
  });

  it.each(['Key Feature Used', 'Workflow Configured', 'API Integration Created'])(
    'X-6: %s is depth',
    (name) => {
      expect(scored([track(name)]).gates[0]).toMatchObject({ id: 'feature_depth_last_7_days', passed: true });
    },
  );

  it.each(['Signed In', 'Secondary Feature Used', 'Limit Breach Attempted'])('%s is no depth', (name) => {
    expect(scored([track(name)]).gates[0]).toMatchObject({ passed: false });
  });

  it('S0-14: behaviour alone is not an MQL, at any score', () => {
    const people = ['Sales', 'IT'].flatMap((department, i) => [
      identify({ department }, inAcct({ userId: `d${i}` })),
      track('Signed In', { userId: `d${i}` }),
    ]);
    const result = scored([...everything.slice(1), ...people]);
    expect(result).toMatchObject({ value: 90, tier: 'stage_2' });
    expect(result.gates[1]).toMatchObject({ id: 'points_in_each_group', passed: false });
  });

  it('lists every rule, unearned ones with 0 points', () => {
    expect(scored([]).explanation.map(({ rule, points }) => [rule, points])).toEqual(
      [
        'seats_invited',
        'api_integration',
        'workflow',
        'cross_functional',
        'limit_breach',
        'company_size',
        'industry',
        'tech_stack',
      ].map((rule) => [rule, 0]),
    );
  });
});
