import { isoDate, startOfUtcDay, utcDay, weekdayOf } from '../../shared/time.ts';
import type { BusinessHours } from './business-hours.ts';

/** Who may be given accounts, as handoff.yaml names them. E-mails are in small letters. */
export interface Person {
  email: string;
  name: string | null;
  /** E-mail of whom a deadline that nobody kept is told. */
  manager: string | null;
  /** New tasks in a week, at most; null: as many as the pool says. */
  aWeek: number | null;
  out: readonly Absence[];
  /** Whose clock says which day and week it is. */
  hours: BusinessHours;
}

/** Local dates (ISO), both included. */
export interface Absence {
  from: string;
  to: string;
}

export type PickRule = 'round_robin' | 'least_loaded' | 'steady';

export interface Pool {
  id: string;
  /** E-mails, in the order of the file: of two with equal claims the first is chosen. */
  people: readonly string[];
  pick: PickRule;
  /** New tasks in a week for each of them, at most; null: any number. */
  aWeek: number | null;
}

export interface Team {
  /** By e-mail: everybody under `people`, and whoever else a pool names. */
  people: ReadonlyMap<string, Person>;
  pools: ReadonlyMap<string, Pool>;
}

export const NO_TEAM: Team = { people: new Map(), pools: new Map() };

/** Whom a breach is told of, when nobody has named another; null: nobody. */
export function managerOf({ people }: Team, email: string): string | null {
  return people.get(email.toLowerCase())?.manager ?? null;
}

/** The absence that a person's own date falls into at an instant (ms); null: they are there. */
export function absenceAt({ out, hours }: Pick<Person, 'out' | 'hours'>, now: number): Absence | null {
  const today = isoDate(now + hours.offset(now));
  return out.find(({ from, to }) => from <= today && today <= to) ?? null;
}

/** When the ISO week of an instant began (ms), by a person's own clock: Monday at midnight. */
export function weekBegin({ offset }: BusinessHours, now: number): number {
  const day = utcDay(now + offset(now));
  const monday = startOfUtcDay(day - weekdayOf(day));
  // The clock may have been set since Monday: the offset of then counts.
  return monday - offset(monday - offset(now));
}

/** New tasks in a week that the pool may bring them to; null: any number. Their own number counts before the pool's. */
export function capacityOf({ people }: Team, email: string, pool: Pool | null): number | null {
  return people.get(email)?.aWeek ?? pool?.aWeek ?? null;
}
