import { createHash } from 'node:crypto';
import type { SignalInfo } from '../accounts/signal.ts';
import { type ConfigFile, type ConfigProblem, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { below, type Complain } from './compile/complain.ts';
import type { Condition } from './compile/condition.ts';
import {
  compileGate,
  compileMilestone,
  compileOverride,
  type Gate,
  type Milestone,
  type Override,
} from './compile/gate.ts';
import { compileGroups, type Group, groupIds, mostTotal } from './compile/groups.ts';
import type { FactReader, Known } from './compile/known.ts';
import { compileModifier, type Modifier } from './compile/modifier.ts';
import { type Compiled, compileRule, type Rule } from './compile/rule.ts';
import { compileSegments, type Segment } from './compile/segment.ts';
import type { Subject } from './compile/subject.ts';
import { checkTiers } from './compile/tiers.ts';
import { type Micro, micro } from './exact.ts';
import { type ModelConfig, modelSchema, type TierConfig } from './schema/model.ts';

/** A model that is known to make sense: every name resolved, every number reachable. */
export interface Model {
  model: string;
  title: string;
  /** A hash of all that decides scores and explanations, whatever the file's comments and key order. */
  version: string;
  weighting: ModelConfig['weighting'];
  groups: Group[];
  segments: Segment[];
  rules: Rule[];
  milestones: Milestone[];
  gates: Gate[];
  overrides: Override[];
  modifiers: Modifier[];
  clamp: { least: Micro; most: Micro };
  round: number;
  /** Lowest first. */
  tiers: TierConfig[];
  facts: FactReader;
  /** As written, for lints and for showing. */
  config: ModelConfig;
}

/** One model file as text -> model, or every problem with its line (I11). */
export function readModel(file: string, text: string, known: Known): Result<Model, ConfigProblem[]> {
  const read = readConfig(file, text, modelSchema);
  return read.ok ? compile(read.value, known) : read;
}

function compile(
  { file, value, problem }: ConfigFile<ModelConfig>,
  known: Known,
): Result<Model, ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const complain: Complain = (path, found, allowed) => {
    problems.push(problem(path, found, allowed));
    return null;
  };
  checkName(file, value.model, complain);
  checkIds(value, complain);
  const model = compileParts(value, known, complain);
  return problems.length > 0 ? err(problems.sort((a, b) => a.line - b.line)) : ok(model);
}

/** All parts; those that were complained about are left out. */
function compileParts(config: ModelConfig, known: Known, complain: Complain): Model {
  const rules = compileRules(config, known, complain);
  const groups = compileGroups(config, rules, complain);
  const above = { rules: config.rules.map(({ id }) => id), gates: [] };
  const milestones = config.milestones.map((one, i) =>
    compileMilestone(one, known, above, below(complain, 'milestones', i)),
  );
  const gates = compileGates(config, known, above.rules, groups, complain);
  const all = { ...above, gates: config.gates.map(({ id }) => id) };
  const tiers = config.tiers.map(({ id }) => id);
  const overrides = config.overrides.map((one, i) =>
    compileOverride(one, known, all, tiers, below(complain, 'overrides', i)),
  );
  const modifiers = config.modifiers.map((one, i) =>
    compileModifier(one, known, below(complain, 'modifiers', i)),
  );
  const clamp = clampOf(config, complain);
  const most = Math.min(clamp.most, boosted(mostTotal(groups, config.weighting), config));
  checkTiers(config, most, complain);
  const segments = compileSegments(config, known, most, complain);
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
  };
}

/** A rule may refer to those above it, so there can be no cycle. */
function compileRules(config: ModelConfig, known: Known, complain: Complain): Compiled[] {
  const around = {
    known,
    weights: config.weights,
    groups: groupIds({ groups: config.groups, milestones: [] }),
    segments: config.segments.map(({ id }) => id),
  };
  return config.rules.map((rule, i) => {
    const above = { rules: config.rules.slice(0, i).map(({ id }) => id), gates: [] };
    return compileRule(rule, { ...around, above }, below(complain, 'rules', i));
  });
}

function compileGates(
  config: ModelConfig,
  known: Known,
  rules: readonly string[],
  groups: readonly Group[],
  complain: Complain,
): Gate[] {
  const most = new Map(groups.map((group) => [group.id, group.most]));
  return config.gates.flatMap((gate, i) => {
    const above = { rules, gates: config.gates.slice(0, i).map(({ id }) => id) };
    return compileGate(gate, known, above, most, below(complain, 'gates', i)) ?? [];
  });
}

function clampOf({ clamp: [least, most] }: ModelConfig, complain: Complain): Model['clamp'] {
  if (most !== null && least > most) {
    complain(['clamp'], [least, most], 'the smaller number first');
  }
  return { least: micro(least), most: most === null ? Number.POSITIVE_INFINITY : micro(most) };
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

/** models.yaml names files, scores name models: one name for both, or a score could not be found again. */
function checkName(file: string, model: string, complain: Complain): void {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.yaml$/, '');
  if (name !== model) {
    complain(['model'], model, `${name}, the name of the file`);
  }
}

const LISTS = ['rules', 'milestones', 'gates', 'overrides', 'modifiers', 'segments', 'tiers'] as const;

function checkIds(value: ModelConfig, complain: Complain): void {
  for (const list of LISTS) {
    const ids = value[list].map(({ id }) => id);
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) {
        complain([list, i, 'id'], id, `an id that no other of the ${list} has`);
      }
    });
  }
  if (value.rules.length + value.milestones.length === 0) {
    complain(['rules'], 'none', 'at least one rule or milestone');
  }
  groupIds({ groups: value.groups, milestones: [] }).forEach((group, i) => {
    if (!value.rules.some((rule) => rule.group === group)) {
      const path = Array.isArray(value.groups) ? ['groups', i] : ['groups', group];
      complain(path, group, 'groups that a rule gives points to');
    }
  });
}

type Parts = Pick<Model, 'rules' | 'milestones' | 'gates' | 'overrides' | 'modifiers' | 'segments'>;

/** What the file says, how the signals it names are counted, and what the models of its segments are. */
function versionOf(config: ModelConfig, parts: Parts, facts: string): string {
  const counted = Object.fromEntries(signalsOf(parts).map((signal) => [signal.id, countingOf(signal)]));
  const others = parts.segments.map(({ model }) => model?.version ?? null);
  return createHash('sha256')
    .update(stableJson({ config, counted, facts, others }))
    .digest('hex')
    .slice(0, 16);
}

/** Whether a signal is a trigger changes no score. */
function countingOf({ id: _, trigger: __, buying: ___, ...counting }: SignalInfo): unknown {
  return counting;
}

/** Every signal that a model looks at. */
export function signalsOf(parts: Parts): SignalInfo[] {
  const ofSubject = (subject: Subject): SignalInfo[] => {
    if (subject.kind === 'signal') {
      return [subject.signal];
    }
    return subject.kind === 'last' ? subject.signals : [];
  };
  const ofCondition = (condition: Condition | null): SignalInfo[] => {
    if (condition === null) {
      return [];
    }
    if (condition.kind === 'atom') {
      return ofSubject(condition.subject);
    }
    return (condition.kind === 'not' ? [condition.of] : condition.of).flatMap(ofCondition);
  };
  return [
    ...parts.rules.flatMap(({ looks }) =>
      looks.at === 'subject' ? ofSubject(looks.subject) : ofCondition(looks.condition),
    ),
    ...parts.gates.flatMap(({ test }) => (test.kind === 'condition' ? ofCondition(test.condition) : [])),
    ...[...parts.milestones, ...parts.overrides, ...parts.segments].flatMap(({ condition }) =>
      ofCondition(condition),
    ),
    ...parts.modifiers.flatMap(({ of }) => ofSubject(of)),
  ];
}
