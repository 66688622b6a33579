import { Decimal } from 'decimal.js';
import type { PlainPeople, PlainSubject } from './plain.ts';
import { valuePasses } from './tests.ts';
import { dayOf, plain, sixDecimals } from './units.ts';
import {
  accountTrait,
  isIn,
  type Occurrence,
  occurrencesOf,
  peopleOf,
  personTrait,
  signalIn,
  type World,
} from './world.ts';

/** How the signal of a rule or a condition counts: as it says, else as signals.yaml says. */
export function modeOf(world: World, { signal = '', count }: PlainSubject): string {
  return count ?? world.signals.signals[signal]?.count ?? 'number';
}

export function occurrencesIn(world: World, { signal = '', window = 'lifetime' }: PlainSubject) {
  return occurrencesOf(world, signal).filter(({ at }) => isIn(world, window, at) === true);
}

/** The number that a signal has in a window; null when it is not known. */
export function signalCount(world: World, subject: PlainSubject): Decimal | null {
  const { signal = '', window = 'lifetime' } = subject;
  if (isIn(world, window, world.now) === null) {
    return null;
  }
  const mode = modeOf(world, subject);
  if (mode !== 'number') {
    return countOf(occurrencesIn(world, subject), mode);
  }
  const { some_of: several, ratio } = signalIn(world, signal);
  if (ratio !== undefined) {
    const above = signalCount(world, { signal: ratio.of, window });
    const below = signalCount(world, { signal: ratio.to, window });
    return above === null || below === null || below.lt(ratio.at_least_to)
      ? null
      : sixDecimals(above.div(below));
  }
  const given = (several ?? []).filter((one) => signalCount(world, { signal: one, window })?.gt(0));
  return new Decimal(given.length);
}

/** The number that occurrences make in a way of counting. */
function countOf(occurrences: readonly Occurrence[], mode: string): Decimal {
  const values = occurrences.map(({ value }) => value);
  const people = occurrences.map(({ person }) => person).filter((person) => person !== null);
  const days = new Set(occurrences.map(({ at }) => dayOf(at)));
  switch (mode) {
    case 'once':
      return new Decimal(occurrences.length > 0 ? 1 : 0);
    case 'each':
      return new Decimal(occurrences.length);
    case 'distinct value':
      return new Decimal(new Set(values.map(plain)).size);
    case 'distinct users':
      return new Decimal(new Set(people).size);
    case 'distinct days':
      return new Decimal(days.size);
    case 'consecutive days':
      return new Decimal(Math.max(0, ...[...days].map((day) => runFrom(days, day))));
    case 'sum':
      return values.reduce<Decimal>((sum, one) => sum.plus(amountOf(one)), new Decimal(0));
    default:
      throw new Error(`no way of counting: ${mode}`);
  }
}

/** How many days in a row, beginning with this one. */
function runFrom(days: ReadonlySet<number>, day: number): number {
  return days.has(day) ? 1 + runFrom(days, day + 1) : 0;
}

/** What an event adds to a sum, to six decimals. */
export function amountOf(value: unknown): Decimal {
  return sixDecimals(new Decimal(plain(value)));
}

/** Different entries of a list, or of a text with commas; null when nobody knows the list. */
export function entriesOf(world: World, trait: string): Decimal | null {
  const value = accountTrait(world, trait);
  if (valuePasses({ known: true }, value) !== true) {
    return null;
  }
  const entries = Array.isArray(value) ? value : String(value).split(',');
  return new Decimal(new Set(entries.map(plain).filter((entry) => entry !== '')).size);
}

/** How many people, or how many different values of their trait. */
export function peopleCount(world: World, { where = {}, active_within, distinct }: PlainPeople): Decimal {
  const active = occurrencesOf(world, 'activity').filter(
    ({ at }) => active_within === undefined || isIn(world, active_within, at) === true,
  );
  const people = peopleOf(world).filter(
    (person) =>
      (active_within === undefined || active.some((one) => one.person === person)) &&
      Object.entries(where).every(
        ([trait, test]) => valuePasses(test, personTrait(world, person, trait)) === true,
      ),
  );
  if (distinct === undefined) {
    return new Decimal(people.length);
  }
  const values = people
    .map((person) => personTrait(world, person, distinct))
    .filter((value) => valuePasses({ known: true }, value));
  return new Decimal(new Set(values.map(plain)).size);
}
