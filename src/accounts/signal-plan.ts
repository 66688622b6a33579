import { createHash } from 'node:crypto';
import type { ProductEvent } from '../events/event.ts';
import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { type Folded, foldedOf, talliesOf } from './catalogue/folded.ts';
import { compileActivity, compileMatcher } from './catalogue/matching.ts';
import type { Contradiction } from './catalogue/rule.ts';
import { contradictions } from './catalogue/signal-rules.ts';
import type { SignalHit, SignalInfo } from './signal.ts';
import { infosOf } from './signal-info.ts';
import { type SignalsConfig, signalsSchema } from './signals-config.ts';
import { ACTIVITY } from './state.ts';

export { HORIZON_DAYS } from '../events/clock-rules.ts';

/** The compiled catalogue: what each event counts for. */
export interface SignalPlan {
  /** Changes exactly when states must be folded again. */
  hash: string;
  /** By id of each tally, what it counts: the same text as long as the same events count in the same way. */
  definitions: ReadonlyMap<string, string>;
  /** By id; `activity` is one of them. */
  signals: ReadonlyMap<string, SignalInfo>;
  matches(event: ProductEvent): SignalHit[];
  /** The counted signals of an event that are triggers; nearly none has one. */
  triggersOf(event: ProductEvent): string[];
  isActivity(event: ProductEvent): boolean;
  /** Of a counted signal: whether it, or a derived signal that it can complete, is a trigger. */
  isTrigger(signal: string): boolean;
  isBuying(signal: string): boolean;
}

/** Part of the hash: raised whenever the code folds the same events to another state, so that all are folded anew. */
const FOLD_FORM = 3;

/** `mappings/signals.yaml` as text -> plan, or every problem with its line. */
export function readSignals(file: string, text: string): Result<SignalPlan, ConfigProblem[]> {
  return checked(readConfig(file, text, signalsSchema), (config) => {
    const { value } = config;
    const problems = Object.entries(value.signals).flatMap(([id, signal]) =>
      contradictions(value, id, signal).flatMap((found) => complaint(config, id, found)),
    );
    return problems.length > 0 ? err(problems) : ok(compileSignals(value));
  });
}

/** A signal that is named and cannot be read has told its own mistake. */
function complaint(
  config: ConfigFile<SignalsConfig>,
  id: string,
  { path, found, allowed, names }: Contradiction,
): ConfigProblem[] {
  const at = ['signals', id, ...path];
  return names === undefined
    ? [config.problem(at, found, allowed)]
    : config.unknownName(at, String(found), names, allowed, [['signals']]);
}

function compileSignals(config: SignalsConfig): SignalPlan {
  const signals = infosOf(config);
  const folded = foldOf(config);
  const triggers = withParts(signals, ({ trigger }) => trigger);
  const isTrigger = (id: string) => triggers.has(id);
  const triggering = compileMatcher(config, isTrigger);
  const buying = withParts(signals, (signal) => signal.buying);
  return {
    hash: createHash('sha256').update(stableJson(folded)).digest('hex'),
    definitions: definitionsOf(folded),
    signals,
    triggersOf: (event) => triggering(event).map(({ signal }) => signal),
    isActivity: compileActivity(config.activity),
    isTrigger,
    isBuying: (id) => buying.has(id),
    matches: compileMatcher(config),
  };
}

interface Fold {
  form: number;
  activity: SignalsConfig['activity'];
  signals: Record<string, Folded>;
}

function definitionsOf({ form, activity, signals }: Fold): Map<string, string> {
  const own = Object.entries(signals).map(([id, folded]) => [id, digest([form, folded])] as const);
  return new Map([[ACTIVITY, digest([form, activity])], ...own]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(stableJson(value)).digest('hex').slice(0, 12);
}

/** All of the file that decides what states hold. */
function foldOf(config: SignalsConfig): Fold {
  const owners = new Set(talliesOf(config).values());
  const kept = Object.entries(config.signals).filter(([id]) => owners.has(id));
  const signals = Object.fromEntries(kept.map(([id, signal]) => [id, foldedOf(signal)]));
  return { form: FOLD_FORM, activity: config.activity, signals };
}

/** Ids of the signals that are such, and of those whose occurrence completes one that is. */
function withParts(
  signals: ReadonlyMap<string, SignalInfo>,
  is: (signal: SignalInfo) => boolean,
): Set<string> {
  const ids = new Set<string>();
  const add = (signal: SignalInfo): void => {
    ids.add(signal.id);
    completing(signal).forEach(add);
  };
  [...signals.values()].filter(is).forEach(add);
  return ids;
}

/** Whose occurrence is, or may be, one of this signal: what comes with time or by a quotient has none. */
function completing({ source }: SignalInfo): readonly SignalInfo[] {
  switch (source.kind) {
    case 'sequence':
      return source.steps.slice(-1);
    case 'any_of':
    case 'some_of':
      return source.signals;
    default:
      return [];
  }
}
