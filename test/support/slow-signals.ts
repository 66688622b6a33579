import type { Window } from '../../src/accounts/window.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';

/**
 * Signals by definition: counted anew from all events, with the time zone asked of Intl for every instant. Slow and
 * plain, and nothing of it is shared with the code under test.
 */
export interface Happening {
  person: string;
  name: string;
  at: number;
  /** Invited address, and amount of a sum. */
  mail: string;
  n: number;
}

export interface World {
  happenings: readonly Happening[];
  mails: Readonly<Record<string, string>>;
  zone: string | null;
  createdAt: number | null;
}

/** The parts of a signal's configuration that this knows. */
export interface SlowSignal {
  events?: string[];
  count?: string;
  days?: string;
  during?: { from: string; to: string; days: string[] };
  abandoned?: { started: string; completed: string; after_hours: number };
  sequence?: { steps: string[]; within: string; by?: string };
  became_active?: { invited: string };
  any_of?: string[];
  some_of?: string[];
  ratio?: { of: string; to: string; at_least_to: number };
  trend?: { of: string; days: number };
}

export type SlowCatalogue = Readonly<Record<string, SlowSignal>>;

interface Occurrence {
  person: string;
  at: number;
  mail: string;
  n: number;
}

/** The amount of a signal; null: unknown. */
export function slowAmount(
  all: SlowCatalogue,
  id: string,
  world: World,
  window: Window,
  now: number,
): number | null {
  const signal = all[id] ?? {};
  const known = { ...world, happenings: world.happenings.filter(({ at }) => at <= now) };
  const amount = (other: string, stretch: Window = window) => slowAmount(all, other, world, stretch, now);
  if (signal.some_of !== undefined) {
    const amounts = signal.some_of.map((one) => amount(one));
    return amounts.includes(null) ? null : amounts.filter((one) => (one ?? 0) > 0).length;
  }
  if (signal.ratio !== undefined) {
    const [above, below] = [amount(signal.ratio.of), amount(signal.ratio.to)];
    return above === null || below === null || below < signal.ratio.at_least_to ? null : six(above / below);
  }
  if (signal.trend !== undefined) {
    const { of, days } = signal.trend;
    const zone = zoneOf(all, of, world);
    const today = dayIn(zone, now);
    const between = (from: number, to: number) =>
      counted(
        all[of] ?? {},
        occurrences(all, of, known, now).filter(({ at }) => dayIn(zone, at) >= from && dayIn(zone, at) < to),
        zone,
      );
    const before = between(today - 2 * days + 1, today - days + 1);
    return before === 0 ? null : six(between(today - days + 1, today + 1) / before);
  }
  const zone = zoneOf(all, id, world);
  const inside = placed(window, known, zone, now);
  if (inside === null || (signal.count === 'sum' && typeof window === 'object' && 'hours' in window)) {
    return null;
  }
  const found = occurrences(all, id, known, now);
  if (signal.count === 'distinct value') {
    const values = new Map<string, number[]>();
    for (const { mail, at } of found) {
      values.set(mail, [...(values.get(mail) ?? []), at]);
    }
    return [...values.values()].filter((instants) => instants.some(inside)).length;
  }
  return counted(
    signal,
    found.filter(({ at }) => inside(at)),
    zone,
  );
}

const six = (value: number) => Math.round(value * 1e6) / 1e6;

function counted({ count }: SlowSignal, found: readonly Occurrence[], zone: string): number {
  const days = [...new Set(found.map(({ at }) => dayIn(zone, at)))].sort((a, b) => a - b);
  switch (count) {
    case 'once':
      return Math.min(1, found.length);
    case 'each':
      return found.length;
    case 'distinct users':
      return new Set(found.map(({ person }) => person)).size;
    case 'distinct days':
      return days.length;
    case 'consecutive days':
      return days.reduce((best, day) => {
        let length = 1;
        while (days.includes(day + length)) {
          length++;
        }
        return Math.max(best, length);
      }, 0);
    default:
      return found.reduce((sum, { n }) => sum + n, 0);
  }
}

function occurrences(all: SlowCatalogue, id: string, world: World, now: number): Occurrence[] {
  const signal = all[id] ?? {};
  const { happenings } = world;
  const of = (other: string) => occurrences(all, other, world, now);
  if (signal.abandoned !== undefined) {
    const { started, completed, after_hours } = signal.abandoned;
    return of(started)
      .map((start) => ({ ...start, up: start.at + after_hours * HOUR }))
      .filter(({ at, up }) => up <= now && !of(completed).some((done) => done.at >= at && done.at < up))
      .map(({ up, ...start }) => ({ ...start, at: up }));
  }
  if (signal.sequence !== undefined) {
    const { steps, within, by = 'person' } = signal.sequence;
    const chains = steps.slice(1).reduce(
      (open, step) =>
        open.flatMap((chain) =>
          of(step)
            .filter(
              (next) =>
                next.at >= (chain.at(-1)?.at ?? 0) && (by === 'account' || next.person === chain[0]?.person),
            )
            .map((next) => [...chain, next]),
        ),
      of(steps[0] ?? '').map((first) => [first]),
    );
    const ends = chains
      .filter((chain) => (chain.at(-1)?.at ?? 0) - (chain[0]?.at ?? 0) <= Number.parseInt(within, 10) * HOUR)
      .flatMap((chain) => chain.at(-1) ?? []);
    // One for each last step, however many ways lead to it.
    return of(steps.at(-1) ?? '').filter(
      (last) => ends.includes(last) || ends.some((end) => end.key === last.key),
    );
  }
  if (signal.became_active !== undefined) {
    const invitations = of(signal.became_active.invited);
    return [...new Set(happenings.map(({ person }) => person))].flatMap((person) => {
      const own = happenings.filter((one) => one.person === person).sort((a, b) => a.at - b.at)[0];
      const asked = invitations.filter(({ mail }) => mail === world.mails[person]).map(({ at }) => at);
      return own !== undefined && asked.length > 0 && Math.min(...asked) <= own.at ? [occurrence(own)] : [];
    });
  }
  if (signal.any_of !== undefined) {
    return signal.any_of.flatMap(of);
  }
  const zone = zoneName(world.zone);
  return happenings
    .filter(
      ({ name, at }) =>
        signal.events?.includes(name) && (signal.during === undefined || works(signal.during, zone, at)),
    )
    .map(occurrence);
}

interface Occurrence {
  /** Tells two occurrences of one instant apart. */
  key: Happening;
}

function occurrence(happening: Happening): Occurrence {
  const { person, at, mail, n } = happening;
  return { person, at, mail, n, key: happening };
}

function placed(window: Window, world: World, zone: string, now: number): ((at: number) => boolean) | null {
  if (window === 'lifetime') {
    return () => true;
  }
  if ('hours' in window) {
    return (at) => now - at < window.hours * HOUR;
  }
  if ('days' in window) {
    return (at) => dayIn(zone, at) > dayIn(zone, now) - window.days;
  }
  const ups = world.happenings.filter(({ name }) => name === 'Signed Up').map(({ at }) => at);
  const created = world.createdAt !== null && world.createdAt <= now ? world.createdAt : null;
  const signup = ups.length > 0 ? Math.min(...ups) : created;
  return signup === null ? null : (at) => dayIn(zone, at) < dayIn(zone, signup) + window.firstDays;
}

function zoneOf(all: SlowCatalogue, id: string, world: World): string {
  const { days, during, any_of } = all[id] ?? {};
  const local =
    days === 'local' ||
    during !== undefined ||
    (any_of !== undefined && zoneOf(all, any_of[0] ?? '', world) !== 'UTC');
  return local ? zoneName(world.zone) : 'UTC';
}

function zoneName(zone: string | null): string {
  return zone === null || zone === 'Mars/Base' ? 'UTC' : zone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function clock(zone: string, at: number): Record<string, string> {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      weekday: 'short',
      hourCycle: 'h23',
    });
  formats.set(zone, format);
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** Number of the date that calendars of the zone show. */
export function dayIn(zone: string, at: number): number {
  const { year, month, day } = clock(zone, at);
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY;
}

function works({ from, to, days }: NonNullable<SlowSignal['during']>, zone: string, at: number): boolean {
  const { hour, minute, weekday } = clock(zone, at);
  const time = `${hour}:${minute}`;
  return days.includes((weekday ?? '').toLowerCase()) && time >= from && time < to;
}
