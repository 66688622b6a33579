import { createHash } from 'node:crypto';
import type { SignalInfo } from '../../accounts/signal.ts';
import { definitionOf } from '../../accounts/signal-info.ts';
import { stableJson } from '../../shared/stable-json.ts';
import { type Micro, micro, rounded } from '../exact.ts';
import type { Gate, Group, Model } from '../model.ts';
import type { ModelConfig } from '../schema/model.ts';
import { atomsOf } from './atoms.ts';
import { below } from './complain.ts';
import { type Draft, idsAbove } from './draft.ts';
import { compileGate, compileMilestone, compileOverride } from './gate.ts';
import { compileGroups, mostTotal } from './groups.ts';
import { compileModifier } from './modifier.ts';
import { type Compiled, compileRule } from './rule.ts';
import { compileSegments } from './segment.ts';
import { checkTiers } from './tiers.ts';

/** All parts; those that were complained about are left out. */
export function compileParts(draft: Draft): Model {
  const { config, known, complain, ids } = draft;
  const rules = compileRules(draft);
  const groups = compileGroups(draft, rules);
  const above = { rules: ids.rules, gates: [] };
  const milestones = config.milestones.map((one, i) =>
    compileMilestone(one, known, above, below(complain, 'milestones', i)),
  );
  const gates = compileGates(draft, groups);
  const all = { ...above, gates: ids.gates };
  const overrides = config.overrides.map((one, i) =>
    compileOverride(one, known, all, ids.tiers, below(complain, 'overrides', i)),
  );
  const modifiers = config.modifiers.map((one, i) =>
    compileModifier(one, known, below(complain, 'modifiers', i)),
  );
  const clamp = clampOf(draft);
  const most = reachOf(clamp, boosted(mostTotal(groups, config.weighting), config), config.round);
  checkTiers(draft, most);
  const segments = compileSegments(draft, most);
  const present = <T>(list: readonly (T | null)[]): T[] => list.filter((one) => one !== null);
  const parts = {
    rules: present(rules.map(({ rule }) => rule)),
    milestones: present(milestones),
    gates,
    overrides: present(overrides),
    modifiers: present(modifiers),
    segments,
  };
  return {
    model: config.model,
    title: config.title,
    version: versionOf(config, parts, known.facts.hash),
    weighting: config.weighting,
    groups,
    ...parts,
    clamp,
    round: config.round,
    tiers: config.tiers,
    facts: known.facts,
    config,
    source: draft.source,
  };
}

/** A rule may refer to those above it, so there can be no cycle. */
function compileRules(draft: Draft): Compiled[] {
  const { config, known, complain, ids } = draft;
  const around = { known, weights: config.weights, groups: ids.groups, segments: ids.segments };
  return config.rules.map((rule, i) => {
    const above = { rules: idsAbove(draft, 'rules', i), gates: [] };
    return compileRule(rule, { ...around, above }, below(complain, 'rules', i));
  });
}

function compileGates(draft: Draft, groups: readonly Group[]): Gate[] {
  const { config, known, complain, ids } = draft;
  const most = new Map(groups.map((group) => [group.id, group.most]));
  return config.gates.flatMap((gate, i) => {
    const above = { rules: ids.rules, gates: idsAbove(draft, 'gates', i) };
    return compileGate(gate, known, above, most, below(complain, 'gates', i)) ?? [];
  });
}

function clampOf({ config: { clamp, round, gates }, complain }: Draft): Model['clamp'] {
  const [least, most] = clamp;
  if (most !== null && least > most) {
    complain(['clamp'], clamp, 'the smaller number first');
  }
  clamp.forEach((bound, i) => {
    if (bound !== null && rounded(micro(bound), round) !== micro(bound)) {
      complain(['clamp', i], bound, `at most ${round} decimals, as many as \`round\` keeps`);
    }
  });
  if (gates.some(({ otherwise }) => otherwise === 'zero') && (least > 0 || (most !== null && most < 0))) {
    complain(['clamp'], clamp, 'bounds with 0 between them: a gate makes the number zero');
  }
  return { least: micro(least), most: most === null ? Number.POSITIVE_INFINITY : micro(most) };
}

/** The most that the number can be: bounds hold it, and rounding can lift it. */
function reachOf(clamp: Model['clamp'], most: Micro, round: number): Micro {
  const bounded = Math.max(clamp.least, Math.min(clamp.most, most));
  return Number.isSafeInteger(Math.ceil(bounded)) ? rounded(Math.ceil(bounded), round) : bounded;
}

/** A multiplier above 1 can carry the number beyond the sum of the rules. */
function boosted(most: Micro, { modifiers }: ModelConfig): Micro {
  return modifiers.reduce((total, modifier) => {
    const factors =
      modifier.kind === 'multiplier'
        ? [modifier.otherwise, ...modifier.steps.map(({ times }) => times)]
        : [1];
    return total * Math.max(...factors);
  }, most);
}

type Parts = Pick<Model, 'rules' | 'milestones' | 'gates' | 'overrides' | 'modifiers' | 'segments'>;

/** What the file says, how the signals it names are counted, and what the models of its segments are. */
function versionOf(config: ModelConfig, parts: Parts, facts: string): string {
  const counted = Object.fromEntries(signalsOf(parts).map((signal) => [signal.id, definitionOf(signal)]));
  const others = parts.segments.map(({ model }) => model?.version ?? null);
  return createHash('sha256')
    .update(stableJson({ config, counted, facts, others }))
    .digest('hex')
    .slice(0, 16);
}

/** Every signal that a model looks at. */
function signalsOf(parts: Parts): SignalInfo[] {
  return atomsOf(parts).flatMap(({ subject }) => {
    if (subject.kind === 'signal') {
      return [subject.signal];
    }
    return subject.kind === 'last' ? subject.signals : [];
  });
}
