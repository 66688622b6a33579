import { describe, expect, it } from 'vitest';
import type { Sent } from '../../support/oracle/facts.ts';
import { moves, standingsAt } from '../../support/oracle/oracle.ts';
import { at, call, company, did, identify } from '../../support/oracle/sent.ts';

const scores = (sent: Sent[], now = at(10)) =>
  Object.fromEntries([...standingsAt(sent, now)].map(([key, { score }]) => [key, score]));

/** An event without a group. */
const loose = (when: number, event: string, userId = 'u-1', over = {}) =>
  call(when, { event, userId, ...over });
const join = (when: number, groupId: string, userId = 'u-1', traits = {}) =>
  call(when, { type: 'group', groupId, userId, traits });

describe('the oracle attributes as decisions 8 and 9 say', () => {
  const mail = (user: string, domain = 'acme.example') =>
    identify(at(0), user, { email: `${user}@${domain}` });
  const cases: [string, Sent[], Record<string, number>][] = [
    [
      'an event without a group goes to the membership in force',
      [join(at(1), 'A'), loose(at(2), 'Workflow Configured')],
      { A: 20 },
    ],
    [
      'and to the first one after it when there was none',
      [loose(at(1), 'Workflow Configured'), join(at(2), 'A')],
      { A: 20 },
    ],
    [
      'of several memberships, the one declared most recently at its time',
      [
        join(at(1), 'A'),
        join(at(3), 'B'),
        loose(at(2), 'Workflow Configured'),
        loose(at(4), 'API Integration Created'),
      ],
      { A: 20, B: 15 },
    ],
    [
      'work mail makes an account of its domain',
      [mail('u-1'), loose(at(1), 'Workflow Configured')],
      { 'acme.example': 20 },
    ],
    [
      'free mail makes a personal one',
      [mail('u-1', 'gmail.com'), loose(at(1), 'Workflow Configured')],
      { 'person:u-1': 20 },
    ],
    ['so does no mail', [loose(at(1), 'Workflow Configured')], { 'person:u-1': 20 }],
    [
      'a domain account merges into the one group that has the domain by a member',
      [mail('u-1'), loose(at(1), 'Workflow Configured'), mail('u-2'), join(at(2), 'A', 'u-2')],
      { A: 20 },
    ],
    [
      'or by its website',
      [
        mail('u-1'),
        loose(at(1), 'Workflow Configured'),
        join(at(2), 'A', 'u-2', { website: 'https://www.acme.example/x' }),
      ],
      { A: 20 },
    ],
    [
      'and stays when two groups have it',
      [
        mail('u-1'),
        loose(at(1), 'Workflow Configured'),
        ...['u-2', 'u-3'].flatMap((user) => [mail(user), join(at(2), `of-${user}`, user)]),
      ],
      { 'acme.example': 20, 'of-u-2': 0, 'of-u-3': 0 },
    ],
    [
      'anonymous events go to the first user identified on the device at or after them, else to the last before',
      [
        ...['u-1', 'u-2'].map((user, i) => loose(at(2 + 2 * i), 'Signed In', user, { anonymousId: 'd' })),
        loose(at(3), 'Workflow Configured', 'u-1', { anonymousId: 'd', userId: null }),
        loose(at(5), 'API Integration Created', 'u-1', { anonymousId: 'd', userId: null }),
      ],
      { 'person:u-1': 0, 'person:u-2': 35 },
    ],
  ];
  it.each(cases)('%s', (_rule, sent, expected) => {
    expect(scores(sent)).toEqual(expected);
  });

  it('I2 counts a message once, however often and by whichever route it comes', () => {
    const invite = did(at(1), 'Invite Sent', { invitee_email: 'a@x.example' });
    const again = { ...invite, at: at(4), route: 'segment-batch', body: [invite.body] };
    const wrapped = { ...again, body: [{ json: invite.body }] };
    expect(scores([invite, again, wrapped])).toEqual({ 'acct-1': 5 });
  });

  it('decision 5 clamps what is up to a day ahead to its receipt, and leaves out what is further ahead', () => {
    const ahead = (days: number) => call(at(2 + days), { event: 'Workflow Configured', group: 'A' }, at(2));
    expect(scores([ahead(1)], at(2))).toEqual({ A: 20 });
    expect(scores([ahead(1.1)], at(9))).toEqual({});
  });

  it('decision 7 lets a declared value beat a later snapshot', () => {
    const snapshot = {
      at: at(5),
      route: 'amplitude-events',
      body: {
        event_type: 'signed_in',
        event_time: '2026-03-07 12:00:00.000000',
        user_id: 'u-9',
        uuid: 'a-1',
        groups: { company: ['acct-1'] },
        group_properties: {
          company: { 'acct-1': { employees: '7', industry: 'Paper', tech_stack: '["Go"]' } },
        },
      },
    };
    // Size and industry were declared (15 + 10); the stack is known from the snapshot alone (5).
    expect(scores([company(at(1)), snapshot])).toEqual({ 'acct-1': 30 });
    expect(scores([snapshot])).toEqual({ 'acct-1': 5 });
  });

  it('a cohort that carries a company id makes its users members', () => {
    const cohort = {
      at: at(1),
      route: 'amplitude-cohort',
      body: {
        cohort_id: 'c',
        in_cohort: true,
        computed_time: String(at(1) / 1000),
        message_id: 'x',
        users: [{ user_id: 'u-1', user_properties: { company_id: 'A' } }],
      },
    };
    expect(scores([cohort, loose(at(2), 'Workflow Configured')])).toEqual({ A: 20 });
  });
});

describe('the oracle follows MQL over time', () => {
  /** 20 + 25 of behaviour, 25 + 15 of fit: 85 from the limit on. */
  const story = (told: number) => [
    company(at(0), { tech_stack: ['1', '2', '3'] }),
    did(at(2), 'Workflow Configured'),
    call(at(3), { event: 'Limit Breach Attempted', group: 'acct-1' }, told),
  ];

  it('in when the last points are told, out 7 x 24 hours after the last depth of use', () => {
    expect(moves(story(at(4, 15)), at(14))).toEqual([
      { account: 'acct-1', at: at(4, 15), move: 'in' },
      { account: 'acct-1', at: at(9), move: 'out' },
    ]);
  });

  it('never in when they are told after that', () => {
    expect(moves(story(at(9, 13)), at(14))).toEqual([]);
  });

  it('in again with new depth', () => {
    const found = moves([...story(at(3)), did(at(11), 'Key Feature Used')], at(14));
    expect(found.map(({ move }) => move)).toEqual(['in', 'out', 'in']);
  });
});
