import { DAY, HOUR, MINUTE, SECOND } from '../../shared/time.ts';
import type { BusinessHours } from './business-hours.ts';
import { type Clock, type ClockState, type Stretch, stateOf, stretch } from './clock.ts';

/** One promise of first contact with everything that is known of it. Instants in ms; null: not yet, never, or not known. */
export interface SlaClock extends Clock {
  /** Key and name of the account. */
  account: string;
  name: string | null;
  model: string;
  tier: string;
  n: number;
  /** Id of the promise in handoff.yaml. */
  rule: string;
  route: string;
  /** Who has the task, as the CRM names them. */
  owner: string | null;
  receivedAt: number | null;
  madeAt: number | null;
}

/** How promises came out, and how long things took. */
export interface SlaFigures {
  /** They run, and there is time. */
  open: number;
  dueSoon: number;
  /** Nobody got in touch by the deadline. `running`: of these, nobody has yet. */
  breached: number;
  running: number;
  met: number;
  /** Ended before the deadline with nobody having got in touch: bought, suppressed or cooled. */
  withdrawn: number;
  /** Of those that are decided, met or breached; null: none is. 0 to 1. */
  metShare: number | null;
  /** From the crossing to the first touch. */
  firstTouch: Spread & { working: Spread; buckets: Buckets };
  /** From the event that came in to the task in the CRM: ours. */
  systemDelay: Spread;
  /** From the task in the CRM to the first touch: theirs. */
  humanDelay: Spread & { working: Spread };
}

/** In seconds; the value that so many have at most (nearest rank). null: of none. */
export interface Spread {
  count: number;
  median: number | null;
  p90: number | null;
}

/** First touches by wall time since the crossing; `never`: none yet, and the promise is broken. */
export type Buckets = Record<(typeof BUCKETS)[number]['id'] | 'later' | 'never', number>;

const BUCKETS = [
  { id: 'within5Minutes', upTo: 5 * MINUTE },
  { id: 'within1Hour', upTo: HOUR },
  { id: 'within4Hours', upTo: 4 * HOUR },
  { id: 'within24Hours', upTo: DAY },
] as const;

/** The hours of a promise by its id; of one that handoff.yaml no longer has, all hours. */
export type HoursOf = (rule: string) => BusinessHours;

export function figuresOf(clocks: readonly SlaClock[], hoursOf: HoursOf, now: number): SlaFigures {
  const states = clocks.map((clock) => ({ clock, state: stateOf(clock, now) }));
  const count = (state: ClockState) => states.filter((one) => one.state === state).length;
  const broken = states.filter(({ state }) => state === 'breached').map(({ clock }) => clock);
  const [breached, met] = [broken.length, count('met')];
  const touch = stretches(clocks, hoursOf, ({ crossedAt, touchedAt }) => [crossedAt, touchedAt]);
  const human = stretches(clocks, hoursOf, ({ madeAt, touchedAt }) => [madeAt, touchedAt]);
  const system = stretches(clocks, hoursOf, ({ receivedAt, madeAt }) => [receivedAt, madeAt]);
  const never = broken.filter(({ touchedAt }) => touchedAt === null).length;
  return {
    open: count('open'),
    dueSoon: count('due_soon'),
    breached,
    running: broken.filter(({ endedAt }) => endedAt === null).length,
    met,
    withdrawn: count('withdrawn'),
    metShare: met + breached === 0 ? null : met / (met + breached),
    firstTouch: { ...wall(touch), working: working(touch), buckets: { ...bucketsOf(touch), never } },
    systemDelay: wall(system),
    humanDelay: { ...wall(human), working: working(human) },
  };
}

function stretches(
  clocks: readonly SlaClock[],
  hoursOf: HoursOf,
  ends: (clock: SlaClock) => [number | null, number | null],
): Stretch[] {
  return clocks.flatMap((clock) => stretch(hoursOf(clock.rule), ...ends(clock)) ?? []);
}

function wall(all: readonly Stretch[]): Spread {
  return spreadOf(all.map((one) => one.wall));
}

function working(all: readonly Stretch[]): Spread {
  return spreadOf(all.map((one) => one.working));
}

function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => {
    const value = sorted[Math.ceil(share * sorted.length) - 1];
    return value === undefined ? null : Math.round(value / SECOND);
  };
  return { count: sorted.length, median: at(0.5), p90: at(0.9) };
}

function bucketsOf(touches: readonly Stretch[]): Omit<Buckets, 'never'> {
  const buckets = { within5Minutes: 0, within1Hour: 0, within4Hours: 0, within24Hours: 0, later: 0 };
  for (const { wall: time } of touches) {
    buckets[BUCKETS.find(({ upTo }) => time <= upTo)?.id ?? 'later'] += 1;
  }
  return buckets;
}

/** Figures of each group, by its name; of those without one under `unknown`. */
export function figuresBy(
  clocks: readonly SlaClock[],
  nameOf: (clock: SlaClock) => string | null,
  hoursOf: HoursOf,
  now: number,
): Record<string, SlaFigures> {
  const groups = Map.groupBy(clocks, (clock) => nameOf(clock) ?? 'unknown');
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, own]) => [name, figuresOf(own, hoursOf, now)]));
}

/** How a promise stands, for who reads a list. */
export function inWords(clock: Clock, now: number): string {
  const { dueAt, touchedAt, touch, endedAt, endedWhy, breachedAt } = clock;
  if (touchedAt !== null) {
    const told = touchedAt <= dueAt && breachedAt !== null ? ', logged after the breach was told' : '';
    const how =
      touchedAt <= dueAt ? `in time, ${spanInWords(dueAt - touchedAt)} left` : late(touchedAt - dueAt);
    return `${touch ?? 'touch'} ${how}${told}`;
  }
  if (endedAt !== null) {
    return endedAt < dueAt ? `${endedWhy} before it was due` : `${endedWhy}, ${late(endedAt - dueAt)}`;
  }
  return now < dueAt ? `due in ${spanInWords(dueAt - now)}` : late(now - dueAt);
}

function late(ms: number): string {
  return `${spanInWords(ms)} late`;
}

/** `3 d 2 h`, `1 h 40 min`, `25 min`; less than a minute in seconds. */
export function spanInWords(ms: number): string {
  const parts: [number, string][] = [
    [Math.floor(ms / DAY), 'd'],
    [Math.floor((ms % DAY) / HOUR), 'h'],
    [Math.floor((ms % HOUR) / MINUTE), 'min'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first < 0 ? [] : parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.length === 0
    ? `${Math.floor(ms / SECOND)} s`
    : shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
