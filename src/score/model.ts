import { createHash } from 'node:crypto';
import { definitionOf } from '../accounts/signal-info.ts';
import { type ConfigFile, type ConfigProblem, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { compileGate, type Gate } from './compile-gate.ts';
import { compileRule, type Rule } from './compile-rule.ts';
import { checkTiers } from './compile-tiers.ts';
import type { Catalogue } from './compile-window.ts';
import { below, type Complain } from './complain.ts';
import { type ModelConfig, modelSchema, type TierConfig } from './model-schema.ts';

/** A model that is known to make sense: every name resolved, every number reachable. */
export interface Model {
  model: string;
  title: string;
  /** A hash of all that decides scores and explanations, whatever the file's comments and key order. */
  version: string;
  groups: string[];
  rules: Rule[];
  gates: Gate[];
  /** Lowest first. */
  tiers: TierConfig[];
}

/**
 * One model file as text -> model, or every problem with its line (I11).
 *
 * @param signals the catalogue of signals.yaml, by id; null: it could not be read, and the model is of no use
 */
export function readModel(file: string, text: string, signals: Catalogue): Result<Model, ConfigProblem[]> {
  const read = readConfig(file, text, modelSchema);
  return read.ok ? compile(read.value, signals) : read;
}

function compile(
  { file, value, problem }: ConfigFile<ModelConfig>,
  signals: Catalogue,
): Result<Model, ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  const complain: Complain = (path, found, allowed) => {
    problems.push(problem(path, found, allowed));
    return null;
  };
  checkName(file, value.model, complain);
  checkIds(value, complain);
  const rules = value.rules.map((rule, i) => compileRule(rule, value, signals, below(complain, 'rules', i)));
  const gates = value.gates.map((gate, i) => compileGate(gate, value, signals, below(complain, 'gates', i)));
  checkTiers(value, complain);
  if (problems.length > 0) {
    return err(problems.sort((a, b) => a.line - b.line));
  }
  const { model, title, groups, tiers } = value;
  const known = {
    rules: rules.filter((rule) => rule !== null),
    gates: gates.filter((gate) => gate !== null),
  };
  return ok({ model, title, version: versionOf(value, known.rules, known.gates), groups, ...known, tiers });
}

/** models.yaml names files, scores name models: one name for both, or a score could not be found again. */
function checkName(file: string, model: string, complain: Complain): void {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.yaml$/, '');
  if (name !== model) {
    complain(['model'], model, `${name}, the name of the file`);
  }
}

function checkIds(value: ModelConfig, complain: Complain): void {
  for (const list of ['rules', 'gates', 'tiers'] as const) {
    const ids = value[list].map(({ id }) => id);
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) {
        complain([list, i, 'id'], id, `an id that no other of the ${list} has`);
      }
    });
  }
  value.groups.forEach((group, i) => {
    if (!value.rules.some((rule) => rule.group === group)) {
      complain(['groups', i], group, 'groups that a rule gives points to');
    }
  });
}

/** What the file says, and how the signals it names are counted. Whether one is a trigger changes no score. */
function versionOf(config: ModelConfig, rules: readonly Rule[], gates: readonly Gate[]): string {
  const named = [
    ...rules.flatMap(({ source }) => (source.kind === 'signal' ? [source.signal] : [])),
    ...gates.flatMap(({ test }) => (test.kind === 'any_of' ? test.signals : [])),
  ];
  const counted = Object.fromEntries(named.map((signal) => [signal.id, definitionOf(signal)]));
  return createHash('sha256').update(stableJson({ config, counted })).digest('hex').slice(0, 16);
}
