import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { ProductEvent } from '../../../src/events/event.ts';
import { loadMappings } from '../../../src/mappings.ts';
import { mostTotal } from '../../../src/score/compile/groups.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import { shown } from '../../../src/score/exact.ts';
import { DAY } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { shippedModel, shippedText } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const KINDS = ['sales-engagement', 'crm', 'analytics', 'collaboration', 'marketing', 'developer'];
const PRESETS = [
  'mql-rubric',
  'three-signal',
  'threshold',
  'points',
  'milestones',
  'composite',
  'activation-gated',
  ...KINDS.map((kind) => `activation-${kind}`),
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
  }
});

/** The shipped folder with another champion, and a play for each of its acting tiers. */
function withChampion(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pql-presets-'));
  folders.push(folder);
  cpSync(new URL('../../../mappings/', import.meta.url), folder, { recursive: true });
  writeFileSync(join(folder, 'models.yaml'), `champion: ${name}\n`);
  const [head, tail = ''] = shippedText('handoff.yaml').split('plays:\n');
  const [play = '', rest = ''] = tail.split(/^(?=texts:)/m);
  const acting = shippedModel(name).tiers.filter(({ acts }) => acts);
  const plays = acting.map(({ id }) => play.replace('tier: mql', `tier: ${id}`)).join('');
  writeFileSync(join(folder, 'handoff.yaml'), `${head}plays:\n${plays}${rest}`);
  return folder;
}

/** A company that fits, whose only person came 20 days in a row and did nothing that is worth anything. */
function idle(): ProductEvent[] {
  const names = [
    'Signed Up',
    'Email Verified',
    'Whitepaper Downloaded',
    'Settings Viewed',
    'Docs Viewed',
    'Signed In',
  ];
  const daily = Array.from({ length: 20 }, (_, day) => NOON - day * DAY);
  const visits = daily.flatMap((at) => names.map((name) => event({ name, at, accountId: 'acct-7' })));
  return [group('acct-7', { employees: 150, industry: 'Software', domain_kind: 'work' }), ...visits];
}

describe('The shipped models', () => {
  it.each(PRESETS)('%s can be the champion: it is valid, and acts in a tier', (name) => {
    const loaded = loadMappings(withChampion(name));
    expect(loaded.ok ? [] : loaded.error).toEqual([]);
    expect(shippedModel(name).tiers.some(({ acts }) => acts)).toBe(true);
  });

  it.each(PRESETS)('X-20: %s is not calibrated, and its header says so', (name) => {
    expect(shippedModel(name).config.calibrated).toBeUndefined();
    expect(shippedText(`models/${name}.yaml`).split('\nmodel:')[0]).toMatch(/Not calibrated/);
  });

  it.each(PRESETS)('%s: every part and acting tier names the item that it comes from', (name) => {
    const { tiers, ...model } = shippedModel(name);
    const lines = shippedText(`models/${name}.yaml`).split('\n');
    const lists = [model.rules, model.milestones, model.gates, model.overrides, model.modifiers];
    const ids = [...lists, tiers.filter(({ acts }) => acts)].flat().map(({ id }) => id);
    const named = (id: string) =>
      lines.some((line) => line.startsWith(`  - id: ${id} # `) && /[SX]\d?-\d/.test(line));
    expect(ids.filter((id) => !named(id))).toEqual([]);
  });

  it.each([
    ['mql-rubric', 140],
    ['three-signal', 115],
    ['threshold', 4],
    ['points', 262],
    ['milestones', 5],
    ['composite', 100],
    ['activation-gated', 220],
  ])('X-12, X-42: %s can give at most %i points before its bounds', (name, most) => {
    const { groups, weighting } = shippedModel(name);
    expect(shown(mostTotal(groups, weighting))).toBe(most);
  });

  it('S1-29: the aha moment is 20 to 40 % of what three-signal can give', () => {
    const aha = shippedModel('three-signal').groups.find(({ id }) => id === 'aha');
    const share = shown(aha?.most ?? 0) / 115;
    expect(share).toBeGreaterThanOrEqual(0.2);
    expect(share).toBeLessThanOrEqual(0.4);
  });

  it.each(KINDS)(
    'S2-103, S2-133, S2-134: the three events of activation-%s are enough for its PQL',
    (kind) => {
      const { rules, gates, tiers } = shippedModel(`activation-${kind}`);
      const events = rules
        .slice(0, 3)
        .map(({ points }) => (points.kind === 'once' ? shown(points.amount) : 0));
      expect(events.reduce((a, b) => a + b)).toBe(tiers.at(-1)?.from);
      const asked = JSON.stringify(gates.find(({ id }) => id === 'activated')?.test);
      expect(rules.slice(0, 3).every(({ id }) => asked.includes(`"${id}"`))).toBe(true);
    },
  );

  it.each(PRESETS)(
    'S1-7, S1-9 … S1-11, S3-14, S4-52: %s acts on nobody who signs up, verifies, signs in and reads',
    (name) => {
      const model = shippedModel(name);
      const acting = model.tiers.filter(({ acts }) => acts).map(({ id }) => id);
      expect(acting).not.toContain(evaluate(model, stateOf('acct-7', idle()), NOON).tier);
    },
  );

  it.each(PRESETS)('%s has cases beside it', (name) => {
    const cases = parseDocument(shippedText(`models/${name}.test.yaml`)).toJS();
    expect(cases.model).toBe(name);
    expect(cases.cases.length).toBeGreaterThanOrEqual(10);
  });
});
