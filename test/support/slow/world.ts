import type { ProductEvent } from '../../../src/events/event.ts';
import type { PlainSignal, PlainSignals } from './plain.ts';
import { DAY_MS, dayOf, HOUR_MS, plain } from './units.ts';

/** All that happened in one account up to now, and the catalogue of signals. */
export interface World {
  now: number;
  /** In the order of time. Nothing dated after now is here. */
  events: ProductEvent[];
  signals: PlainSignals;
}

/** One thing that counts: when, by whom, and the value of the property `of`. */
export interface Occurrence {
  at: number;
  person: string | null;
  value: unknown;
}

export function worldAt(now: number, events: readonly ProductEvent[], signals: PlainSignals): World {
  const past = events.filter((event) => event.at <= now);
  past.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return { now, events: past, signals };
}

/** Whose event it is: the user, or the user of its anonymous id, or the anonymous id; null for nobody. */
export function personOf(world: World, event: ProductEvent): string | null {
  if (event.userId !== null || event.anonymousId === null) {
    return event.userId;
  }
  const known = world.events.filter((one) => one.anonymousId === event.anonymousId && one.userId !== null);
  const user = known.find((one) => one.at >= event.at) ?? known.at(-1);
  return user?.userId ?? `anonymous ${event.anonymousId}`;
}

function plainName(name: string | null): string {
  return (name ?? '')
    .replace(/^user /i, '')
    .replace(/[\s_]/g, '')
    .toLowerCase();
}

function isActivity(world: World, event: ProductEvent): boolean {
  const { ignore = [], public_pages: pages = [] } = world.signals.activity ?? {};
  const skipped = (event.kind === 'track' ? ignore : pages).map(plainName);
  return ['track', 'page', 'screen'].includes(event.kind) && !skipped.includes(plainName(event.name));
}

function matches({ events = [], where = {} }: PlainSignal, event: ProductEvent): boolean {
  if (event.kind !== 'track' || !events.map(plainName).includes(plainName(event.name))) {
    return false;
  }
  return Object.entries(where).every(([property, test]) => {
    const value = event.properties[property] ?? null;
    if (test.exists !== undefined) {
      return (value !== null) === test.exists;
    }
    if (test.at_least !== undefined) {
      return value !== null && Number(value) >= test.at_least;
    }
    return value !== null && (test.in ?? [test.equals]).some((one) => plain(one) === plain(value));
  });
}

/** Every occurrence of a signal, or of `activity`, up to now, oldest first. */
export function occurrencesOf(world: World, id: string): Occurrence[] {
  if (id === 'activity') {
    return world.events.filter((event) => isActivity(world, event)).map((event) => occurrence(world, event));
  }
  const signal = signalIn(world, id);
  const parts = signal.any_of ?? signal.some_of ?? (signal.ratio && [signal.ratio.of, signal.ratio.to]);
  if (parts !== undefined) {
    return parts.flatMap((part) => occurrencesOf(world, part)).sort((a, b) => a.at - b.at);
  }
  if (signal.abandoned !== undefined) {
    return abandoned(world, signal.abandoned);
  }
  return world.events
    .filter((event) => matches(signal, event))
    .map((event) => occurrence(world, event, signal.of))
    .filter(({ value }) => signal.of === undefined || counts(signal, value));
}

export function signalIn({ signals }: World, id: string): PlainSignal {
  const signal = signals.signals[id];
  if (signal === undefined) {
    throw new Error(`no signal ${id}`);
  }
  return signal;
}

function occurrence(world: World, event: ProductEvent, of?: string): Occurrence {
  const value = of === undefined ? null : (event.properties[of] ?? null);
  return { at: event.at, person: personOf(world, event), value };
}

/** Events without a value of `of`, and for a sum without a number from 0 on, do not count. */
function counts({ count }: PlainSignal, value: unknown): boolean {
  const text = plain(value ?? '');
  return count === 'sum' ? /^\d+(\.\d+)?$/.test(text) : text !== '';
}

/** A start that nobody completed in time is abandoned at the instant at which its time is over. */
function abandoned(world: World, flow: NonNullable<PlainSignal['abandoned']>): Occurrence[] {
  const time = flow.after_hours * HOUR_MS;
  const completed = occurrencesOf(world, flow.completed);
  return occurrencesOf(world, flow.started)
    .filter((start) => !completed.some(({ at }) => at >= start.at && at < start.at + time))
    .map((start) => ({ ...start, at: start.at + time, value: null }))
    .filter(({ at }) => at <= world.now);
}

/** When the account signed up: the first `signed_up`, else its `created_at`, else the earliest of its people. */
export function signupOf(world: World): number | null {
  const [first] = occurrencesOf(world, 'signed_up');
  const people = new Set(world.events.map((event) => personOf(world, event)));
  const created = [...people]
    .map((person) => (person === null ? null : instantOf(personTrait(world, person, 'created_at'))))
    .filter((at) => at !== null && at <= world.now)
    .map(Number);
  const own = instantOf(accountTrait(world, 'created_at'));
  const earliest = created.length === 0 ? null : Math.min(...created);
  return first?.at ?? (own !== null && own <= world.now ? own : earliest);
}

/** Written here only as ISO 8601; what is no date is not known. */
export function instantOf(value: TraitValue): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/**
 * Whether an instant lies in a window such as `90 days`, `168 hours`, `first 14 days` or `lifetime`; null when nobody
 * knows where the window lies.
 */
export function isIn(world: World, window: string, at: number): boolean | null {
  const [first = '', second = '', third] = window.split(' ');
  if (third !== undefined) {
    const signup = signupOf(world);
    return signup === null ? null : at < (dayOf(signup) + Number(second)) * DAY_MS;
  }
  if (first === 'lifetime') {
    return true;
  }
  return second.startsWith('hour')
    ? world.now - at < Number(first) * HOUR_MS
    : dayOf(at) > dayOf(world.now) - Number(first);
}

/** The newest occurrence of any of these signals, or null. */
export function newestOf(world: World, ids: readonly string[]): number | null {
  const instants = ids.flatMap((id) => occurrencesOf(world, id)).map(({ at }) => at);
  return instants.length === 0 ? null : Math.max(...instants);
}

export type TraitValue = unknown;

/** What is known of the account: by name, the last writer's value. Unset and null are unknown. */
export function accountTrait(world: World, name: string): TraitValue {
  return lastSaid(world.events, (event) => event.accountTraits, name);
}

/** Likewise of one person. */
export function personTrait(world: World, person: string, name: string): TraitValue {
  const own = world.events.filter((event) => personOf(world, event) === person);
  return lastSaid(own, (event) => event.personTraits, name);
}

/** The newest declared change; a snapshot that rides on an event only when nothing was declared. */
function lastSaid(
  events: readonly ProductEvent[],
  changesOf: (event: ProductEvent) => ProductEvent['personTraits'],
  name: string,
): TraitValue {
  const saying = (declared: boolean) =>
    events
      .filter((event) => event.declared === declared)
      .flatMap(changesOf)
      .findLast((change) => change.name === name);
  return (saying(true) ?? saying(false))?.value ?? null;
}

/** The people of the account: those with a user id or an e-mail. */
export function peopleOf(world: World): string[] {
  const all = new Set(world.events.map((event) => personOf(world, event)));
  return [...all].filter((person): person is string => {
    if (person === null) {
      return false;
    }
    const own = world.events.filter((event) => personOf(world, event) === person);
    const hasEmail =
      own.some((event) => event.email !== null) || personTrait(world, person, 'email') !== null;
    return own.some((event) => event.userId !== null) || hasEmail;
  });
}
