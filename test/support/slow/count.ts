import { Decimal } from 'decimal.js';
import type { PlainPeople, PlainSubject } from './plain.ts';
import { valuePasses } from './tests.ts';
import { dayOf, plain } from './units.ts';
import {
  accountTrait,
  isIn,
  type Occurrence,
  occurrencesOf,
  peopleOf,
  personTrait,
  type World,
} from './world.ts';

/** How the signal of a rule or a condition counts: as it says, else as signals.yaml says. */
export function modeOf(world: World, { signal = '', count }: PlainSubject): string {
  const mode = count ?? world.signals.signals[signal]?.count;
  if (mode === undefined) {
    throw new Error(`how does ${signal} count?`);
  }
  return mode;
}

export function occurrencesIn(world: World, { signal = '', window = 'lifetime' }: PlainSubject) {
  return occurrencesOf(world, signal).filter(({ at }) => isIn(world, window, at));
}

/** The number that occurrences make in a way of counting. */
export function countOf(occurrences: readonly Occurrence[], mode: string): Decimal {
  const values = occurrences.map(({ value }) => value).filter((value) => value !== null);
  const people = occurrences.map(({ person }) => person).filter((person) => person !== null);
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
      return new Decimal(new Set(occurrences.map(({ at }) => dayOf(at))).size);
    case 'sum':
      return values.map(amountOf).reduce((sum, one) => sum.plus(one), new Decimal(0));
    default:
      throw new Error(`no way of counting: ${mode}`);
  }
}

/** What an event adds to a sum: nothing when it holds no number, or a negative one. */
export function amountOf(value: unknown): Decimal {
  const isNumber =
    typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()));
  return isNumber && Number(value) > 0 ? new Decimal(String(value).trim()) : new Decimal(0);
}

/** Different entries of a list; null when nobody knows the list. */
export function entriesOf(world: World, trait: string): Decimal | null {
  const value = accountTrait(world, trait);
  if (value === null) {
    return null;
  }
  return new Decimal(new Set((Array.isArray(value) ? value : [value]).map(plain)).size);
}

/** How many people, or how many different values of their trait. */
export function peopleCount(world: World, { where = {}, active_within, distinct }: PlainPeople): Decimal {
  const active = occurrencesOf(world, 'activity').filter(
    ({ at }) => active_within === undefined || isIn(world, active_within, at),
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
  const values = people.map((person) => personTrait(world, person, distinct)).filter((one) => one !== null);
  return new Decimal(new Set(values.map(plain)).size);
}
