import type { AccountState } from '../accounts/state.ts';
import { traitValues } from '../accounts/traits.ts';
import { earliest } from '../accounts/window.ts';
import { isoInstant } from '../shared/time.ts';
import type { Evaluation } from './evaluation.ts';
import { type Micro, shown } from './exact.ts';
import { judge, type Verdict } from './find/condition.ts';
import type { Scene } from './find/look.ts';
import { evaluateGate, evaluateMilestones, type Judgement, Lift } from './gates.ts';
import type { Model, Segment } from './model.ts';
import { modify } from './modifiers.ts';
import { evaluateRule } from './rules.ts';
import { reachedTier, type TierInForce, tiersInForce } from './tiers.ts';
import { finish, groupTotals, Total, weigh } from './total.ts';

/** A score as numbers, which can be written out as an evaluation. */
export interface Score {
  value: Micro;
  tier: string;
  /** Which gates pass, in the model's order. */
  gates: readonly boolean[];
  /** First instant after now at which a number, the tier or a gate differs with no new event; null: never (I5). */
  validUntil: number | null;
  explain(): Evaluation;
  /** Everything by which two scores of one model differ, in an order of its own; no words. */
  figures(): (string | number | boolean | null)[];
}

/**
 * Scores one account: a pure function of model, state and instant (I4). `validUntil` is the first instant at which
 * anything shown could differ with no new event (I5).
 *
 * @param now ms since 1970, UTC
 */
export function evaluate(model: Model, state: AccountState, now: number): Evaluation {
  return scoreOf(model, state, now).explain();
}

/**
 * The same without the words, which cost more than the numbers. The steps, in this order: segment; points of rules
 * and milestones; caps and floors of groups; weights; modifiers as the file lists them; gates that make the number
 * zero; bounds; rounding; the tier, then overrides. The lines add up to `raw`, and the modifiers lead from there to
 * `value` (I10).
 */
export function scoreOf(model: Model, state: AccountState, now: number): Score {
  const scene = sceneOf(model, state, now);
  const segment = segmentOf(model, scene);
  return scoreIn(segment?.segment.model ?? model, model, scene, segment);
}

/** What conditions look at, before any rule or gate was asked. */
export function sceneOf({ facts }: Model, state: AccountState, now: number): Scene {
  return {
    state,
    now,
    facts: facts.account(state),
    person: (part) => {
      // What events say of a person beats what a CRM says.
      const read = state.facts?.people?.[part.person ?? ''];
      const said = traitValues(part.traits);
      return facts.person(read === undefined ? said : { ...read, ...said });
    },
    rules: new Map(),
    gates: new Map(),
  };
}

interface InSegment {
  segment: Segment;
  why: () => string;
  nextChange: number | null;
}

/** The first segment whose condition is true; the last has none. An unknown condition is not true. */
function segmentOf({ segments }: Model, scene: Scene): InSegment | null {
  let nextChange: number | null = null;
  const passedBy: Verdict[] = [];
  for (const segment of segments) {
    const verdict = segment.condition === null ? null : judge(segment.condition, scene);
    nextChange = earliest(nextChange, verdict?.nextChange ?? null);
    if (verdict === null || verdict.passed === true) {
      const why = () => verdict?.detail() ?? passedBy.map((one) => one.detail()).join('; ');
      return { segment, why, nextChange };
    }
    passedBy.push(verdict);
  }
  return null;
}

/** @param named the model that the score is told under; `model` is that of the account's segment, or the same */
function scoreIn(model: Model, named: Model, scene: Scene, inSegment: InSegment | null): Score {
  const segment = inSegment?.segment ?? null;
  const rules = model.rules.map((rule) => evaluateRule(rule, scene, segment?.id ?? null));
  const lines =
    model.milestones.length === 0 ? rules : [...rules, ...evaluateMilestones(model.milestones, scene)];
  const total = new Total(lines.reduce((sum, { points }) => sum + points, 0));
  const groups = groupTotals(model, lines, total);
  const gates = model.gates.map((gate) => evaluateGate(gate, scene, groups));
  weigh(model, groups, total);
  const modified = model.modifiers.map((modifier) => modify(modifier, scene, total));
  zero(gates, total);
  finish(model, total);
  const { tier, overrides } = tierOf(model, scene, tiersInForce(named, segment?.id), total.value, gates);
  const changes = [lines, gates, overrides].map(soonest);
  const validUntil = [...changes, ...modified, inSegment?.nextChange ?? null].reduce(earliest, null);
  const explain = (): Evaluation => {
    const evaluation: Evaluation = {
      model: named.model,
      version: named.version,
      value: shown(total.value),
      raw: shown(total.raw),
      tier,
      groups: shownGroups(groups),
      gates: gates.map((gate) => gate.line()),
      explanation: lines.map((scored) => scored.line()),
      modifiers: total.lines(),
      validUntil: validUntil === null ? null : isoInstant(validUntil),
    };
    if (overrides.length > 0) {
      evaluation.overrides = overrides.map((lift) => lift.line());
    }
    if (gates.some(({ gate }) => gate.flag !== null)) {
      evaluation.flags = flagsOf(gates);
    }
    if (inSegment !== null) {
      evaluation.segment = segmentLine(inSegment);
    }
    return evaluation;
  };
  const figures = () => [
    tier,
    total.value,
    segment?.id ?? null,
    ...lines.map(({ points }) => points),
    ...gates.map(({ passed }) => passed),
    ...overrides.map(({ lifts }) => lifts),
    ...total.figures(),
  ];
  const passed = gates.map((gate) => gate.passed);
  return { value: total.value, tier, gates: passed, validUntil, explain, figures };
}

function shownGroups(groups: ReadonlyMap<string, Micro>): Record<string, number> {
  const points: Record<string, number> = {};
  for (const [id, own] of groups) {
    points[id] = shown(own);
  }
  return points;
}

function soonest(parts: readonly { nextChange: number | null }[]): number | null {
  let next: number | null = null;
  for (const part of parts) {
    next = earliest(next, part.nextChange);
  }
  return next;
}

/** A gate that says so makes the number 0 when it fails, and is shown as the step that did it (S4-53, S4-155). */
function zero(gates: readonly Judgement[], total: Total): void {
  for (const judgement of gates) {
    const { gate, passed } = judgement;
    if (gate.zero && !passed) {
      total.to(0, `gate:${gate.id}`, () => `${judgement.line().why}: no points count without it`, true);
    }
  }
}

/** The tier that the number reaches; then whatever overrides lift it to. */
function tierOf(
  model: Model,
  scene: Scene,
  tiers: readonly TierInForce[],
  value: Micro,
  gates: readonly Judgement[],
): { tier: string; overrides: Lift[] } {
  const passed = new Set(gates.filter((gate) => gate.passed).map(({ gate }) => gate.id));
  const overrides = model.overrides.map((override) => {
    const requires = tiers.find(({ id }) => id === override.tier)?.requires ?? [];
    const required = gates.filter(({ gate }) => requires.includes(gate.id));
    return new Lift(override, scene, required);
  });
  const lifted = overrides
    .filter(({ lifts }) => lifts)
    .map((lift) => tiers.findIndex(({ id }) => id === lift.tier));
  return { tier: tiers[Math.max(reachedTier(tiers, value, passed), ...lifted)]?.id ?? '', overrides };
}

function flagsOf(gates: readonly Judgement[]): string[] {
  const flags = gates.flatMap(({ gate, passed }) => (gate.flag === null || passed ? [] : gate.flag));
  return [...new Set(flags)];
}

function segmentLine({ segment, why }: InSegment): NonNullable<Evaluation['segment']> {
  const model = segment.model === null ? {} : { model: segment.model.model };
  return { id: segment.id, why: why(), ...model };
}
