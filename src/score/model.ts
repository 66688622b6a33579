import { createHash } from 'node:crypto';
import { HORIZON_DAYS } from '../accounts/signal-plan.ts';
import type { Window } from '../accounts/window.ts';
import { type ConfigFile, type ConfigProblem, didYouMean, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { type GateConfig, type ModelConfig, modelSchema, type RuleConfig } from './model-schema.ts';

/** A checked model with its version: a hash of what it says, whatever its comments and key order. */
export interface Model extends ModelConfig {
  version: string;
}

/** One model file as text -> model, or every problem with its line (I11). `signals` are the known signal ids. */
export function readModel(
  file: string,
  text: string,
  signals: readonly string[],
): Result<Model, ConfigProblem[]> {
  const read = readConfig(file, text, modelSchema);
  if (!read.ok) {
    return read;
  }
  const problems = [
    ...duplicateIds(read.value),
    ...read.value.value.rules.flatMap((rule, i) => ruleProblems(read.value, rule, i, signals)),
    ...read.value.value.gates.flatMap((gate, i) => gateProblems(read.value, gate, i, signals)),
    ...tierProblems(read.value),
  ];
  if (problems.length > 0) {
    return err(problems.sort((a, b) => a.line - b.line));
  }
  const version = createHash('sha256').update(stableJson(read.value.value)).digest('hex').slice(0, 16);
  return ok({ ...read.value.value, version });
}

type File = ConfigFile<ModelConfig>;

function duplicateIds({ value, problem }: File): ConfigProblem[] {
  return (['rules', 'gates', 'tiers'] as const).flatMap((list) => {
    const seen = new Set<string>();
    return value[list].flatMap(({ id }, i) => {
      const repeated = seen.has(id);
      seen.add(id);
      return repeated ? [problem([list, i, 'id'], id, `an id that no other of the ${list} has`)] : [];
    });
  });
}

function ruleProblems(file: File, rule: RuleConfig, i: number, signals: readonly string[]): ConfigProblem[] {
  const at = (key: string, found: unknown, allowed: string) =>
    file.problem(['rules', i, key], found, allowed);
  const problems: ConfigProblem[] = [];
  if (!file.value.groups.includes(rule.group)) {
    problems.push(at('group', rule.group, oneOf(rule.group, file.value.groups)));
  }
  const sources = [rule.signal, rule.trait, rule.people].filter((source) => source !== undefined);
  if (sources.length !== 1) {
    problems.push(at('id', rule.id, 'exactly one of signal, trait, people beside it'));
  }
  if (rule.signal !== undefined) {
    problems.push(...signalProblems(rule.signal, signals, (found, allowed) => at('signal', found, allowed)));
    problems.push(...windowProblems(rule.window, (found, allowed) => at('window', found, allowed)));
  }
  const tests = [rule.between, rule.in, rule.entries].filter((test) => test !== undefined);
  if (rule.trait !== undefined && tests.length !== 1) {
    problems.push(at('trait', rule.trait, 'with exactly one of between, in, entries'));
  }
  if (rule.between !== undefined && rule.between[0] > rule.between[1]) {
    problems.push(at('between', rule.between, 'the smaller number first'));
  }
  if (rule.people !== undefined) {
    problems.push(
      ...windowProblems(rule.people.active_within, (found, allowed) => at('people', found, allowed)),
    );
  }
  if (rule.cap !== undefined && Number(rule.cap) < Number(rule.points.amount)) {
    problems.push(at('cap', `${rule.cap} points`, `at least one award (${rule.points.amount} points)`));
  }
  if (rule.points.each && rule.cap === undefined) {
    problems.push(
      at(
        'points',
        `${rule.points.amount} points each`,
        'a cap beside it, or one busy account outweighs all (X-5)',
      ),
    );
  }
  return problems;
}

function gateProblems(file: File, gate: GateConfig, i: number, signals: readonly string[]): ConfigProblem[] {
  const at = (key: string, found: unknown, allowed: string) =>
    file.problem(['gates', i, key], found, allowed);
  const problems = (gate.any_of ?? []).flatMap((signal) =>
    signalProblems(signal, signals, (found, allowed) => at('any_of', found, allowed)),
  );
  if ((gate.any_of === undefined) === (gate.minimum_points === undefined)) {
    problems.push(at('id', gate.id, 'exactly one of any_of, minimum_points beside it'));
  }
  if (gate.any_of !== undefined) {
    problems.push(...windowProblems(gate.within, (found, allowed) => at('within', found, allowed)));
  }
  for (const group of Object.keys(gate.minimum_points ?? {})) {
    if (!file.value.groups.includes(group)) {
      problems.push(at('minimum_points', group, oneOf(group, file.value.groups)));
    }
  }
  return problems;
}

function tierProblems({ value, problem }: File): ConfigProblem[] {
  const gates = value.gates.map((gate) => gate.id);
  const reachable = value.rules.reduce(
    (sum, rule) => sum + Math.max(0, Number(rule.cap ?? rule.points.amount)),
    0,
  );
  const problems: ConfigProblem[] = [];
  value.tiers.forEach((tier, i) => {
    const below = value.tiers[i - 1];
    if (below !== undefined && tier.from <= below.from) {
      problems.push(
        problem(['tiers', i, 'from'], tier.from, `more than ${below.from}, where "${below.id}" begins`),
      );
    }
    if (tier.from > reachable) {
      problems.push(
        problem(['tiers', i, 'from'], tier.from, `at most ${reachable}, all that the rules can give`),
      );
    }
    if (tier.acts !== undefined && tier.rearm === undefined) {
      problems.push(problem(['tiers', i, 'rearm'], undefined, 'days such as "30 days", since the tier acts'));
    }
    for (const gate of tier.requires.filter((name) => !gates.includes(name))) {
      problems.push(problem(['tiers', i, 'requires'], gate, oneOf(gate, gates)));
    }
  });
  const [lowest] = value.tiers;
  if (lowest !== undefined && lowest.requires.length > 0) {
    problems.push(
      problem(['tiers', 0, 'requires'], lowest.requires, 'nothing: every account must have a tier'),
    );
  }
  return problems;
}

type Report = (found: unknown, allowed: string) => ConfigProblem;

function signalProblems(signal: string, known: readonly string[], report: Report): ConfigProblem[] {
  return known.includes(signal)
    ? []
    : [report(signal, `a signal of signals.yaml${didYouMean(signal, known)}`)];
}

/** States remember as many days as the journal: a longer window would count what is no longer there. */
function windowProblems(window: Window | undefined, report: Report): ConfigProblem[] {
  if (window === undefined) {
    return [report(undefined, 'a window such as "90 days"')];
  }
  const days = window === 'lifetime' ? 0 : 'days' in window ? window.days : window.hours / 24;
  return days > HORIZON_DAYS
    ? [report(window, `at most ${HORIZON_DAYS} days, as far as the journal reaches`)]
    : [];
}

function oneOf(found: string, allowed: readonly string[]): string {
  return allowed.join(', ') + didYouMean(found, allowed);
}
