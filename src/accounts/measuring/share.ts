import type { Pairs } from '../pairs.ts';
import type { SignalTally } from '../state.ts';
import { earliest, type Frame, leavesFrame } from '../window.ts';

/** What one person gave of a signal inside a frame. Everything that is measured is made of these. */
export interface Share {
  /** null: events without a person. */
  person: string | null;
  /** Occurrences, or the sum in millionths. */
  count: number;
  /** Days inside with their counts: the entries of `pairs` from `start` to before `end`. Not empty. */
  pairs: Pairs;
  start: number;
  end: number;
  /** The first is exact to the day; both never outside the frame. */
  first: number;
  last: number;
  /** When the oldest of it leaves; null: never. */
  leaves: number | null;
  /** Where its distinct values are; null: it has none. */
  tally: SignalTally | null;
}

export interface Shares {
  list: Share[];
  /** When the next of what is known to come begins to count. */
  begins: number | null;
}

/** One derived occurrence. */
export interface Instant {
  person: string | null;
  at: number;
}

/** Occurrences that are known one by one, as shares of their people. */
export function sharesOfInstants(instants: readonly Instant[], frame: Frame): Shares {
  const byPerson = new Map<string | null, number[]>();
  let begins: number | null = null;
  for (const { person, at } of instants) {
    if (at >= frame.from && at < frame.until) {
      if (at > frame.now) {
        begins = earliest(begins, at);
      } else {
        const own = byPerson.get(person);
        own === undefined ? byPerson.set(person, [at]) : own.push(at);
      }
    }
  }
  const list = [...byPerson].map(([person, own]) =>
    shareOf(
      person,
      own.sort((a, b) => a - b),
      frame,
      null,
    ),
  );
  return { list, begins };
}

/** `instants`: all of them inside, oldest first, at least one. */
export function shareOf(
  person: string | null,
  instants: readonly number[],
  frame: Frame,
  tally: SignalTally | null,
): Share {
  const pairs: Pairs = [];
  for (const at of instants) {
    const day = frame.calendar.dayOf(at);
    const { length } = pairs;
    if (pairs[length - 2] === day) {
      pairs[length - 1] = (pairs[length - 1] ?? 0) + 1;
    } else {
      pairs.push(day, 1);
    }
  }
  const [first = 0] = instants;
  return {
    person,
    count: instants.length,
    pairs,
    start: 0,
    end: pairs.length,
    first,
    last: instants.at(-1) ?? first,
    leaves: leavesFrame(frame, first),
    tally,
  };
}
