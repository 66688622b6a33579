import { describe, expect, it } from 'vitest';
import type { Sent } from '../../support/oracle/facts.ts';
import { standingsAt } from '../../support/oracle/oracle.ts';
import { at, company, did, identify } from '../../support/oracle/sent.ts';

const NOW = at(10);

/** The standing of acct-1 on day 10 at noon. */
function standing(sent: Sent[], now = NOW) {
  const found = standingsAt(sent, now).get('acct-1');
  if (found === undefined) {
    throw new Error('acct-1 is unknown');
  }
  return found;
}

const invite = (day: number, invitee_email: string) => did(at(day), 'Invite Sent', { invitee_email });

/** 20 + 15 + 20 + 25 = 80 for behaviour, nobody with a department. Depth of use on day 5. */
const everything = () => [
  ...['a', 'b', 'c', 'd'].map((name) => invite(2, `${name}@x.example`)),
  did(at(5), 'API Integration Created'),
  did(at(5), 'Workflow Configured'),
  did(at(6), 'Limit Breach Attempted', { limit: 'seats' }),
];

describe('the oracle adds the rubric up as one would by hand', () => {
  const rules: [string, Sent[], Record<string, number>][] = [
    ['S0-2 one teammate', [invite(1, 'a@x.example')], { seats_invited: 5 }],
    [
      'S0-2 the same teammate in other letters is no new seat',
      [invite(1, 'a@x.example'), invite(2, ' A@X.example')],
      { seats_invited: 5 },
    ],
    [
      'X-2 five teammates are 25, capped at 20',
      ['a', 'b', 'c', 'd', 'e'].map((name) => invite(1, `${name}@x.example`)),
      { seats_invited: 20 },
    ],
    [
      'S0-3 an integration, twice',
      [did(at(1), 'API Integration Created'), did(at(2), 'api_integration_created')],
      { api_integration: 15 },
    ],
    ['S0-4 a workflow', [did(at(1), 'Workflow Configured')], { workflow: 20 }],
    [
      'S0-6 a limit, twice',
      [did(at(1), 'Limit Breach Attempted'), did(at(2), 'Limit Breach Attempted')],
      { limit_breach: 25 },
    ],
    ['a limit that is only reached gives nothing', [did(at(1), 'Limit Reached')], {}],
    ['S0-7, S0-8 size and industry', [company(at(1))], { company_size: 15, industry: 10 }],
    ['X-4 101 counts', [company(at(1), { employees: 101 })], { company_size: 15, industry: 10 }],
    [
      'X-4 500 counts, as text too',
      [company(at(1), { employees: '500' })],
      { company_size: 15, industry: 10 },
    ],
    ['X-4 100 does not', [company(at(1), { employees: 100 })], { industry: 10 }],
    ['X-4 501 does not', [company(at(1), { employees: 501 })], { industry: 10 }],
    [
      'a range wholly inside counts',
      [company(at(1), { employees: '201-300' })],
      { company_size: 15, industry: 10 },
    ],
    ['a range partly inside does not', [company(at(1), { employees: '51-200' })], { industry: 10 }],
    ['S0-8 another industry', [company(at(1), { industry: 'Paper' })], { company_size: 15 }],
    [
      'the industry in other letters',
      [company(at(1), { industry: ' software' })],
      { company_size: 15, industry: 10 },
    ],
    [
      'S0-9 two tools, one of them named twice',
      [company(at(1), { tech_stack: ['Slack', 'slack', 'Jira'] })],
      { company_size: 15, industry: 10, tech_stack: 10 },
    ],
    [
      'X-5 six tools are 30, capped at 25',
      [company(at(1), { tech_stack: ['1', '2', '3', '4', '5', '6'] })],
      { company_size: 15, industry: 10, tech_stack: 25 },
    ],
  ];
  it.each(rules)('%s', (_rule, sent, expected) => {
    const { points, score } = standing(sent);
    expect(Object.fromEntries(Object.entries(points).filter(([, value]) => value !== 0))).toEqual(expected);
    expect(score).toBe(Object.values(expected).reduce((sum, value) => sum + value, 0));
  });

  it('X-3 needs two departments among people active in the last 30 days', () => {
    const ops = identify(at(1), 'u-1', { department: 'Ops' });
    const sales = identify(at(1), 'u-2', { department: 'Sales' });
    const both = [ops, sales, did(at(2), 'Signed In'), did(at(2), 'Signed In', {}, { userId: 'u-2' })];
    expect(standing(both).points.cross_functional).toBe(10);
    expect(standing([ops, sales, did(at(2), 'Signed In')]).points.cross_functional).toBe(0);
    // Day 31 still has day 2 among its last 30 days; day 32 has not.
    expect(standing(both, at(31)).points.cross_functional).toBe(10);
    expect(standing(both, at(32)).points.cross_functional).toBe(0);
  });

  it('S0-19 forgets behaviour 90 UTC days later, at midnight, and never the fit', () => {
    const sent = [company(at(0)), did(at(0, 23), 'Workflow Configured')];
    expect(standing(sent, at(89, 23.9)).score).toBe(45);
    expect(standing(sent, at(90, 0)).score).toBe(25);
  });

  it('S0-12, S0-13 names the stages from 30 and from 60 points', () => {
    expect(standing([did(at(1), 'Limit Breach Attempted')])).toMatchObject({ score: 25, tier: 'none' });
    // 25 + 5
    expect(standing([did(at(1), 'Limit Breach Attempted'), invite(1, 'a@x.example')])).toMatchObject({
      score: 30,
      tier: 'stage_1',
    });
    // 25 + 20 + 15
    const sixty = ['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'];
    expect(standing(sixty.map((event) => did(at(1), event)))).toMatchObject({ score: 60, tier: 'stage_2' });
  });

  it('S0-10 qualifies at 85, not at 80', () => {
    // 80 of behaviour, and 0 or 5 of fit.
    expect(standing(everything())).toMatchObject({ score: 80, tier: 'stage_2' });
    const oneTool = company(at(1), { employees: 3, industry: 'Paper', tech_stack: ['Slack'] });
    expect(standing([...everything(), oneTool])).toMatchObject({ score: 85, tier: 'mql' });
  });

  it('S0-14 never qualifies on behaviour alone', () => {
    const two = ['u-1', 'u-2'].map((user) => identify(at(1), user, { department: user }));
    const sent = [...everything(), ...two, did(at(7), 'Signed In', {}, { userId: 'u-2' })];
    // 80 + 10 for two departments
    expect(standing(sent)).toMatchObject({ score: 90, tier: 'stage_2' });
  });

  it('S0-11 needs depth of use: until 7 x 24 hours later it counts, at that instant no more', () => {
    const sent = [...everything(), company(at(1))];
    expect(standing(sent, at(12) - 1)).toMatchObject({ score: 105, tier: 'mql', hasDepth: true });
    expect(standing(sent, at(12))).toMatchObject({ score: 105, tier: 'stage_2', hasDepth: false });
  });
});
