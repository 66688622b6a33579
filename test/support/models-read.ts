import fc from 'fast-check';
import { parse } from 'yaml';
import { accountRules } from '../../src/accounts/account-rules.ts';
import { defaultAccounts } from '../../src/accounts/accounts-config.ts';
import { readSignals } from '../../src/accounts/signal-plan.ts';
import type { AccountState } from '../../src/accounts/state.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { readModel } from '../../src/score/compile/read.ts';
import type { Evaluation } from '../../src/score/evaluation.ts';
import type { Model } from '../../src/score/model.ts';
import { type ConfigProblem, formatProblem } from '../../src/shared/config-file.ts';
import { loadDomainLists } from '../../src/shared/domain-lists.ts';
import type { Result } from '../../src/shared/result.ts';
import { CATALOGUE } from './catalogue.ts';
import { knownWith } from './known.ts';
import type { Files } from './models.ts';
import { referenceStates } from './reference-fold.ts';
import type { PlainModel, PlainSignals } from './slow/plain.ts';
import { type SlowScore, slowScore } from './slow/slow-score.ts';

const plan = readOrThrow(readSignals('signals.yaml', CATALOGUE));
const rules = { plan, rules: accountRules(defaultAccounts(), loadDomainLists()) };
const signals = parse(CATALOGUE) as PlainSignals;

/** All that a random model may be refused for: a threshold that its random points do not reach. */
const OUT_OF_REACH = /: found [\d.]+; allowed: at most [\d.]+, all that the rules/;

/** The engine's model. One with something out of reach is no case for a property; any other refusal is a failure. */
export function readFiles(files: Files): Model {
  const model = readable(files);
  fc.pre(model !== null);
  return model as Model;
}

/** null: something is out of reach. */
export function readable({ main, other }: Files): Model | null {
  const known = knownWith(plan.signals);
  const second = readOrNull(readModel('other.yaml', other, known));
  return second === null
    ? null
    : readOrNull(
        readModel('main.yaml', main, { ...known, other: (name) => (name === 'other' ? second : undefined) }),
      );
}

function readOrNull(read: Result<Model, ConfigProblem[]>): Model | null {
  return !read.ok && read.error.map(formatProblem).every((problem) => OUT_OF_REACH.test(problem))
    ? null
    : readOrThrow(read);
}

function readOrThrow<T>(read: Result<T, ConfigProblem[]>): T {
  if (read.ok) {
    return read.value;
  }
  throw new Error(read.error.map(formatProblem).join('\n'));
}

/** What the engine knows of the account after these events. */
export function stateFrom(events: readonly ProductEvent[]): AccountState {
  const parts = Object.entries(referenceStates(rules, events)['acct-7'] ?? {});
  return {
    key: 'acct-7',
    parts: parts.map(([ref, part]) => ({ person: ref.startsWith('g:') ? null : ref, ...JSON.parse(part) })),
  };
}

export function slowly({ main, other }: Files, events: readonly ProductEvent[], now: number): SlowScore {
  const files = { signals, models: { other: parse(other) as PlainModel } };
  return slowScore(parse(main) as PlainModel, files, events, now);
}

/** Of an evaluation, what the slow evaluator also says. */
export function numbersOf(score: Evaluation, { modifiers }: SlowScore): SlowScore {
  const { value, raw, tier, groups, overrides = [], flags = [], segment } = score;
  const steps = score.modifiers.filter(({ id }) => id in modifiers);
  return {
    value,
    raw,
    tier,
    groups,
    points: Object.fromEntries(score.explanation.map(({ rule, points }) => [rule, points])),
    gates: Object.fromEntries(score.gates.map(({ id, passed }) => [id, passed])),
    overrides: Object.fromEntries(overrides.map(({ id, applied }) => [id, applied])),
    flags,
    segment: segment?.id ?? null,
    modifiers: Object.fromEntries(steps.map(({ id, from, to }) => [id, { from, to }])),
  };
}
