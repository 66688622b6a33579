import type { AccountState, PersonPart } from '../../accounts/state.ts';
import type { Json } from '../../shared/json.ts';
import type { Test } from '../model.ts';

/** All that a rule or condition may look at. */
export interface Scene {
  state: AccountState;
  /** The account's traits in force and what is concluded from them; what is not known is absent. */
  facts: Readonly<Record<string, Json>>;
  /** The same for one person. */
  person(part: PersonPart): Readonly<Record<string, Json>>;
  /** ms since 1970, UTC. */
  now: number;
  /** Whether rules above gave something, and gates above pass. */
  rules: Map<string, boolean>;
  gates: Map<string, boolean>;
}

/**
 * What was found where a rule or condition looks, before anything is asked of it. Numbers are there at once; words
 * are made when they are asked for, because most scores are never read.
 */
export interface Look {
  /** How many; null: not a count, or not known. */
  readonly amount: number | null;
  /** The value of a trait; undefined: not a value, or not known. */
  readonly value?: Json | undefined;
  /** The newest instant, for what asks how long ago; null: never. */
  readonly last?: number | null;
  /** What cannot be known for lack of data, in words; null: everything is known. */
  readonly missing: string | null;
  /** First instant after now at which any of this differs for whoever asks, with no new event; null: never (I5). */
  readonly nextChange: number | null;
  /** Counts, people, dates, values, or what is missing: whatever shows where points come from. */
  evidence(): Record<string, Json>;
  /** Values for the placeholders of `why`. */
  words(): Record<string, Json>;
  /** What there is, beside what the test wants: `2 of at least 3 in the last 30 days`. */
  short(test: Test | null): string;
}

/** A line, written when it is asked for, with the instant at which it differs with no new event. */
export interface Judged<Line> {
  line(): Line;
  readonly nextChange: number | null;
}
