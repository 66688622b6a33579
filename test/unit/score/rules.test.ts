import { describe, expect, it } from 'vitest';
import type { ProductEvent } from '../../../src/events/event.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import type { RuleLine } from '../../../src/score/evaluation.ts';
import { DAY, HOUR } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { modelOf } from '../../support/model.ts';
import { stateOf } from '../../support/state.ts';

type Over = Partial<ProductEvent>;
const track = (name: string, over: Over = {}) => event({ accountId: 'acct-7', name, ...over });
const calls = (count: number | string, over: Over = {}) =>
  track('API Calls Made', { properties: { count }, ...over });
const traits = (over: Record<string, string | number | string[]>) => group('acct-7', over);

function score(rules: readonly string[], events: readonly ProductEvent[], now = NOON) {
  return evaluate(modelOf({ rules }), stateOf('acct-7', events), now);
}

function line(rule: string, events: readonly ProductEvent[], now = NOON): RuleLine {
  const [first] = score([rule], events, now).explanation;
  if (first === undefined) {
    throw new Error('a model has at least one rule');
  }
  return first;
}

describe('points add up in decimals (I10)', () => {
  const tenth =
    '{ id: a, signal: limit_reached, count: each, window: 9 days, points: 0.1 points each, cap: 5 points, why: a }';
  const half = '{ id: b, signal: aha, window: 9 days, points: 27.5 points once, why: b }';
  const fifth = '{ id: c, signal: trial, window: 9 days, points: 0.2 points once, why: c }';

  it.each([
    [1, 27.8],
    [3, 28],
    [7, 28.4],
    [60, 32.7],
  ])('0.1 x %i + 27.5 + 0.2 = %d, exactly', (times, value) => {
    const limits = Array.from({ length: times }, () => track('Limit Reached'));
    const events = [...limits, track('Aha Moment Reached'), track('Trial Started')];
    expect(score([tenth, half, fifth], events)).toMatchObject({ value, raw: value, groups: { use: value } });
  });

  it('points below zero stop at the cap, and nothing is never minus nothing', () => {
    const minus =
      '{ id: m, signal: limit_reached, count: each, window: 9 days, points: -5 points each, cap: 12 points, why: m }';
    const three = Array.from({ length: 3 }, () => track('Limit Reached'));
    expect(line(minus, three)).toMatchObject({ points: -12, uncapped: -15, cap: 12 });
    expect(Object.is(line(minus, []).points, 0)).toBe(true);
    expect(Object.is(score([minus], []).value, 0)).toBe(true);
  });

  it('X-44: a sum below zero is the number 0, in the lowest tier', () => {
    const minus = '{ id: m, signal: limit_reached, window: 9 days, points: -5 points once, why: m }';
    expect(score([minus], [track('Limit Reached')])).toMatchObject({ raw: -5, value: 0, tier: 'none' });
  });
});

describe('a rule counts as its signal does', () => {
  const people = ['u-1', 'u-2', 'u-2'].map((userId) => track('Limit Reached', { userId }));
  it.each<[string, string, ProductEvent[], Record<string, number>]>([
    [
      'once',
      'workflow_configured',
      [track('Workflow Configured'), track('Workflow Configured')],
      { points: 2, count: 2 },
    ],
    ['each', 'limit_reached', people, { points: 6, count: 3, people: 2 }],
    ['sum', 'api_calls', [calls(1.5), calls('2'), calls('many')], { points: 6, sum: 3.5 }],
    ['sum', 'api_calls', [calls(0.9)], { points: 0, sum: 0.9 }],
    [
      'distinct value',
      'key_features',
      ['a', 'b', 'A '].map((feature) => track('Key Feature Used', { properties: { feature } })),
      { points: 4, unique: 2 },
    ],
  ])('%s: %s', (count, signal, events, { points, ...evidence }) => {
    const rule = `{ id: r, signal: ${signal}, count: ${count}, window: 9 days, points: 2 points each, cap: 50 points, why: w }`;
    expect(line(rule, events)).toMatchObject({ points, evidence });
  });

  it('S2-84: an abandoned checkout counts from the hour it was abandoned, and a colleague can still finish it', () => {
    const rule =
      '{ id: r, signal: checkout_abandoned, window: 9 days, points: 5 points once, why: "on {last}" }';
    const started = track('Checkout Started');
    const done = track('Checkout Completed', { at: NOON + HOUR, userId: 'u-2' });
    const at = NOON + 24 * HOUR;
    expect([line(rule, [started], at - 1).points, line(rule, [started], at).points]).toEqual([0, 5]);
    expect(line(rule, [started, done], at).points).toBe(0);
    expect(score([rule], [started], NOON).validUntil).toBe(new Date(at).toISOString());
  });
});

describe('windows', () => {
  const rule = (window: string) =>
    `{ id: r, signal: limit_reached, window: ${window}, points: 5 points once, why: "{count|time|times}, {people}" }`;
  const past = (ago: number) => [track('Limit Reached', { at: NOON - ago })];

  it.each([
    ['1 day', 12 * HOUR, 5],
    ['1 day', 12 * HOUR + 1, 0],
    ['2 days', 12 * HOUR + 1, 5],
    ['36 hours', 36 * HOUR - 1, 5],
    ['36 hours', 36 * HOUR, 0],
    ['lifetime', 399 * DAY, 5],
  ])('%s, %i ms ago: %i points', (window, ago, points) => {
    expect(line(rule(window), past(ago)).points).toBe(points);
  });

  it.each([
    ['90 days', 'none in the last 90 days'],
    ['1 hour', 'none in the last 1 hour'],
    ['lifetime', 'none so far'],
  ])('%s without anything: %s', (window, why) => {
    expect(line(rule(window), [])).toEqual({
      rule: 'r',
      group: 'use',
      points: 0,
      why,
      evidence: { count: 0, people: 0 },
    });
  });

  it('of hours, a busy person is known to have done it at least eight times', () => {
    const busy = Array.from({ length: 20 }, (_, i) => track('Limit Reached', { at: NOON - i * 1000 }));
    expect(line(rule('5 hours'), busy)).toMatchObject({
      why: 'at least 8 times, 1',
      evidence: { count: 8, at_least: true },
    });
    expect(line(rule('5 hours'), busy.slice(0, 7))).toMatchObject({
      why: '7 times, 1',
      evidence: { count: 7 },
    });
    expect(line(rule('5 days'), busy)).toMatchObject({ why: '20 times, 1', evidence: { count: 20 } });
  });

  it('what lies after now does not exist yet, and its arrival is foretold (I5)', () => {
    const ahead = [track('Limit Reached', { at: NOON + 40 })];
    const result = score([rule('9 days')], ahead);
    expect([result.value, result.validUntil]).toEqual([0, new Date(NOON + 40).toISOString()]);
    expect(score([rule('9 days')], ahead, NOON + 40).value).toBe(5);
  });
});

describe('traits', () => {
  const size =
    '{ id: r, trait: employees, between: [101, 500], points: 5 points once, why: "{value} employees" }';
  const industry =
    '{ id: r, trait: industry, in: [Software, Health], points: 5 points once, why: "in {value}" }';
  const stack =
    '{ id: r, trait: tech_stack, entries: distinct, points: 5 points each, cap: 10 points, why: "{count|tool|tools}: {value}" }';

  it.each<[string, Record<string, string | number | string[]>, string]>([
    [size, { employees: 240 }, '240 employees'],
    [size, { employees: '101-500 Employees' }, '101-500 employees'],
    [size, { employees: '51-200' }, 'employees is 51-200, not wholly within 101 to 500'],
    [size, { employees: ['a'] }, 'employees is ["a"], not wholly within 101 to 500'],
    [industry, { industry: ' software' }, 'in software'],
    [industry, { industry: 'Paper' }, 'industry is Paper, not one of Software, Health'],
    [stack, { tech_stack: ['Slack', 'slack', 'dbt'] }, '2 tools: Slack, dbt'],
    [stack, { tech_stack: ['{count}'] }, '1 tool: {count}'],
    [stack, { tech_stack: [] }, 'tech_stack has no entries'],
  ])('%#: %j says %j', (rule, said, why) => {
    expect(line(rule, [traits(said)]).why).toBe(why);
  });

  it.each([
    ['nothing', {}],
    ['an empty text', { industry: '' }],
    ['blanks', { industry: '  ' }],
  ])('%s is missing data', (_what, said) => {
    expect(line(industry, [traits(said)])).toMatchObject({
      points: 0,
      why: 'industry is not known',
      evidence: { missing: 'industry' },
    });
  });

  it('a flood of text is cut in whole characters, and the points are of all of it', () => {
    const tools = Array.from({ length: 5000 }, (_, i) => `tool-${i}`);
    const many = line(stack, [traits({ tech_stack: tools })]);
    expect(many).toMatchObject({ points: 10, uncapped: 25_000, evidence: { unique: 5000, more: 4975 } });
    expect(many.why.length).toBeLessThan(250);
    const long = line(industry, [traits({ industry: `x${'😀'.repeat(300)}` })]);
    expect(JSON.stringify(long)).not.toMatch(/\\ud[89a-f]/i);
    expect(long.evidence.value).toBe(`x${'😀'.repeat(198)}…`);
  });
});
