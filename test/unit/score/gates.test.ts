import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { DAY, HOUR } from '../../../src/shared/time.ts';
import { event, NOON } from '../../support/event.ts';
import { modelOf } from '../../support/model.ts';
import { stateOf } from '../../support/state.ts';

const rules = [
  '{ id: flow, signal: workflow_configured, window: lifetime, points: 20 points once, why: flow }',
  '{ id: aha, signal: aha, window: lifetime, points: 10 points once, why: aha }',
];
const MIDNIGHT = NOON - 12 * HOUR;
const track = (name: string, at = NOON) => event({ accountId: 'acct-7', name, at });

function judge(gate: string, events: readonly ProductEvent[], now = NOON) {
  const { gates, validUntil } = evaluate(modelOf({ rules, gates: [gate] }), stateOf('acct-7', events), now);
  return { ...gates[0], until: validUntil === null ? null : Date.parse(validUntil) - now };
}

const recent = (within: string) =>
  `{ id: g, any_of: [key_feature_used, data_imported], within: ${within}, why: depth }`;

describe('a gate of recent signals', () => {
  it.each([
    ['24 hours', NOON - 24 * HOUR + 1, true, 1],
    ['24 hours', NOON - 24 * HOUR, false, null],
    ['2 days', MIDNIGHT - DAY, true, 12 * HOUR],
    ['2 days', MIDNIGHT - DAY - 1, false, null],
    ['lifetime', NOON - 300 * DAY, true, null],
  ])('%s, at %i: %s, for %s ms', (within, at, passed, until) => {
    expect(judge(recent(within), [track('Key Feature Used', at)])).toMatchObject({ passed, until });
  });

  it('counts the newest of all its signals, however many came before', () => {
    const many = Array.from({ length: 20 }, (_, i) => track('Key Feature Used', NOON - (i + 1) * HOUR));
    expect(judge(recent('24 hours'), [...many, track('Data Imported', NOON - 60_000)])).toEqual({
      id: 'g',
      passed: true,
      why: 'depth: last data_imported at 2026-03-02T11:59:00.000Z',
      until: 24 * HOUR - 60_000,
    });
  });

  it.each([
    ['nothing at all', [], 'depth: none so far of key_feature_used, data_imported'],
    [
      'too long ago',
      [track('Data Imported', NOON - DAY)],
      'depth: last data_imported at 2026-03-01T12:00:00.000Z',
    ],
  ])('says what it missed: %s', (_what, events, why) => {
    expect(judge(recent('3 hours'), events)).toMatchObject({ passed: false, why });
  });

  it('foretells what another machine has already seen (I5)', () => {
    const ahead = [track('Data Imported', NOON - 60_000), track('Key Feature Used', NOON + 40)];
    expect(judge(recent('24 hours'), ahead)).toMatchObject({ passed: true, until: 40 });
    expect(judge(recent('24 hours'), ahead.slice(1))).toMatchObject({ passed: false, until: 40 });
  });

  it('an abandoned checkout opens it when the time is up', () => {
    const gate = '{ id: g, any_of: [checkout_abandoned], within: 48 hours, why: left }';
    const started = [track('Checkout Started')];
    const abandoned = NOON + 24 * HOUR;
    expect(judge(gate, started)).toMatchObject({ passed: false, until: 24 * HOUR });
    expect(judge(gate, started, abandoned)).toMatchObject({ passed: true, until: 48 * HOUR });
    expect(judge(gate, started, abandoned + 48 * HOUR)).toMatchObject({ passed: false, until: null });
  });
});

describe('a gate of minimum points', () => {
  const gate = '{ id: g, minimum_points: { use: 20 }, why: enough }';
  it.each([
    [[], false, 'enough: use has 0 of at least 20'],
    [[track('Aha Moment Reached')], false, 'enough: use has 10 of at least 20'],
    [[track('Workflow Configured')], true, 'enough'],
  ])('%#: %s', (events, passed, why) => {
    expect(judge(gate, events)).toMatchObject({ passed, why });
  });
});

describe('tiers and gates (X-16)', () => {
  const tiers = [
    '{ id: none, from: 0 }',
    '{ id: warm, from: 10, requires: [g] }',
    '{ id: hot, from: 20 }',
    '{ id: top, from: 30, requires: [g] }',
  ];
  const model = modelOf({ rules, gates: [recent('24 hours')], tiers });
  it.each<[string, ProductEvent[], string, number]>([
    [
      'a closed gate leaves the highest tier below that asks for none',
      ['Workflow Configured', 'Aha Moment Reached'].map((name) => track(name)),
      'hot',
      30,
    ],
    ['a closed gate on every tier reached leaves the lowest', [track('Aha Moment Reached')], 'none', 10],
    ['an open gate lets in', [track('Aha Moment Reached'), track('Data Imported')], 'warm', 10],
  ])('%s', (_what, events, tier, value) => {
    expect(evaluate(model, stateOf('acct-7', events), NOON)).toMatchObject({ tier, value });
  });
});
