import type { CountMode } from './signals-config.ts';

/** One signal of the catalogue. */
export interface SignalInfo {
  id: string;
  count: CountMode;
  /** Scored within seconds. */
  trigger: boolean;
  /** Starts the short clock of a rep. */
  buying: boolean;
  /** Not counted from events but derived when scored. */
  abandoned: AbandonedFlow | null;
}

/** A flow that somebody began and nobody of the account finished in time. Ids of signals; hours. */
export interface AbandonedFlow {
  started: string;
  completed: string;
  afterHours: number;
}

/** One signal that one event gives. */
export interface SignalHit {
  signal: string;
  /** 1, or the summed property in millionths; never negative. */
  amount: number;
  /** The amount is a summed property. */
  sum?: true;
  /** The distinct value, comparable form. */
  member?: string;
}

/** Sums are kept in millionths as safe integers, so that adding them in any order gives the same. */
export const SUM_UNIT = 1_000_000;
