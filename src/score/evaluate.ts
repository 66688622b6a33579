import type { AccountState } from '../accounts/state.ts';
import { earliest } from '../accounts/window.ts';
import { isoInstant } from '../shared/time.ts';
import type { Segment } from './compile/segment.ts';
import type { Evaluation, GateLine, OverrideLine } from './evaluation.ts';
import { type Micro, shown } from './exact.ts';
import { judge } from './find/condition.ts';
import type { Judged, Scene } from './find/look.ts';
import { evaluateGate, evaluateMilestones, evaluateOverride } from './gates.ts';
import type { Model } from './model.ts';
import { modify } from './modifiers.ts';
import { evaluateRule } from './rules.ts';
import { reachedTier, type TierInForce, tiersInForce } from './tiers.ts';
import { finish, groupTotals, Total, weigh } from './total.ts';

/**
 * Scores one account: a pure function of model, state and instant (I4). The steps, in this order: segment; points of
 * rules and milestones; caps and floors of groups; weights; modifiers as the file lists them; gates that make the
 * number zero; bounds; rounding; the tier, then overrides. The lines add up to `raw`, and the modifiers lead from
 * there to `value` (I10). `validUntil` is the first instant at which anything shown could differ with no new event
 * (I5).
 *
 * @param now ms since 1970, UTC
 */
export function evaluate(model: Model, state: AccountState, now: number): Evaluation {
  const scene: Scene = {
    state,
    now,
    facts: model.facts.account(state),
    person: (part) => model.facts.person(part),
    rules: new Map(),
    gates: new Map(),
  };
  const segment = segmentOf(model, scene);
  const other = segment?.line.segment.model;
  return other == null
    ? evaluateIn(model, scene, segment)
    : { ...evaluateIn(other, scene, segment), model: model.model, version: model.version };
}

type InSegment = Judged<{ segment: Segment; why: string }>;

/** The first segment whose condition is true; the last has none. An unknown condition is not true. */
function segmentOf({ segments }: Model, scene: Scene): InSegment | null {
  let nextChange: number | null = null;
  const passedBy: string[] = [];
  for (const segment of segments) {
    const verdict = segment.condition === null ? null : judge(segment.condition, scene);
    nextChange = earliest(nextChange, verdict?.nextChange ?? null);
    if (verdict === null || verdict.passed === true) {
      const why = verdict?.detail() ?? passedBy.join('; ');
      return { line: { segment, why }, nextChange };
    }
    passedBy.push(verdict.detail());
  }
  return null;
}

function evaluateIn(model: Model, scene: Scene, inSegment: InSegment | null): Evaluation {
  const segment = inSegment?.line.segment ?? null;
  const rules = model.rules.map((rule) => evaluateRule(rule, scene, segment?.id ?? null));
  const lines = [...rules, ...evaluateMilestones(model.milestones, scene)];
  const total = new Total(lines.reduce((sum, { points }) => sum + points, 0));
  const groups = groupTotals(model, lines, total);
  const gates = model.gates.map((gate) => evaluateGate(gate, scene, groups));
  weigh(model, groups, total);
  const modified = model.modifiers.map((modifier) => modify(modifier, scene, total));
  zero(model, gates, total);
  finish(model, total);
  const gateLines = gates.map(({ line }) => line);
  const tiers = tiersInForce(model, segment?.model === null ? segment.id : undefined);
  const { tier, overrides } = tierOf(model, scene, tiers, total.value, gateLines);
  const changes = [...lines, ...gates, ...overrides, inSegment].map((part) => part?.nextChange ?? null);
  const validUntil = [...changes, ...modified].reduce(earliest, null);
  return {
    model: model.model,
    version: model.version,
    value: shown(total.value),
    raw: shown(total.raw),
    tier,
    groups: Object.fromEntries([...groups].map(([id, points]) => [id, shown(points)])),
    gates: gateLines,
    explanation: lines.map(({ line }) => line),
    modifiers: total.steps,
    ...(overrides.length > 0 ? { overrides: overrides.map(({ line }) => line) } : {}),
    ...flagsOf(model, gates),
    ...segmentLine(inSegment),
    validUntil: validUntil === null ? null : isoInstant(validUntil),
  };
}

/** A gate that says so makes the number 0 when it fails, and is shown as the step that did it (S4-53, S4-155). */
function zero(model: Model, gates: readonly Judged<GateLine>[], total: Total): void {
  model.gates.forEach((gate, i) => {
    const line = gates[i]?.line;
    if (gate.zero && line !== undefined && !line.passed) {
      total.to(0, `gate:${gate.id}`, `${line.why}: no points count without it`, true);
    }
  });
}

/** The tier that the number reaches; then whatever overrides lift it to. */
function tierOf(
  model: Model,
  scene: Scene,
  tiers: readonly TierInForce[],
  value: Micro,
  gates: readonly GateLine[],
): { tier: string; overrides: Judged<OverrideLine>[] } {
  const overrides = model.overrides.map((override) => {
    const requires = tiers.find(({ id }) => id === override.tier)?.requires ?? [];
    const required = model.gates.flatMap((gate, i) =>
      requires.includes(gate.id) ? { gate, passed: gates[i]?.passed === true } : [],
    );
    return evaluateOverride(override, scene, required);
  });
  const lifted = overrides.flatMap(({ line }) =>
    line.applied ? tiers.findIndex(({ id }) => id === line.tier) : [],
  );
  return { tier: tiers[Math.max(reachedTier(tiers, value, gates), ...lifted)]?.id ?? '', overrides };
}

function flagsOf(model: Model, gates: readonly Judged<GateLine>[]): Pick<Evaluation, 'flags'> {
  if (model.gates.every(({ flag }) => flag === null)) {
    return {};
  }
  return {
    flags: model.gates.flatMap(({ flag }, i) =>
      flag !== null && gates[i]?.line.passed === false ? flag : [],
    ),
  };
}

function segmentLine(inSegment: InSegment | null): Pick<Evaluation, 'segment'> {
  if (inSegment === null) {
    return {};
  }
  const { segment, why } = inSegment.line;
  return {
    segment: { id: segment.id, why, ...(segment.model === null ? {} : { model: segment.model.model }) },
  };
}
