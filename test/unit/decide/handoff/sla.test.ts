import { describe, expect, it } from 'vitest';
import { clockOf } from '../../../../src/accounts/zone.ts';
import { ALWAYS, type BusinessHours } from '../../../../src/decide/handoff/business-hours.ts';
import { type SlaQuestion, type SlaRule, slaOf } from '../../../../src/decide/handoff/sla.ts';

const rule = (over: Partial<SlaRule> & { id: string }): SlaRule => ({
  tiers: null,
  signals: null,
  routes: null,
  within: 24,
  hours: ALWAYS,
  warnAt: 0.75,
  escalate: null,
  ...over,
});

const OFFICE: BusinessHours = {
  id: 'office',
  timezone: 'America/New_York',
  offset: clockOf('America/New_York') ?? (() => Number.NaN),
  weekdays: Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ from: 540, to: 1020 }] : [])),
  holidays: new Set(),
};

/** The table of the documents: S2-91, S4-70, S4-71 and S1-42, in any order. */
const RULES = [
  rule({ id: 'any' }),
  rule({ id: 'burning', tiers: ['burning'], within: 4 }),
  rule({ id: 'buying', signals: 'buying', within: 2 }),
];

const asked = (over: Partial<SlaQuestion> = {}): SlaQuestion => ({
  tier: 'hot',
  route: 'SDR',
  triggers: [],
  isBuying: (signal) => signal === 'limit_breach_attempt',
  at: Date.parse('2026-03-03T15:00:00Z'),
  ...over,
});

const due = (rules: SlaRule[], question: SlaQuestion) => {
  const sla = slaOf(rules, question);
  return sla === null ? null : [sla.rule, new Date(sla.due).toISOString().slice(0, 16)];
};

describe('X-28: per tier and class of signal, the shortest', () => {
  it.each([
    ['hot: 24 hours (S1-42, S4-70)', {}, 'any', '2026-03-04T15:00'],
    ['burning: 4 hours (S4-71)', { tier: 'burning' }, 'burning', '2026-03-03T19:00'],
    [
      'a buying signal: 2 hours (S2-91, S2-128)',
      { triggers: ['limit_breach_attempt'] },
      'buying',
      '2026-03-03T17:00',
    ],
    [
      'burning and buying',
      { tier: 'burning', triggers: ['limit_breach_attempt'] },
      'buying',
      '2026-03-03T17:00',
    ],
    ['an ordinary signal', { triggers: ['seats_invited'] }, 'any', '2026-03-04T15:00'],
  ])('%s', (_title, over, id, at) => {
    expect(due(RULES, asked(over))).toEqual([id, at]);
  });

  it('the one that ends first, not that with fewer hours: a team that sleeps takes longer', () => {
    const rules = [rule({ id: 'quick', within: 2, hours: OFFICE }), rule({ id: 'slow', within: 4 })];
    expect(due(rules, asked({ at: Date.parse('2026-03-07T10:00:00Z') }))).toEqual([
      'slow',
      '2026-03-07T14:00',
    ]);
    expect(due(rules, asked())).toEqual(['quick', '2026-03-03T17:00']);
  });

  it('of two that end together the first of the file', () => {
    expect(due([rule({ id: 'b' }), rule({ id: 'a' })], asked())?.[0]).toBe('b');
  });

  it('only for a route, or for a signal that is named', () => {
    const rules = [
      rule({ id: 'ae', routes: ['AE'], within: 1 }),
      rule({ id: 'demo', signals: new Set(['demo_requested']), within: 1 }),
    ];
    expect(due(rules, asked())).toBeNull();
    expect(due(rules, asked({ route: 'AE' }))?.[0]).toBe('ae');
    expect(due(rules, asked({ triggers: ['seats_invited', 'demo_requested'] }))?.[0]).toBe('demo');
  });
});

it('it is due soon after a part of the working time', () => {
  const rules = [rule({ id: 'office', within: 4, hours: OFFICE, warnAt: 0.5 })];
  const sla = slaOf(rules, asked({ at: Date.parse('2026-03-03T21:00:00Z') }));
  // 16:00 in New York: an hour today, and three tomorrow from 9:00 on.
  expect(new Date(sla?.warn ?? 0).toISOString()).toBe('2026-03-04T15:00:00.000Z');
  expect(new Date(sla?.due ?? 0).toISOString()).toBe('2026-03-04T17:00:00.000Z');
});
