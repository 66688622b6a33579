import type { SignalInfo, SignalSource } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { daysFrame, earliest, frameOf, type Window } from '../window.ts';
import { type Measure, measureFrame, measureShares, noEvidence, settled } from './evidence.ts';

type SourceOf<K extends SignalSource['kind']> = Extract<SignalSource, { kind: K }>;

/** Measures a k of n, a ratio or a trend: numbers made of other signals' amounts. null: the signal is none of these. */
export function measureNumber(
  { source }: SignalInfo,
  state: AccountState,
  window: Window,
  now: number,
): Measure | null {
  switch (source.kind) {
    case 'some_of':
      return settled((at) => someOf(source, state, window, at), now);
    case 'ratio':
      return settled((at) => ratio(source, state, window, at), now);
    case 'trend':
      return settled((at) => trend(source, state, at), now);
    default:
      return null;
  }
}

/** k of n: which of the signals were given, and how many (S2-119). */
function someOf({ signals }: SourceOf<'some_of'>, state: AccountState, window: Window, now: number): Measure {
  const all = signals.map((one) => ({ id: one.id, found: measureShares(one, state, window, now) }));
  const given = all.filter(({ found }) => (found.amount ?? 0) > 0);
  const unknown = all.find(({ found }) => found.unknown !== undefined)?.found.unknown;
  const instants = (key: 'first' | 'last') => given.flatMap(({ found }) => found[key] ?? []);
  return {
    ...noEvidence(),
    count: given.length,
    users: [...new Set(given.flatMap(({ found }) => found.users))].sort(),
    members: given.map(({ id }) => id).sort(),
    distinct: given.length,
    days: [...new Set(given.flatMap(({ found }) => found.days))].sort((a, b) => a - b),
    first: given.length === 0 ? null : Math.min(...instants('first')),
    last: given.length === 0 ? null : Math.max(...instants('last')),
    amount: unknown === undefined ? given.length : null,
    nextChange: all.reduce<number | null>((next, { found }) => earliest(next, found.nextChange), null),
    ...(unknown === undefined ? {} : { unknown }),
    ...zoneOf(all.map(({ found }) => found)),
  };
}

/** One amount divided by another; unknown while there is too little below the line. Shows who gave what is above. */
function ratio(source: SourceOf<'ratio'>, state: AccountState, window: Window, now: number): Measure {
  const above = measureShares(source.of, state, window, now);
  const below = measureShares(source.to, state, window, now);
  const few =
    below.amount !== null && below.amount < source.atLeastTo
      ? `${source.to.id} is ${below.amount}, below ${source.atLeastTo}`
      : undefined;
  return quotient(above, below, above.unknown ?? below.unknown ?? few);
}

/** The last days against those before. Shows what happened in the last ones. */
function trend({ of, days }: SourceOf<'trend'>, state: AccountState, now: number): Measure {
  const later = measureShares(of, state, { days }, now);
  const { calendar } = frameOf(of, state, { days }, now);
  const earlier = measureFrame(of, state, daysFrame(calendar, days, days, now));
  const none = earlier.amount === 0 ? `nothing in the ${days} days before` : undefined;
  return quotient(later, earlier, none);
}

function quotient(above: Measure, below: Measure, unknown: string | undefined): Measure {
  const known = unknown === undefined && above.amount !== null && below.amount !== null;
  const { unknown: _, ...evidence } = above;
  return {
    ...evidence,
    amount: known ? Math.round(((above.amount ?? 0) / (below.amount ?? 1)) * 1e6) / 1e6 : null,
    nextChange: earliest(above.nextChange, below.nextChange),
    terms: [above.amount, below.amount],
    ...(unknown === undefined ? {} : { unknown }),
    ...zoneOf([above, below]),
  };
}

function zoneOf(parts: readonly Measure[]): Pick<Measure, 'zone'> {
  const zone = parts.find((part) => part.zone !== undefined)?.zone;
  return zone === undefined ? {} : { zone };
}
