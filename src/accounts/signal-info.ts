import { HORIZON_DAYS } from '../events/clock-rules.ts';
import type { Json } from '../shared/json.ts';
import { HOUR } from '../shared/time.ts';
import { isFine, talliesOf } from './catalogue/folded.ts';
import type { Counting, During, SignalInfo, SignalSource } from './signal.ts';
import { type DuringConfig, type SignalConfig, type SignalsConfig, WEEKDAYS } from './signals-config.ts';
import { ACTIVITY, FINE_DAYS, FINE_FIRST_DAYS, FIRST_DAYS_MAX, RECENT_DEFAULT } from './state.ts';

/** Every call that counts as activity: always in the catalogue. */
export const ACTIVITY_INFO: SignalInfo = {
  id: ACTIVITY,
  count: 'each',
  trigger: false,
  buying: false,
  days: 'utc',
  recent: RECENT_DEFAULT,
  source: { kind: 'counted', tally: ACTIVITY, values: null, during: null },
};

/** The catalogue of a configuration that was checked: every reference exists and none goes in a circle. */
export function infosOf(config: SignalsConfig): Map<string, SignalInfo> {
  const infos = new Map([[ACTIVITY, ACTIVITY_INFO]]);
  const tallies = talliesOf(config);
  const infoOf = (id: string): SignalInfo => {
    const known = infos.get(id);
    const signal = config.signals[id];
    if (known !== undefined || signal === undefined) {
      return known ?? ACTIVITY_INFO;
    }
    const info = compileInfo(id, signal, tallies.get(id) ?? id, infoOf);
    infos.set(id, info);
    return info;
  };
  return new Map(
    Object.keys(config.signals)
      .map((id) => [id, infoOf(id)] as const)
      .concat([[ACTIVITY, ACTIVITY_INFO]]),
  );
}

function compileInfo(
  id: string,
  signal: SignalConfig,
  tally: string,
  infoOf: (id: string) => SignalInfo,
): SignalInfo {
  const source = sourceOf(signal, tally, infoOf);
  const { trigger, buying, recent, count = 'number', label, named_by } = signal;
  const local = isFine(signal) || (source.kind === 'any_of' && source.signals[0]?.days === 'local');
  return {
    id,
    count,
    trigger,
    buying,
    days: local ? 'local' : 'utc',
    recent,
    source,
    ...(label === undefined ? {} : { label }),
    ...(named_by === undefined ? {} : { namedBy: named_by }),
  };
}

function sourceOf(signal: SignalConfig, tally: string, infoOf: (id: string) => SignalInfo): SignalSource {
  const { abandoned, sequence, became_active, any_of, some_of, ratio, trend } = signal;
  if (abandoned !== undefined) {
    const { started, completed, after_hours } = abandoned;
    const ends = { started: infoOf(started), completed: infoOf(completed) };
    return { kind: 'abandoned', ...ends, after: after_hours * HOUR };
  }
  if (sequence !== undefined) {
    return { kind: 'sequence', ...sequence, steps: sequence.steps.map(infoOf) };
  }
  if (became_active !== undefined) {
    return { kind: 'became_active', invited: infoOf(became_active.invited) };
  }
  if (any_of !== undefined) {
    return { kind: 'any_of', signals: any_of.map(infoOf) };
  }
  if (some_of !== undefined) {
    return { kind: 'some_of', signals: some_of.map(infoOf) };
  }
  if (ratio !== undefined) {
    return { kind: 'ratio', of: infoOf(ratio.of), to: infoOf(ratio.to), atLeastTo: ratio.at_least_to };
  }
  return trend === undefined
    ? countedSource(signal, tally)
    : { kind: 'trend', of: infoOf(trend.of), days: trend.days };
}

function countedSource({ count, during }: SignalConfig, tally: string): SignalSource {
  const values = count === 'distinct value' ? 'members' : count === 'sum' ? 'sum' : null;
  return { kind: 'counted', tally, values, during: during === undefined ? null : duringOf(during) };
}

function duringOf({ from, to, days }: DuringConfig): During {
  const weekdays = days.map((day) => WEEKDAYS.indexOf(day));
  return { from: minutesOf(from), to: minutesOf(to), weekdays };
}

/** `09:30` -> 570. */
export function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** The ways in which a signal's occurrences can become a number; a model may choose another than signals.yaml. */
export function countsFor({ source, count }: SignalInfo): readonly Counting[] {
  if (count === 'number') {
    return ['number'];
  }
  if (source.kind === 'counted' && source.values === 'sum') {
    return ['sum', 'once', 'distinct users', 'distinct days', 'consecutive days'];
  }
  const members = source.kind === 'counted' && source.values === 'members';
  const all: Counting[] = ['once', 'each', 'distinct users', 'distinct days', 'consecutive days'];
  return members ? [...all, 'distinct value'] : all;
}

/** Where a tally is kept, who is woken by it, and what it is called, changes no number. */
const NO_NUMBER = ['trigger', 'buying', 'tally', 'label', 'namedBy'];

/** All that decides what a signal measures, as plain data: part of the version of every model that uses it. */
export function definitionOf(signal: SignalInfo): Json {
  return JSON.parse(
    JSON.stringify(signal, (key, value: unknown) => (NO_NUMBER.includes(key) ? undefined : value)),
  ) as Json;
}

/** How far back a state knows a signal exactly. A longer window would count what is no longer there. */
export interface Reach {
  /** Longest window in days, and longest `first N days`. */
  days: number;
  firstDays: number;
  /** Longest window in hours; 0: hours are too coarse or too fine for it. */
  hours: number;
  /** Whether all time can be asked for. */
  lifetime: boolean;
  /** How many occurrences of each person a window in hours can see. */
  inHours: number;
}

/** The bounds that windows of rules must keep. A trend has a window of its own, and any other is ignored. */
export function reachOf(signal: SignalInfo): Reach {
  const { source } = signal;
  switch (source.kind) {
    case 'counted':
      return countedReach(signal, source);
    case 'abandoned':
      return { ...FULL, inHours: source.started.recent };
    case 'sequence':
      return { ...FULL, inHours: source.steps.at(-1)?.recent ?? RECENT_DEFAULT };
    case 'any_of':
    case 'some_of':
      return source.signals.map(reachOf).reduce(shorter);
    case 'ratio':
      return shorter(reachOf(source.of), reachOf(source.to));
    default:
      return FULL;
  }
}

/**
 * How far back the newest occurrence is known. Where only some times of day count it is looked for in quarters of an hour,
 * which are kept for as long as local days are.
 */
export function reachOfNewest({ source }: SignalInfo): Reach {
  if (source.kind === 'any_of') {
    return source.signals.map(reachOfNewest).reduce(shorter);
  }
  return source.kind === 'counted' && source.during !== null
    ? { ...FULL, days: FINE_DAYS, hours: 0, lifetime: false }
    : FULL;
}

const FULL: Reach = {
  days: HORIZON_DAYS,
  firstDays: FIRST_DAYS_MAX,
  hours: HORIZON_DAYS * 24,
  lifetime: true,
  inHours: Number.POSITIVE_INFINITY,
};

function countedReach(signal: SignalInfo, source: Extract<SignalSource, { kind: 'counted' }>): Reach {
  const fine =
    signal.days === 'local' ? { days: FINE_DAYS, firstDays: FINE_FIRST_DAYS, lifetime: false } : {};
  const hours = source.during !== null || signal.count === 'sum' ? { hours: 0 } : {};
  return { ...FULL, inHours: signal.recent, ...fine, ...hours };
}

function shorter(a: Reach, b: Reach): Reach {
  return {
    days: Math.min(a.days, b.days),
    firstDays: Math.min(a.firstDays, b.firstDays),
    hours: Math.min(a.hours, b.hours),
    lifetime: a.lifetime && b.lifetime,
    inHours: Math.min(a.inHours, b.inHours),
  };
}
