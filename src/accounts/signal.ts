import type { CountMode } from './signals-config.ts';

/** How a signal's number comes about: a count mode, or `number` for k of n, ratio and trend. */
export type Counting = CountMode | 'number';

/** Times of day and days of the week that count, in the account's time zone. */
export interface During {
  /** Minutes since midnight; `from` included, `to` not. */
  from: number;
  to: number;
  /** Monday is 0. */
  weekdays: readonly number[];
}

/**
 * One signal of the catalogue: plain data, with the signals it refers to inside. Whoever asks for another way of
 * counting passes `{ ...signal, count }`, with a count of `countsFor`.
 */
export interface SignalInfo {
  id: string;
  count: Counting;
  /** Scored within seconds. */
  trigger: boolean;
  /** Starts the short clock of a rep. */
  buying: boolean;
  /** Whose days: of UTC, or of the account's time zone. */
  days: 'utc' | 'local';
  /** How many of the newest instants of each person are known. */
  recent: number;
  source: SignalSource;
  /** What was done, in words for texts: `invited {count|teammate|teammates}`; absent: nobody said. */
  label?: string;
  /** Id of the signal whose newest value says which one it was; absent: none does. */
  namedBy?: string;
}

/** What a signal is made of. Durations in milliseconds. `tally`: the id under which states keep what was counted. */
export type SignalSource =
  | { kind: 'counted'; tally: string; values: 'members' | 'sum' | null; during: During | null }
  | { kind: 'abandoned'; started: SignalInfo; completed: SignalInfo; after: number }
  | { kind: 'sequence'; steps: readonly SignalInfo[]; within: number; by: 'person' | 'account' }
  | { kind: 'became_active'; invited: SignalInfo }
  | { kind: 'any_of'; signals: readonly SignalInfo[] }
  | { kind: 'some_of'; signals: readonly SignalInfo[] }
  | { kind: 'ratio'; of: SignalInfo; to: SignalInfo; atLeastTo: number }
  | { kind: 'trend'; of: SignalInfo; days: number };

/** One signal that one event gives. */
export interface SignalHit {
  signal: string;
  /** 1, or the summed property in millionths; never negative. */
  amount: number;
  /** The amount is a summed property. */
  sum?: true;
  /** The distinct value, comparable form. */
  member?: string;
  /** How many newest instants to keep, where it is not RECENT_DEFAULT. */
  keeps?: number;
  /** Local time will be asked for: quarters of an hour are counted too. */
  fine?: true;
  /** Another hit of the same event is kept, under its own id, and serves this signal too. */
  shared?: true;
}

/** Sums are kept in millionths as safe integers, so that adding them in any order gives the same. */
export const SUM_UNIT = 1_000_000;
