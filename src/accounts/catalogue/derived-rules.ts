import { HORIZON_DAYS } from '../../events/clock-rules.ts';
import type { SignalConfig, SignalsConfig } from '../signals-config.ts';
import { ACTIVITY, FINE_DAYS } from '../state.ts';
import { isFine } from './folded.ts';
import { type Contradiction, isCounted, type Rule } from './rule.ts';

/**
 * Rules about signals that refer to others. Unions hold no unions, and numbers no numbers: what refers can never be
 * referred to by what it is made of, so that nothing goes in a circle and nothing multiplies.
 */
export const RULES_OF_DERIVED: readonly Rule[] = [referencesFit, listsAreDistinct, daysAgree, trendFitsReach];

/** A reference to another signal, by where it stands, with what it may name. */
interface Reference {
  path: PropertyKey[];
  id: string;
  fits: (signal: SignalConfig) => boolean;
  /** In words. */
  wanted: string;
}

/** Instants as they came: times of day would have to be sorted out before the account's zone is known. */
const isPlain = (signal: SignalConfig) => isCounted(signal) && signal.during === undefined;
const isNumber = ({ some_of, ratio, trend }: SignalConfig) =>
  some_of !== undefined || ratio !== undefined || trend !== undefined;
const isAmount = (signal: SignalConfig) => !isNumber(signal);
const hasValues = ({ count }: SignalConfig) => count === 'distinct value';
const VALUES = 'the id of a signal with count: distinct value';
const PLAIN = 'the id of a signal counted from events, without during';
const AMOUNT = 'the id of a signal that is no some_of, ratio or trend';

function referencesOf(signal: SignalConfig): Reference[] {
  const { abandoned, sequence, became_active, any_of, some_of, ratio, trend, named_by } = signal;
  const each = (ids: readonly string[], path: PropertyKey[], fits: Reference['fits'], wanted: string) =>
    ids.map((id, i): Reference => ({ path: [...path, i], id, fits, wanted }));
  const one = (id: string | undefined, path: PropertyKey[], fits: Reference['fits'], wanted: string) =>
    id === undefined ? [] : [{ path, id, fits, wanted }];
  return [
    ...one(abandoned?.started, ['abandoned', 'started'], isPlain, PLAIN),
    ...one(abandoned?.completed, ['abandoned', 'completed'], isPlain, PLAIN),
    ...each(sequence?.steps ?? [], ['sequence', 'steps'], isPlain, PLAIN),
    ...one(became_active?.invited, ['became_active', 'invited'], hasValues, VALUES),
    ...one(named_by, ['named_by'], hasValues, VALUES),
    ...each(
      any_of ?? [],
      ['any_of'],
      (other) => isAmount(other) && other.any_of === undefined && other.count !== 'sum',
      'the id of a signal that is no any_of, some_of, ratio or trend, and no sum',
    ),
    ...each(some_of ?? [], ['some_of'], isAmount, AMOUNT),
    ...one(ratio?.of, ['ratio', 'of'], isAmount, AMOUNT),
    ...one(ratio?.to, ['ratio', 'to'], isAmount, AMOUNT),
    ...one(
      trend?.of,
      ['trend', 'of'],
      (other) => isAmount(other) && other.count !== 'distinct value',
      `${AMOUNT}, and no distinct value`,
    ),
  ];
}

/** What `activity` is, as if it stood in the file. */
const BUILT_IN = { activity: true, count: 'each', days: 'utc' } as SignalConfig;

function signalOf(config: SignalsConfig, id: string): SignalConfig | undefined {
  return id === ACTIVITY ? BUILT_IN : Object.hasOwn(config.signals, id) ? config.signals[id] : undefined;
}

function referencesFit(signal: SignalConfig, own: string, config: SignalsConfig): Contradiction[] {
  return referencesOf(signal).flatMap(({ path, id, fits, wanted }) => {
    const named = signalOf(config, id);
    if (named !== undefined && fits(named)) {
      return [];
    }
    const fitting = [...Object.keys(config.signals), ACTIVITY].filter((other) => {
      const known = signalOf(config, other);
      return other !== own && known !== undefined && fits(known);
    });
    return [{ path, found: id, allowed: wanted, names: fitting }];
  });
}

function listsAreDistinct({ sequence, any_of, some_of }: SignalConfig): Contradiction[] {
  const lists: [PropertyKey[], readonly string[]][] = [
    [['sequence', 'steps'], sequence?.steps ?? []],
    [['any_of'], any_of ?? []],
    [['some_of'], some_of ?? []],
  ];
  return lists.flatMap(([path, ids]) =>
    ids.flatMap((found, i) =>
      ids.indexOf(found) < i
        ? [{ path: [...path, i], found, allowed: 'a signal that is not in the list already' }]
        : [],
    ),
  );
}

/** A union has one kind of days; k of n, ratios and trends leave days to their signals. */
function daysAgree(signal: SignalConfig, _id: string, config: SignalsConfig): Contradiction[] {
  const { any_of = [], days } = signal;
  if (days === 'local' && (any_of.length > 0 || isNumber(signal))) {
    const allowed = 'nothing: the days are those of the signals it is made of';
    return [{ path: ['days'], found: days, allowed }];
  }
  const kinds = new Set(any_of.map((id) => hasLocalDays(config, id)));
  const allowed = 'signals that all count days of UTC, or all local ones';
  return kinds.size > 1 ? [{ path: ['any_of'], found: any_of, allowed }] : [];
}

function hasLocalDays(config: SignalsConfig, id: string): boolean {
  const signal = signalOf(config, id);
  const [first] = signal?.any_of ?? [];
  const below = first === undefined ? signal : signalOf(config, first);
  return below !== undefined && isFine(below);
}

/** Both stretches must lie where states still know every day. */
function trendFitsReach({ trend }: SignalConfig, _id: string, config: SignalsConfig): Contradiction[] {
  if (trend === undefined) {
    return [];
  }
  const most = Math.floor((hasLocalDays(config, trend.of) ? FINE_DAYS : HORIZON_DAYS) / 2);
  const allowed = `at most ${most} days, twice of which is known`;
  return trend.days <= most ? [] : [{ path: ['trend', 'days'], found: trend.days, allowed }];
}
