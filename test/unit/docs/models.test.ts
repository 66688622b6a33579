import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ProductEvent } from '../../../src/events/event.ts';
import { readModel } from '../../../src/score/compile/read.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import type { Model } from '../../../src/score/model.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { DAY, isoDate } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { knownWith } from '../../support/known.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const PAGE = readFileSync(new URL('../../../docs/models.md', import.meta.url), 'utf8');
const signals = shippedSignals().signals;

type Block = Record<string, unknown>;
const blocks = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => parse(text) as Block);
const models = blocks.filter((block) => !('cases' in block));

const RULE = {
  ...{ id: 'base', group: 'use', signal: 'key_feature_used', window: 'lifetime', points: '100 points once' },
  why: 'used',
};

/** A block of the page as a whole model: what it leaves out is as small as can be. */
function modelOf(block: Block, over: Block = {}): Model {
  const whole = {
    ...{ model: 'tiny', title: 'Tiny', weighting: 'raw', groups: ['use'] },
    ...(block.milestones === undefined ? { rules: [RULE] } : {}),
    tiers: [
      { id: 'none', from: 0 },
      { id: 'pql', from: 1 },
    ],
    ...block,
    ...over,
  };
  const read = readModel('tiny.yaml', stringify(whole), knownWith(signals));
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

/** The block that has this id somewhere. */
function blockWith(id: string): Block {
  const found = models.find((block) => JSON.stringify(block).includes(`"id":"${id}"`));
  if (found === undefined) {
    throw new Error(`no example with the id ${id}`);
  }
  return found;
}

const track = (name: string, days = 0, properties: ProductEvent['properties'] = {}) =>
  event({ name, at: NOON - days * DAY, accountId: 'acct-7', properties });
const times = (n: number, one: (i: number) => ProductEvent) => Array.from({ length: n }, (_, i) => one(i));
const invites = (n: number) => times(n, (i) => track('Invite Sent', 0, { invitee_email: `p${i}@x.example` }));
const integrations = (n: number) =>
  times(n, (i) => track('Integration Connected', 0, { integration: `tool ${i}` }));

function scored(model: Model, events: ProductEvent[]) {
  return evaluate(model, stateOf('acct-7', events), NOON);
}

describe('docs/models.md: its examples are models', () => {
  it.each(models.map((block, i) => [i + 1, block] as const))('example %i compiles', (_, block) => {
    expect(() => modelOf(block)).not.toThrow();
  });
});

describe('docs/models.md: the numbers beside its examples', () => {
  it('two integrations are 30 and a PQL, four are 45', () => {
    const model = modelOf(blockWith('integrations'));
    expect(scored(model, integrations(2))).toMatchObject({ value: 30, tier: 'pql' });
    expect(scored(model, integrations(4)).value).toBe(45);
  });

  it('six invited are capped at 20, seven questions at -10', () => {
    const events = [...invites(6), ...times(7, () => track('Support Question Asked'))];
    const lines = scored(modelOf(blockWith('invited')), events).explanation;
    expect(lines.map(({ points, uncapped }) => [uncapped, points])).toEqual([
      [30, 20],
      [-14, -10],
    ]);
  });

  it.each([
    [1, 10],
    [5, 5],
    [7, 0],
  ])('active %i days ago is %i points', (days, points) => {
    expect(scored(modelOf(blockWith('recent')), [track('Signed In', days)]).value).toBe(points);
  });

  it('a report shared today and one 10 days ago are 25', () => {
    const events = [track('Report Shared'), track('Report Shared', 10)];
    expect(scored(modelOf(blockWith('imported')), events).value).toBe(25);
  });

  it('45 of 90 and 25 of 50 are 50, 37 or 70, as the groups are weighted', () => {
    const block = blockWith('seats');
    const events = [...invites(9), group('acct-7', { employees: 240 }, { at: NOON, userId: 'u-1' })];
    expect(scored(modelOf(block), events).value).toBe(50);
    const groups = { use: { weight: '60 %' }, fit: { weight: '40 %' } };
    expect(scored(modelOf(block, { weighting: 'multiplier', groups }), events).value).toBe(37);
    expect(scored(modelOf(block, { weighting: 'raw', groups: ['use', 'fit'] }), events).value).toBe(70);
  });

  it('X-27: only a teammate invited is expanding, with engaged skipped', () => {
    const { value, tier, explanation } = scored(modelOf(blockWith('engaged')), invites(1));
    expect({ value, tier }).toEqual({ value: 2, tier: 'expanding' });
    expect(explanation[0]?.evidence).toMatchObject({ skipped: true });
  });

  it.each([
    ['an open deal', { open_deal: true }, 'none'],
    ['a closed one', { open_deal: false }, 'pql'],
    ['a word with sales 13 days ago', { last_crm_activity: isoDate(NOON - 13 * DAY) }, 'none'],
    ['one 14 days ago', { last_crm_activity: isoDate(NOON - 14 * DAY) }, 'pql'],
    ['churn 89 days ago', { churned_at: isoDate(NOON - 89 * DAY) }, 'none'],
    ['churn 90 days ago', { churned_at: isoDate(NOON - 90 * DAY) }, 'pql'],
    ['no CRM', {}, 'pql'],
  ])('S4-91, S4-92, S4-164: 100 points with %s are %s', (_, traits, tier) => {
    const events = [track('Key Feature Used'), group('acct-7', traits, { at: NOON, userId: 'u-1' })];
    const score = scored(modelOf(blockWith('no_conversation')), events);
    expect(score).toMatchObject({ value: 100, tier, flags: tier === 'none' ? ['open_conversation'] : [] });
  });

  it.each([
    ['recency', 55, 9, 27.5],
    ['weeks', 65, 34, 55],
    ['weeks', 65, 35, 50],
    ['parts', 65, 13, 65],
    ['parts', 65, 14, 55],
    ['parts', 65, 30, 25],
    ['fading', 80, 14, 80],
    ['fading', 80, 21, 56.568542],
    ['fading', 80, 28, 40],
    ['fading', 80, 42, 20],
  ])('S1-73, S1-97: %s, %i points after %i days of silence are %f', (id, points, days, value) => {
    const rules = [{ ...RULE, points: `${points} points once` }];
    expect(scored(modelOf(blockWith(id), { rules }), [track('Key Feature Used', days)]).value).toBe(value);
  });
});
