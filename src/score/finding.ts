import type { AccountState } from '../accounts/state.ts';
import type { Json } from '../shared/json.ts';

/** All that a rule may look at. */
export interface Scene {
  state: AccountState;
  /** The account's traits in force. */
  traits: Record<string, Json>;
  /** ms since 1970, UTC. */
  now: number;
}

/** What a rule found. */
export interface Finding {
  /** How many times it was met; a rule that gives points once takes any number above 0 as once. */
  awards: number;
  /** Counts, people, dates, values, or what is missing: whatever shows where the points come from. */
  evidence: Record<string, Json>;
  /** Values for the placeholders of `why`. */
  words: Record<string, Json>;
  /** What to say when nothing was earned. */
  otherwise: string;
  /** First instant after now at which any of this could differ with no new event; null: never (I5). */
  nextChange: number | null;
}

/** A line with the instant at which it could differ with no new event. */
export interface Judged<Line> {
  line: Line;
  nextChange: number | null;
}
