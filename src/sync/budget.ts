import { DAY, isoInstant, MINUTE, SECOND } from '../shared/time.ts';

/**
 * What may go out to a CRM now, and what must wait. Pure: counters, what the answers' headers said and the clock are
 * handed in. The counters themselves are shared by all workers (`src/limits`).
 */

/** Tasks and memberships, with the records that they still need; fields of accounts they wait for; the daily mass. */
export const PRIORITIES = ['act', 'hot', 'mass'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Code of an act that was not sent for want of budget: no attempt was made, and it stays due. */
export const OVER_BUDGET = 'over_budget';

/** The day's calls of a portal or org, from everybody together. */
export interface Day {
  max: number;
  used: number;
  /** Until when (ms) the count holds: HubSpot's midnight; Salesforce counts the last 24 hours, so a day from now. */
  until: number;
}

/** What the headers of one answer said; null: nothing. */
export interface Told {
  day: Day | null;
  /** HubSpot: calls in a window, and those left of it. */
  burst: { max: number; intervalMs: number; left: number } | null;
}

/** The share of our own part of the day that a priority leaves to the ones before it. */
const LEFT_TO_OTHERS: Record<Priority, number> = { act: 0, hot: 0.05, mass: 0.1 };

/**
 * How far the day's count may go for a priority.
 *
 * @param reserve share of all the day's calls (0 to 1) that is not ours to use
 */
export function ceiling(max: number, reserve: number, priority: Priority): number {
  const ours = max - Math.ceil(max * reserve);
  return ours - Math.ceil(ours * LEFT_TO_OTHERS[priority]);
}

/** Whether one more call of a priority may go out. A CRM that tells no limit has none. */
export function maySend(day: Day | null, reserve: number, priority: Priority, now: number): boolean {
  return day === null || now >= day.until || day.used < ceiling(day.max, reserve, priority);
}

/** Priorities that must wait, the least first. */
export function heldBack(day: Day | null, reserve: number, now: number): Priority[] {
  return [...PRIORITIES].reverse().filter((priority) => !maySend(day, reserve, priority, now));
}

/** How often (ms) one worker asks for the count while something is held back: half a percent of a day's calls at most. */
export function askEvery(max: number): number {
  return Math.min(5 * MINUTE, Math.max(MINUTE, DAY / Math.max(1, max * 0.005)));
}

/** Counted calls that an answer may not know of yet: those under way beside it. */
const UNDER_WAY = 50;

/**
 * What the shared counter should be set to after an answer; null: it may stay. Others' calls raise it at once. A little
 * less than we counted are calls that overtook each other; much less is a new day, or hours that left the last 24.
 *
 * @param told the count in the answer's headers
 * @param counted what the counter stood at when the call went out
 */
export function corrected(told: number, counted: number): number | null {
  return told > counted || told < counted - UNDER_WAY ? told : null;
}

/** A limit as counters can hold it: `points` in `seconds` on each of `lanes` counters, whose windows never overlap. */
export interface Lanes {
  lanes: number;
  points: number;
  seconds: number;
}

/** Calls that may fall into another window than that of their turn: they were slow on the way. */
const SLOW = 5;

/**
 * A rolling limit (HubSpot: so many in any ten seconds) by windows of one second: any ten seconds touch eleven of them.
 */
export function burstLanes(max: number, intervalMs: number): Lanes {
  const touched = Math.ceil(intervalMs / SECOND) + 1;
  return { lanes: 1, points: Math.max(1, Math.floor((max - SLOW) / touched)), seconds: 1 };
}

/**
 * The share of a window's calls that mass leaves to what is urgent: while there is some, and otherwise. In a window of HubSpot's 16
 * calls three rounds of an account's fields and people fit beside the mass then, and with half of them two.
 */
const LEFT_TO_URGENT = { now: 0.75, otherwise: 0.5 };
/** For how long (ms) before a window's end nothing is left any more. */
const LAST_PART = 250;

/**
 * Milliseconds for which a call of the mass leaves the rest of a window to what may still become urgent in it. Nothing is
 * wasted: at the end of a window it takes what nobody wanted.
 *
 * @param taken calls of the window that went out
 * @param leftMs until the window ends
 * @param isUrgent there were urgent calls lately
 */
export function leavesToUrgent({ points }: Lanes, taken: number, leftMs: number, isUrgent: boolean): number {
  const left = isUrgent ? LEFT_TO_URGENT.now : LEFT_TO_URGENT.otherwise;
  return taken < points * (1 - left) ? 0 : Math.max(0, leftMs - LAST_PART);
}

/**
 * Searches: HubSpot takes five a second from a portal (four, in older documents) and tells nothing in headers. Lanes of
 * one call a second each hold that in any second, wherever it begins. Each lane has its own quarter of the second, so that
 * a few that are slow on the way do not arrive together with the next ones.
 */
export const SEARCH_LANES: Lanes = { lanes: 4, points: 1, seconds: 1 };

/** How long (ms) from `now` until a lane's part of its window begins. */
export function untilPhase(now: number, lane: number, { lanes, seconds }: Lanes): number {
  const span = seconds * SECOND;
  return (Math.round((lane * span) / lanes) - (now % span) + span) % span;
}

/** All lanes, one after the other, from one of them on. */
export function lanesFrom(first: number, { lanes }: Lanes): number[] {
  return Array.from({ length: lanes }, (_, i) => (first + i) % lanes);
}

/** These lanes, that whose part of the window begins next first. */
export function nextLanes(now: number, lanes: Lanes, among: readonly number[]): number[] {
  return among.toSorted((a, b) => untilPhase(now, a, lanes) - untilPhase(now, b, lanes));
}

/** For how long (ms) after an urgent call or search the mass leaves more to the next one. */
export const URGENT_LASTS = 5000;

/** The lanes that mass may take while there are urgent searches: every other one, so that the next is never far. */
export function lanesOfMass(lanes: Lanes): number[] {
  return lanesFrom(0, lanes).filter((lane) => lane % 2 === 0);
}

/** A limit of calls at a time: each holds a lane until its answer has come, or for `seconds` at the longest. */
export function slots(atOnce: number, seconds: number): Lanes {
  return { lanes: atOnce, points: 1, seconds };
}

/** What a person sees of a budget. */
export interface BudgetView {
  /** Calls left today, of everybody, as the CRM last said; null: it never said. */
  dailyRemaining: number | null;
  dailyMax: number | null;
  /** Calls of these that are kept for others. */
  reserved: number;
  /** Calls that may still be made from here today: what is left above the reserve. */
  ours: number | null;
  /** Priorities that wait, the least first. */
  held: Priority[];
  /** In words: what waits and until when; null: nothing does. */
  waits: string | null;
  /** When the CRM said so, ISO 8601. */
  toldAt: string | null;
}

/** A count as it was last written down. */
export interface KnownDay extends Day {
  reserve: number;
  toldAt: number;
  /** The CRM counts the last 24 hours and has no midnight. */
  rolling: boolean;
}

const WORDS: Record<Priority, string> = {
  act: 'tasks and campaigns',
  hot: 'fields of accounts that they wait for',
  mass: 'fields of all other accounts',
};

/** What is known of a CRM's day, for the status; after its end nothing is. */
export function viewOf(known: KnownDay | null, now: number): BudgetView {
  if (known === null || now >= known.until) {
    const nothing = { dailyRemaining: null, dailyMax: null, ours: null, toldAt: null };
    return { ...nothing, reserved: 0, held: [], waits: null };
  }
  const { max, used, reserve, toldAt } = known;
  const held = heldBack(known, reserve, now);
  const left = Math.max(0, max - used);
  const reserved = Math.ceil(max * reserve);
  return {
    dailyRemaining: left,
    dailyMax: max,
    reserved,
    ours: Math.max(0, left - reserved),
    held,
    waits: held.length === 0 ? null : waitsInWords(known, held, left),
    toldAt: isoInstant(toldAt),
  };
}

function waitsInWords({ max, until, rolling, reserve }: KnownDay, held: Priority[], left: number): string {
  const kept = reserve === 0 ? '' : `, ${Math.ceil(max * reserve)} of them kept for others`;
  const when = rolling
    ? `until calls of the last 24 hours pass out of the count; it is asked every ${Math.round(askEvery(max) / MINUTE)} minutes`
    : `until ${isoInstant(until)} at the latest, when the count starts anew`;
  return `${held.map((one) => WORDS[one]).join(', ')} wait ${when}: ${left} of ${max} calls left${kept}`;
}
