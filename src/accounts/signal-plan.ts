import { createHash } from 'node:crypto';
import type { ProductEvent } from '../events/event.ts';
import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { comparable, numberOf } from './coerce.ts';
import { eventKey } from './event-key.ts';
import { passesAll, propertyOf } from './filters.ts';
import { type SignalHit, type SignalInfo, SUM_UNIT } from './signal.ts';
import { type Contradiction, contradictions } from './signal-rules.ts';
import { type SignalConfig, type SignalsConfig, signalsSchema } from './signals-config.ts';
import { ACTIVITY } from './state.ts';

export { HORIZON_DAYS } from '../events/clock-rules.ts';

/** The compiled catalogue: what each event counts for. */
export interface SignalPlan {
  /** Changes exactly when states must be folded again. */
  hash: string;
  signals: ReadonlyMap<string, SignalInfo>;
  matches(event: ProductEvent): SignalHit[];
  isTrigger(signal: string): boolean;
  isBuying(signal: string): boolean;
}

/** Part of the hash: raised whenever the code folds the same events to another state, so that all are folded anew. */
const FOLD_FORM = 2;

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
  const hitsFor = compileEvents(config);
  const isActivity = compileActivity(config.activity);
  const signals = new Map(Object.entries(config.signals).map(([id, signal]) => [id, infoOf(id, signal)]));
  return {
    hash: createHash('sha256')
      .update(stableJson({ form: FOLD_FORM, config }))
      .digest('hex'),
    signals,
    isTrigger: (id) => signals.get(id)?.trigger ?? false,
    isBuying: (id) => signals.get(id)?.buying ?? false,
    matches: (event) => {
      const hits = hitsFor(event);
      return isActivity(event) ? [...hits, { signal: ACTIVITY, amount: 1 }] : hits;
    },
  };
}

function infoOf(id: string, { count, trigger, buying, abandoned }: SignalConfig): SignalInfo {
  const flow =
    abandoned === undefined
      ? null
      : { started: abandoned.started, completed: abandoned.completed, afterHours: abandoned.after_hours };
  return { id, count, trigger, buying, abandoned: flow };
}

function compileEvents(config: SignalsConfig): (event: ProductEvent) => SignalHit[] {
  const byEvent = new Map<string, { id: string; signal: SignalConfig }[]>();
  for (const [id, signal] of Object.entries(config.signals)) {
    for (const key of (signal.events ?? []).map(eventKey)) {
      byEvent.set(key, [...(byEvent.get(key) ?? []), { id, signal }]);
    }
  }
  return ({ kind, name, properties }) =>
    kind !== 'track' || name === null
      ? []
      : (byEvent.get(eventKey(name)) ?? []).flatMap(({ id, signal }) => hitsOf(id, signal, properties));
}

/** Track, page and screen are activity, unless configured away; identify, group, alias and cohorts are not. */
function compileActivity(activity: SignalsConfig['activity']): (event: ProductEvent) => boolean {
  const ignored = new Set(activity.ignore.map(eventKey));
  const publicPages = new Set(activity.public_pages.map(eventKey));
  const isIn = (keys: ReadonlySet<string>, name: Json | undefined) =>
    keys.size > 0 && typeof name === 'string' && keys.has(eventKey(name));
  return ({ kind, name, properties }) => {
    switch (kind) {
      case 'track':
        return !isIn(ignored, name);
      case 'page':
      case 'screen':
        return !isIn(publicPages, name) && !isIn(publicPages, propertyOf(properties, 'path'));
      default:
        return false;
    }
  };
}

function hitsOf(id: string, { where = {}, of, count }: SignalConfig, properties: JsonObject): SignalHit[] {
  if (!passesAll(where, properties)) {
    return [];
  }
  if (of === undefined) {
    return [{ signal: id, amount: 1 }];
  }
  const value = propertyOf(properties, of);
  return count === 'sum' ? sumHit(id, value) : memberHit(id, value);
}

/** A negative amount is no occurrence: sums only grow, which keeps them exact in any order. */
function sumHit(id: string, value: Json | undefined): SignalHit[] {
  const number = numberOf(value);
  return number === null || number < 0
    ? []
    : [{ signal: id, amount: Math.min(Math.round(number * SUM_UNIT), Number.MAX_SAFE_INTEGER), sum: true }];
}

function memberHit(id: string, value: Json | undefined): SignalHit[] {
  const member = comparable(value);
  return member === null ? [] : [{ signal: id, amount: 1, member }];
}
