import fc from 'fast-check';
import { stringify } from 'yaml';
import { OCCURRING } from './catalogue.ts';
import { conditions } from './conditions.ts';
import { optional, orNot, POINTS, windowsOfAge } from './model-words.ts';
import { rules } from './rules.ts';

/**
 * Model files as a stranger would write them from the published schema: every kind of rule, group, segment, milestone,
 * gate, override and modifier, with numbers that are hard for binary fractions. What the schema's descriptions refuse
 * is not written.
 */
export interface Files {
  /** Text of the model, and of another one that a segment of it may name. */
  main: string;
  other: string;
}

/** Ids are fixed, so that everything can be referred to: r0 to r5, g0 to g3, s0 to s2, tiers t0 to t3. */
const RULES = 6;
const TIERS = ['t0', 't1', 't2', 't3'];
const SEGMENTS = ['s0', 's1', 's2'];
const GROUPS = ['use', 'fit'];
const THRESHOLDS = [0.000001, 3.333333, 9.9, 12.5, 19.999999];

const signalLists = fc.subarray([...OCCURRING], { minLength: 1, maxLength: 3 });
const points = fc.constantFrom(...POINTS);
const someDays = fc.constantFrom('1 day', '7 days', '13 days', '30 days');
const ruleIds = Array.from({ length: RULES }, (_, i) => `r${i}`);

const thresholds = (count: number) => fc.subarray(THRESHOLDS, { minLength: count, maxLength: count });

const tiers = (gates: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(0, -2.5),
      thresholds(3),
      fc.array(fc.subarray([...gates]), { minLength: 3, maxLength: 3 }),
    )
    .map(([lowest, from, requires]) => [
      { id: 't0', from: lowest },
      ...from.map((points, i) => ({ id: TIERS[i + 1] ?? '', from: points, requires: requires[i] ?? [] })),
    ]);

const bounds = fc.record(
  {
    cap: fc.constantFrom('41 points', '60.25 points'),
    floor: fc.constantFrom('-3.3 points', '1.1 points', '0 points'),
  },
  { requiredKeys: [] },
);

/** Weights of the groups that there are; they make 100 %. */
function groupsOf(weighting: string, hasMilestones: boolean) {
  const ids = [...GROUPS, ...(hasMilestones ? ['milestones'] : [])];
  if (weighting === 'raw') {
    return fc.oneof(
      fc.constant<unknown>(GROUPS),
      fc
        .tuple(...ids.map(() => bounds))
        .map((each) => Object.fromEntries(ids.map((id, i) => [id, each[i] ?? {}]))),
    );
  }
  const weights = hasMilestones ? ['66.6666 %', '13.3334 %', '20 %'] : ['66.6667 %', '33.3333 %'];
  const full =
    weighting === 'normalised' ? fc.constantFrom('50 points', '42.195 points') : fc.constant(undefined);
  return fc
    .tuple(...ids.map(() => fc.record({ special: bounds, full })))
    .map((each) =>
      Object.fromEntries(
        ids.map((id, i) => [
          id,
          { weight: weights[i], ...each[i]?.special, ...optional('full', each[i]?.full) },
        ]),
      ),
    );
}

const gateKinds = {
  kind: orNot(fc.constantFrom('usage', 'fit', 'suppression')),
  when_unknown: orNot(fc.constantFrom('fail', 'pass')),
  otherwise: orNot(fc.constant('zero'), 8),
  flag: orNot(fc.constantFrom('self_serve_only', 'look_first')),
};

function gate(i: number, nested: boolean) {
  const above = { rules: ruleIds, gates: ruleIds.map((_, k) => `g${k}`).slice(0, i) };
  const asks = fc.oneof(
    { weight: 3, arbitrary: conditions(above, nested).map((when) => ({ when })) },
    fc.record({ any_of: signalLists, within: windowsOfAge }),
    fc
      .record({ use: fc.constantFrom(0.1, 20, 41), fit: fc.constantFrom(0, 2.2) }, { requiredKeys: ['use'] })
      .map((least) => ({ minimum_points: least })),
  );
  return fc
    .tuple(fc.record(gateKinds), asks)
    .map(([head, asked]) => ({ id: `g${i}`, why: `gate ${i}`, ...given(head), ...asked }));
}

const modifier = (i: number) => {
  const head = {
    last: orNot(signalLists),
    floor: orNot(fc.constantFrom('0 points', '5.5 points', '-20 points')),
  };
  const { floor: _, ...noFloor } = head;
  const after = orNot(fc.constantFrom('0 days', '3 days', '14 days'));
  const factor = fc.constantFrom(0, 0.1, 0.333333, 0.5, 1, 1.7);
  const multiplier = fc
    .record({
      ...noFloor,
      first: fc.constantFrom('36 hours', '7 days'),
      later: fc.constantFrom('30 days', 'lifetime'),
      times: fc.tuple(factor, factor),
      otherwise: factor,
    })
    .map(({ first, later, times, ...rest }) => ({
      kind: 'multiplier',
      steps: [
        { within: first, times: times[0] },
        { within: later, times: times[1] },
      ],
      ...rest,
    }));
  const weekly = fc.record({
    kind: fc.constant('weekly'),
    ...head,
    minus: fc.constantFrom('5 points', '0.1 points', '3.333333 points'),
    after: fc.constantFrom('0 days', '3 days', '14 days'),
  });
  const steps = fc
    .record({
      kind: fc.constant('steps'),
      ...head,
      minus: fc.tuple(points, points).map((pair) => pair.map((one) => one.replace('-', ''))),
    })
    .map(({ minus, ...rest }) => ({
      ...rest,
      steps: [
        { after: '2 days', minus: minus[0] },
        { after: '30 days', minus: minus[1] },
      ],
    }));
  const halfLife = fc.record({ kind: fc.constant('half_life'), ...head, half_every: someDays, after });
  return fc.oneof(multiplier, weekly, steps, halfLife).map((one) => ({ id: `m${i}`, ...given(one) }));
};

const milestone = (nested: boolean) => (i: number) =>
  fc
    .record({
      when: conditions({ rules: ruleIds, gates: [] }, nested),
      points: orNot(points.map((one) => one.replace('-', ''))),
    })
    .map((one) => ({ id: `step${i}`, why: `step ${i}`, ...given(one) }));

const override = (gates: readonly string[], nested: boolean) => (i: number) =>
  fc
    .record({
      kind: fc.constantFrom('hand_raiser', 'buying', 'combination'),
      when: conditions({ rules: ruleIds, gates }, nested),
      tier: fc.constantFrom(...TIERS),
      bypass_fit: orNot(fc.boolean()),
    })
    .map(({ kind, bypass_fit, ...rest }) => ({
      id: `o${i}`,
      why: `override ${i}`,
      kind,
      ...rest,
      ...optional('bypass_fit', kind === 'combination' ? undefined : bypass_fit),
    }));

/** Segments of the main model may have thresholds of their own or another model; of the other model, nothing. */
function segments(isMain: boolean) {
  const special = isMain
    ? fc.oneof(
        fc.constant({}),
        thresholds(3).map((from) => ({
          tiers: Object.fromEntries(from.map((points, i) => [`t${i + 1}`, points])),
        })),
        fc.constant({ model: 'other' }),
      )
    : fc.constant({});
  return fc.oneof(
    fc.constant([]),
    fc
      .tuple(...SEGMENTS.map(() => fc.tuple(conditions({ rules: [], gates: [] }, true), special)))
      .map((each) =>
        each.map(([when, other], i) => ({ id: SEGMENTS[i], ...(i === 2 ? {} : { when }), ...other })),
      ),
  );
}

/** @param nested conditions within conditions, and segments, which are chosen by conditions */
function model(name: string, nested: boolean) {
  const gateIds = ['g0', 'g1', 'g2'];
  return fc
    .record({
      weighting: fc.constantFrom('raw', 'normalised', 'multiplier'),
      segments: nested ? segments(name === 'main') : fc.constant([]),
      gates: fc.tuple(...gateIds.map((_, i) => gate(i, nested))),
      milestones: fc.oneof(fc.constant([]), fc.tuple(...[0, 1, 2].map(milestone(nested)))),
      overrides: several(override(gateIds, nested)),
      modifiers: several(modifier),
      clamp: orNot(fc.constantFrom([-50, 100], [0, 100], [-10.5, null], [0, 60.5], [-1000, 1000])),
      round: orNot(fc.constantFrom(1, 2, 3, 6)),
      tiers: tiers(gateIds),
    })
    .chain((parts) => {
      const ids = parts.segments.length > 0 ? SEGMENTS : [];
      return fc.record({
        parts: fc.constant(parts),
        groups: groupsOf(parts.weighting, parts.milestones.length > 0),
        rules: rules(RULES, GROUPS, ids, nested),
      });
    })
    .map(({ parts, ...rest }) => ({
      model: name,
      title: name,
      weights: { low: '2.2 points', high: '17.3 points' },
      ...given(parts),
      ...rest,
    }));
}

function files(nested: boolean): fc.Arbitrary<Files> {
  return fc
    .record({ main: model('main', nested), other: model('other', nested) })
    .map(({ main, other }) => ({ main: stringify(main), other: stringify(other) }));
}

export const models = files(true);

/** The same without conditions inside conditions and without segments: of these, every part is shown. */
export const plainModels = files(false);

/** Up to three of something, each told its place. */
function several<T>(one: (i: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    fc.constant<T[]>([]),
    one(0).map((a) => [a]),
    fc.tuple(one(0), one(1), one(2)),
  );
}

/** Without the keys that were left out. */
function given(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
