import type { SignalInfo } from '../accounts/signal.ts';
import { ACTIVITY_INFO } from '../accounts/signal-info.ts';
import type { AccountState } from '../accounts/state.ts';
import type { Json } from '../shared/json.ts';
import { isoInstant } from '../shared/time.ts';
import { type Atom, atomsOf } from './compile/atoms.ts';
import { scoreOf } from './evaluate.ts';
import type { Model, Test } from './model.ts';
import { type Doer, withEntries, withOccurrences, withTrait } from './what-if.ts';

/** One change that would carry the account into a higher tier. */
export interface Closer {
  /** `1 more: seats invited`, `3 more people active`, `employees known to be 101`. */
  what: string;
  /** How often it has to happen. */
  times: number;
  /** The tier that it leads to. */
  tier: string;
  /** From this instant on it would not be enough any more, ISO 8601; null: no such instant is in sight. */
  by: string | null;
}

/** Something that could happen, any number of times. */
interface Try {
  key: string;
  /** The trait that somebody would learn: one that is known is what it is. */
  learns?: string;
  /** What happens: any one of these. */
  names: readonly string[];
  words(times: number): string;
  most: number;
  apply(state: AccountState, times: number, now: number): AccountState;
}

interface Found {
  one: Try;
  times: number;
}

/** Further than so many occurrences away is no single change. */
const MOST_TIMES = 100;

/**
 * The smallest single changes that reach a higher tier, smallest first (S3-49): a signal given once or more by one
 * person, by new people, new people who are active, or one trait that becomes known. Each is tried on the state by
 * the evaluation itself.
 *
 * @param now ms since 1970, UTC
 */
export function closer(model: Model, state: AccountState, now: number, most = 3): Closer[] {
  const rank = (tier: string) => model.tiers.findIndex(({ id }) => id === tier);
  const held = rank(scoreOf(model, state, now).tier);
  if (held === model.tiers.length - 1) {
    return [];
  }
  const tierAfter = (one: Try, times: number, at = now) =>
    scoreOf(model, one.apply(state, times, at), at).tier;
  const known = model.facts.account(state);
  const possible = triesOf(model).filter(({ learns }) => learns === undefined || known[learns] === undefined);
  const found = distinct(possible).flatMap((one): Found[] => {
    const times = smallest(one.most, (n) => rank(tierAfter(one, n)) > held);
    return times === null ? [] : [{ one, times }];
  });
  const best = found
    .filter((one) => !found.some((other) => covers(other, one)))
    .sort((a, b) => a.times - b.times)
    .slice(0, most);
  const instants = best.length === 0 ? [] : instantsAhead(model, state, now);
  return best.map(({ one, times }) => ({
    what: one.words(times),
    times,
    tier: tierAfter(one, times),
    by: deadline(instants, (at) => rank(tierAfter(one, times, at)) > held),
  }));
}

/** The smallest number up to `most` that is enough; more is never worse than less. null: none is. */
function smallest(most: number, enough: (times: number) => boolean): number | null {
  if (!enough(most)) {
    return null;
  }
  let [low, high] = [0, most];
  for (let step = 1; step < most; step *= 2) {
    if (enough(step)) {
      high = step;
      break;
    }
    low = step;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = enough(middle) ? [low, middle] : [middle, high];
  }
  return high;
}

/** Instants at which the account changes by itself and at which a change is asked again whether it is enough. */
const LOOKS_AHEAD = 16;

/** The next instants at which the account changes by itself. */
function instantsAhead(model: Model, state: AccountState, now: number): number[] {
  const instants: number[] = [];
  let at = scoreOf(model, state, now).validUntil;
  while (at !== null && instants.length < LOOKS_AHEAD) {
    instants.push(at);
    at = scoreOf(model, state, at).validUntil;
  }
  return instants;
}

/** The first of the instants at which a change is not enough any more. What is not enough once stays so. */
function deadline(instants: readonly number[], enough: (at: number) => boolean): string | null {
  const last = instants.at(-1);
  if (last === undefined || enough(last)) {
    return null;
  }
  let [low, high] = [-1, instants.length - 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = enough(instants[middle] ?? last) ? [middle, high] : [low, middle];
  }
  return isoInstant(instants[high] ?? last);
}

/** What several rules and gates ask for is tried once. */
function distinct(tries: readonly Try[]): Try[] {
  return [...new Map(tries.map((one) => [one.key, one])).values()];
}

/** One of several things that are each enough needs no line of its own beside "any of" them. */
function covers(wide: Found, narrow: Found): boolean {
  const names = new Set(wide.one.names);
  return (
    wide !== narrow &&
    wide.times === narrow.times &&
    names.size > narrow.one.names.length &&
    narrow.one.names.every((name) => names.has(name))
  );
}

function triesOf(model: Model): Try[] {
  const others = model.segments.flatMap((segment) => segment.model ?? []);
  return [model, ...others].flatMap((one) => atomsOf(one).flatMap(triesFor));
}

function triesFor({ subject, test }: Atom): Try[] {
  switch (subject.kind) {
    case 'signal':
      return [occurrences([subject.signal], subject.signal.count === 'distinct users' ? 'new' : 'same')];
    case 'last':
      return [occurrences(subject.signals, 'same')];
    case 'people':
      return subject.distinct === null && subject.where.length === 0
        ? [newPeople(subject.within === null ? '' : ' active')]
        : [];
    case 'entries':
      return [moreEntries(subject.trait)];
    case 'trait':
      return test === null ? [] : [knownTrait(subject.trait, test)];
    default:
      return [];
  }
}

/** What can happen so that a signal is given; what comes with time, or is a number, does not happen by itself. */
function happenings(signal: SignalInfo): readonly SignalInfo[] {
  switch (signal.source.kind) {
    case 'counted':
      return [signal];
    case 'any_of':
    case 'some_of':
      return signal.source.signals.flatMap(happenings);
    case 'sequence':
      return signal.source.steps.slice(-1).flatMap(happenings);
    default:
      return [];
  }
}

function occurrences(signals: readonly SignalInfo[], doer: Doer): Try {
  const happening = signals.flatMap(happenings);
  const [first] = happening;
  const names = happening.map(({ id }) => id.replaceAll('_', ' '));
  const what = names.length === 1 ? `${names[0]}` : `any of ${names.join(', ')}`;
  return {
    key: `${doer} ${names.join(', ')}`,
    names,
    words: (times) => {
      const who = doer === 'new' ? `, by ${times === 1 ? 'somebody' : 'people'} new` : '';
      return `${times} more${who}: ${what}`;
    },
    most: first === undefined ? 0 : MOST_TIMES,
    apply: (state, times, now) =>
      first === undefined ? state : withOccurrences(state, first, times, doer, now),
  };
}

function newPeople(how: string): Try {
  return {
    ...occurrences([ACTIVITY_INFO], 'new'),
    key: `people${how}`,
    words: (times) => `${times} more ${times === 1 ? 'person' : 'people'}${how}`,
  };
}

function moreEntries(trait: string): Try {
  return {
    key: `entries ${trait}`,
    names: [trait],
    words: (times) => `${times} more in ${trait.replaceAll('_', ' ')}`,
    most: MOST_TIMES,
    apply: (state, times) => withEntries(state, trait, times),
  };
}

function knownTrait(trait: string, test: Test): Try {
  const value = passing(test);
  return {
    key: `trait ${trait} ${JSON.stringify(value)}`,
    learns: trait,
    names: [trait],
    words: () => `${trait} known to be ${value}`,
    most: value === null ? 0 : 1,
    apply: (state, times) => (times === 0 || value === null ? state : withTrait(state, trait, value)),
  };
}

/** A value that passes; null: none can be made up. */
function passing(test: Test): Json {
  switch (test.kind) {
    case 'number':
      return Number.isFinite(test.least) ? test.least : test.most;
    case 'one_of':
      return test.values[0] ?? null;
    default:
      return null;
  }
}
