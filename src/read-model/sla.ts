import { ALWAYS } from '../decide/handoff/business-hours.ts';
import { CLOCK_STATES, type ClockState, stateOf } from '../decide/handoff/clock.ts';
import type { Handoff } from '../decide/handoff/read.ts';
import {
  figuresBy,
  figuresOf,
  type HoursOf,
  inWords,
  type SlaClock,
  type SlaFigures,
} from '../decide/handoff/sla-report.ts';
import { DAY, isoInstant, parseInstant } from '../shared/time.ts';

/** Which promises are asked for. */
export interface SlaQuestion {
  /** As the CRM names them; case does not count. null: anybody's. */
  owner: string | null;
  tier: string | null;
  /** Only in the list; the figures are of all. null: those that run. */
  state: ClockState | null;
  /** Crossings since then (ms), and all that run, however old. */
  since: number;
  /** So many in the list. */
  limit: number;
}

export type ClockFilter = Pick<SlaQuestion, 'owner' | 'tier' | 'since'>;

/** Promises that run, counted up to a bound. */
export type SlaCounts = Record<'open' | 'dueSoon' | 'breached', number>;

/** One promise as it is shown. Instants are ISO 8601; null: not yet, never, or not known. */
export interface ClockView {
  account: string;
  name: string | null;
  model: string;
  tier: string;
  n: number;
  state: ClockState;
  /** How long is left, or how late it is. */
  words: string;
  rule: string;
  route: string;
  owner: string | null;
  received: string | null;
  crossed: string;
  taskMade: string | null;
  warn: string;
  due: string;
  escalate: string | null;
  warned: string | null;
  breachTold: string | null;
  escalated: string | null;
  touched: string | null;
  touch: string | null;
  replied: string | null;
  ended: string | null;
  endedWhy: string | null;
}

export interface SlaReport {
  asOf: string;
  since: string;
  clocks: ClockView[];
  /** More fit than the list shows. */
  more: boolean;
  /** null: one owner was asked for, and `report_by_owner` of handoff.yaml is off; so are those below. */
  figures: SlaFigures | null;
  byTier: Record<string, SlaFigures>;
  /** By id of the promise. */
  byPromise: Record<string, SlaFigures>;
  /** null: `report_by_owner` is off. */
  byOwner: Record<string, SlaFigures> | null;
}

/** Answers a question about promises. `now`: business time, ms. */
export async function slaReport(
  listClocks: (filter: ClockFilter) => Promise<SlaClock[]>,
  { sla, reportByOwner }: Pick<Handoff, 'sla' | 'reportByOwner'>,
  question: SlaQuestion,
  now: number,
): Promise<SlaReport> {
  const clocks = await listClocks(question);
  const hoursOf: HoursOf = (rule) => sla.find(({ id }) => id === rule)?.hours ?? ALWAYS;
  // The figures of one owner are a comparison in two steps.
  const isToldOf = reportByOwner || question.owner === null;
  const counted = isToldOf ? clocks : [];
  const listed = clocks.filter((clock) => isListed(clock, question.state, now)).sort(soonestFirst);
  return {
    asOf: isoInstant(now),
    since: isoInstant(question.since),
    clocks: listed.slice(0, question.limit).map((clock) => clockView(clock, now)),
    more: listed.length > question.limit,
    figures: isToldOf ? figuresOf(clocks, hoursOf, now) : null,
    byTier: figuresBy(counted, ({ tier }) => tier, hoursOf, now),
    byPromise: figuresBy(counted, ({ rule }) => rule, hoursOf, now),
    byOwner: reportByOwner ? figuresBy(clocks, ({ owner }) => owner, hoursOf, now) : null,
  };
}

function isListed(clock: SlaClock, state: ClockState | null, now: number): boolean {
  return state === null ? clock.endedAt === null : stateOf(clock, now) === state;
}

/** What runs before what is over, what is due first before the rest. */
function soonestFirst(a: SlaClock, b: SlaClock): number {
  return Number(a.endedAt !== null) - Number(b.endedAt !== null) || a.dueAt - b.dueAt;
}

export function clockView(clock: SlaClock, now: number): ClockView {
  const { account, name, model, tier, n, rule, route, owner, touch, endedWhy } = clock;
  return {
    ...{ account, name, model, tier, n },
    state: stateOf(clock, now),
    words: inWords(clock, now),
    ...{ rule, route, owner },
    received: shown(clock.receivedAt),
    crossed: isoInstant(clock.crossedAt),
    taskMade: shown(clock.madeAt),
    warn: isoInstant(clock.warnAt),
    due: isoInstant(clock.dueAt),
    escalate: shown(clock.escalateAt),
    warned: shown(clock.warnedAt),
    breachTold: shown(clock.breachedAt),
    escalated: shown(clock.escalatedAt),
    touched: shown(clock.touchedAt),
    touch,
    replied: shown(clock.repliedAt),
    ended: shown(clock.endedAt),
    endedWhy,
  };
}

function shown(at: number | null): string | null {
  return at === null ? null : isoInstant(at);
}

/** `30d`, or an instant such as 2026-03-01; null: neither. `now` in ms. */
export function parseSince(text: string, now: number): number | null {
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1];
  return days === undefined ? parseInstant(text) : now - Number(days) * DAY;
}

export const SINCE_FORM = 'so many days, such as 30d, or an instant, such as 2026-03-01';

export { CLOCK_STATES };
