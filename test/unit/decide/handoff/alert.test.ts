import { describe, expect, it } from 'vitest';
import { assess, type Previous } from '../../../../src/decide/assess.ts';
import type { Policy } from '../../../../src/decide/decide.ts';
import { channelFor } from '../../../../src/decide/handoff/alert.ts';
import type { Alerts } from '../../../../src/decide/handoff/alerts.ts';
import { ALWAYS } from '../../../../src/decide/handoff/business-hours.ts';
import { businessHours } from '../../../../src/decide/handoff/read-hours.ts';
import { tomorrow } from '../../../../src/decide/handoff/tomorrow.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { HOUR, MINUTE } from '../../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../../support/event.ts';
import { shippedPolicy } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

const ALERTS: Alerts = {
  channels: [
    { channel: 'C0BURNING1', tiers: ['burning'], routes: null, quiet: false },
    { channel: 'C0EXPERTS1', tiers: ['mql'], routes: ['AE'], quiet: false },
    { channel: 'C0GROWTH01', tiers: null, routes: ['CSM'], quiet: true },
  ],
  fallback: { channel: 'C0DEFAULT1', quiet: false },
  perHour: 30,
  rollUp: { from: 6, within: 10 * MINUTE },
  owners: new Map(),
};

describe('S4-82, S4-84: which channel is told: the first that fits', () => {
  it.each([
    ['burning', 'SDR', 'C0BURNING1', false],
    ['burning', 'CSM', 'C0BURNING1', false],
    ['mql', 'AE', 'C0EXPERTS1', false],
    ['mql', 'SDR', 'C0DEFAULT1', false],
    ['high', 'AE', 'C0DEFAULT1', false],
    ['high', 'CSM', 'C0GROWTH01', true],
    ['mql', null, 'C0DEFAULT1', false],
  ])('a crossing into %s that goes to %s: %s', (tier, route, channel, quiet) => {
    expect(channelFor(ALERTS, tier, route)).toMatchObject({ channel, quiet });
  });
});

const shipped = shippedPolicy();
const policy: Policy = { ...shipped, handoff: { ...shipped.handoff, alerts: ALERTS } };
const MQL = [
  group('acct-7', { name: 'Initech\nInc', employees: 240, industry: 'Software' }, { userId: 'ada' }),
  identify({ email: 'ada@initech.example', name: 'Ada', title: 'Ops' }, { userId: 'ada' }),
  ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
    event({ userId: 'ada', name, at: NOON - HOUR }),
  ),
];
const OCCASION = { now: NOON, act: true, triggers: [], joined: [] };
const alerts = (events: readonly ProductEvent[], previous?: Previous, over: object = {}, under = policy) => {
  const found = assess(under, stateOf('acct-7', events), previous, { ...OCCASION, ...over });
  const acts = (found.decision?.acts ?? []).flatMap((act) => (act.kind === 'alert' ? [act] : []));
  return { ...found, acts };
};

describe('what is told', () => {
  it('S2-35, S4-87, X-39: a crossing, once, with what a rep asks for first', () => {
    const first = alerts(MQL);
    expect(first.acts).toMatchObject([
      {
        crm: 'slack',
        key: 'a:["acct-7","mql-rubric","mql",1,"crossed"]',
        crossing: 'mql#1',
        skip: null,
        payload: {
          what: 'crossed',
          channel: 'C0DEFAULT1',
          card: {
            name: 'Initech Inc',
            size: '240',
            tier: 'mql',
            route: 'SDR',
            who: { name: 'Ada', email: 'ada@initech.example', title: 'Ops' },
            due: expect.any(String),
            sla: 'any',
          },
        },
      },
    ]);
    expect(first.acts[0]?.payload.card.reasons.length).toBeGreaterThan(2);
    expect(alerts(MQL, first, { now: NOON + HOUR }).acts).toEqual([]);
  });

  it('a purchase, of an account that was told of', () => {
    const bought = [...MQL, event({ userId: 'ada', name: 'Subscription Started', at: NOON + HOUR })];
    expect(alerts(bought, alerts(MQL), { now: NOON + 2 * HOUR }).acts).toMatchObject([
      {
        key: 'a:["acct-7","mql-rubric","mql",1,"bought"]',
        payload: { what: 'bought', card: { route: 'SDR' } },
      },
    ]);
  });

  it('nothing of an account that is nobody’s work, that is held back, or without a section alerts', () => {
    const nobody = policy.handoff.routes.map((rule) => ({ ...rule, task: false }));
    expect(
      alerts(MQL, undefined, {}, { ...policy, handoff: { ...policy.handoff, routes: nobody } }).acts,
    ).toEqual([]);
    const holdout = { share: 1, name: 'all' };
    expect(alerts(MQL, undefined, {}, { ...policy, handoff: { ...policy.handoff, holdout } }).acts).toEqual(
      [],
    );
    expect(alerts(MQL, undefined, {}, shipped).acts).toEqual([]);
  });
});

describe('tomorrow', () => {
  const office = businessHours('office', {
    timezone: 'America/New_York',
    open: { 'mon-fri': '09:00-17:00' },
    holidays: ['2026-03-10'],
  });
  it.each([
    ['2026-03-03T15:00:00Z', '2026-03-04T14:00:00.000Z'],
    ['2026-03-04T03:00:00Z', '2026-03-04T14:00:00.000Z'], // still the 3rd in New York
    ['2026-03-06T15:00:00Z', '2026-03-09T13:00:00.000Z'], // over a weekend on which the clocks are set
    ['2026-03-09T15:00:00Z', '2026-03-11T13:00:00.000Z'], // over a holiday
  ])('of %s begins when the office opens: %s', (at, expected) => {
    expect(new Date(tomorrow(office, Date.parse(at))).toISOString()).toBe(expected);
  });

  it('begins at nine where every hour counts', () => {
    expect(new Date(tomorrow(ALWAYS, Date.parse('2026-03-03T15:00:00Z'))).toISOString()).toBe(
      '2026-03-04T09:00:00.000Z',
    );
  });
});
