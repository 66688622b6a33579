import { createHash } from 'node:crypto';
import type { ProductEvent } from '../events/event.ts';
import { type ConfigProblem, didYouMean, readConfig } from '../shared/config-file.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { comparable, numberOf } from './coerce.ts';
import {
  type CountMode,
  type FilterConfig,
  type SignalConfig,
  type SignalsConfig,
  signalsSchema,
} from './signals-config.ts';
import { ACTIVITY } from './state.ts';

/** One signal that one event gives. */
export interface SignalHit {
  signal: string;
  /** 1, or the summed property in millionths. */
  amount: number;
  /** The distinct value, comparable form. */
  member?: string;
}

export interface SignalInfo {
  id: string;
  count: CountMode;
  trigger: boolean;
  buying: boolean;
  abandoned: { started: string; completed: string; afterHours: number } | null;
}

/** The compiled catalogue: what each event counts for. */
export interface SignalPlan {
  /** Changes exactly when states must be folded again. */
  hash: string;
  /** Days kept per signal, counted back from its newest day. */
  horizonDays: number;
  signals: ReadonlyMap<string, SignalInfo>;
  matches(event: ProductEvent): SignalHit[];
  isTrigger(signal: string): boolean;
  isBuying(signal: string): boolean;
}

/** The longest window a model may ask for, in days: as far back as the journal reaches by default. */
export const HORIZON_DAYS = 400;

/** Sums are kept in millionths as safe integers, so that adding them in any order gives the same. */
export const SUM_UNIT = 1_000_000;
const SUM_MAX = 1_000_000_000;

/** `mappings/signals.yaml` as text -> plan, or every problem with its line. */
export function readSignals(file: string, text: string): Result<SignalPlan, ConfigProblem[]> {
  const read = readConfig(file, text, signalsSchema);
  if (!read.ok) {
    return read;
  }
  const { value, problem } = read.value;
  const problems = Object.entries(value.signals).flatMap(([id, signal]) =>
    contradictions(value, signal).map(({ path, found, allowed }) =>
      problem(['signals', id, ...path], found, allowed),
    ),
  );
  return problems.length > 0 ? err(problems) : ok(compileSignals(value));
}

interface Contradiction {
  path: string[];
  found: unknown;
  allowed: string;
}

function contradictions(config: SignalsConfig, signal: SignalConfig): Contradiction[] {
  const found: Contradiction[] = [];
  const needsProperty = signal.count === 'distinct value' || signal.count === 'sum';
  if (needsProperty && signal.of === undefined) {
    found.push({ path: ['count'], found: signal.count, allowed: `"${signal.count}" with "of: <property>"` });
  }
  if (!needsProperty && signal.of !== undefined) {
    found.push({
      path: ['of'],
      found: signal.of,
      allowed: 'nothing, unless count is "distinct value" or "sum"',
    });
  }
  if ((signal.events === undefined) === (signal.abandoned === undefined)) {
    found.push({ path: [], found: 'a signal', allowed: 'exactly one of events, abandoned' });
  }
  for (const key of ['started', 'completed'] as const) {
    const named = signal.abandoned?.[key];
    if (named !== undefined && config.signals[named]?.events === undefined) {
      const known = Object.keys(config.signals);
      const allowed = `the id of a signal counted from events${didYouMean(named, known)}`;
      found.push({ path: ['abandoned', key], found: named, allowed });
    }
  }
  return found;
}

export function compileSignals(config: SignalsConfig): SignalPlan {
  const byEvent = new Map<string, { id: string; signal: SignalConfig }[]>();
  for (const [id, signal] of Object.entries(config.signals)) {
    for (const name of signal.events ?? []) {
      const key = eventKey(name);
      byEvent.set(key, [...(byEvent.get(key) ?? []), { id, signal }]);
    }
  }
  const ignored = new Set(config.activity.ignore.map(eventKey));
  const publicPages = new Set(config.activity.public_pages.map(eventKey));
  const signals = new Map(Object.entries(config.signals).map(([id, signal]) => [id, infoOf(id, signal)]));
  return {
    hash: createHash('sha256').update(stableJson(config)).digest('hex'),
    horizonDays: HORIZON_DAYS,
    signals,
    isTrigger: (id) => signals.get(id)?.trigger ?? false,
    isBuying: (id) => signals.get(id)?.buying ?? false,
    matches: (event) => {
      const key = event.name === null ? '' : eventKey(event.name);
      const named = event.kind === 'track' ? (byEvent.get(key) ?? []) : [];
      const hits = named.flatMap(({ id, signal }) => hitOf(id, signal, event.properties));
      return isActivity(event, key, ignored, publicPages) ? [...hits, { signal: ACTIVITY, amount: 1 }] : hits;
    },
  };
}

function infoOf(id: string, signal: SignalConfig): SignalInfo {
  const { abandoned } = signal;
  return {
    id,
    count: signal.count,
    trigger: signal.trigger,
    buying: signal.buying,
    abandoned:
      abandoned === undefined
        ? null
        : { started: abandoned.started, completed: abandoned.completed, afterHours: abandoned.after_hours },
  };
}

/** Compares event names without regard to case, spaces, underscores and a leading "User ". */
export function eventKey(name: string): string {
  const key = name.toLowerCase().replace(/[\s_]+/g, '');
  return /^user[\s_]/i.test(name) ? key.slice(4) : key;
}

/** Track, page and screen are activity; identify, group, alias and cohorts are not. */
function isActivity(
  event: ProductEvent,
  key: string,
  ignored: ReadonlySet<string>,
  publicPages: ReadonlySet<string>,
): boolean {
  switch (event.kind) {
    case 'track':
      return !ignored.has(key);
    case 'page':
    case 'screen':
      return !publicPages.has(key);
    default:
      return false;
  }
}

function hitOf(id: string, signal: SignalConfig, properties: JsonObject): SignalHit[] {
  const holds = Object.entries(signal.where ?? {}).every(([name, filter]) =>
    passes(filter, properties[name]),
  );
  if (!holds) {
    return [];
  }
  if (signal.of === undefined) {
    return [{ signal: id, amount: 1 }];
  }
  return signal.count === 'sum' ? sumHit(id, properties[signal.of]) : memberHit(id, properties[signal.of]);
}

function sumHit(id: string, value: Json | undefined): SignalHit[] {
  const number = numberOf(value);
  if (number === null || Math.abs(number) > SUM_MAX) {
    return [];
  }
  return [{ signal: id, amount: Math.round(number * SUM_UNIT) }];
}

function memberHit(id: string, value: Json | undefined): SignalHit[] {
  const member = comparable(value);
  return member === null ? [] : [{ signal: id, amount: 1, member }];
}

function passes(filter: FilterConfig, value: Json | undefined): boolean {
  if (filter.exists !== undefined) {
    return filter.exists === (value !== undefined && value !== null);
  }
  const allowed = filter.in ?? (filter.equals === undefined ? [] : [filter.equals]);
  return allowed.some((one) => same(one, value));
}

/** The filter's own type decides how the value is read: senders deliver numbers and booleans as text. */
function same(expected: string | number | boolean, value: Json | undefined): boolean {
  if (typeof expected === 'number') {
    return numberOf(value) === expected;
  }
  return comparable(value) === comparable(expected);
}
