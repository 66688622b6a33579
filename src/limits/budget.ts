import { AsyncLocalStorage } from 'node:async_hooks';
import { MINUTE, SECOND } from '../shared/time.ts';
import { askEvery, type Day, heldBack, maySend, PRIORITIES, type Priority } from '../sync/budget.ts';
import type { Answered, BudgetRecord, CallBudget, CallKind, Calls, Turn } from '../sync/calls.ts';
import type { Counters } from './counters.ts';
import { DayCount } from './day.ts';
import { Places, type Rates } from './places.ts';

export interface BudgetOptions {
  /** Names the portal or org in the counters: all who share it share the budget. */
  account: string;
  counters: Counters;
  record: BudgetRecord;
  /** Share of the day's calls (0 to 1) that is not ours. */
  reserve: number;
  rates: Rates;
  now: () => number;
  /** What is held back is no longer the same; `day` as it is known now. */
  onHeld: (held: readonly Priority[], day: Day | null) => void;
}

/** The priority of the work under way; none: it does not wait for another day (start, setup, doctor). */
const priority = new AsyncLocalStorage<Priority>();

const OTHERS = 'other calls take all turns; this one comes later';

/** How long (ms) held work waits before it is looked at again, however far away a new day is. */
const LOOK_AGAIN = MINUTE;

/** The limits of one CRM, over counters that all workers share. */
export function openBudget(options: BudgetOptions): Calls & CallBudget {
  const { account, counters, record, reserve, rates, now, onHeld } = options;
  const day = new DayCount(counters, record, `${account}:day`, now);
  const places = new Places(counters, account, rates);
  let heldBefore = '';
  const say = (held: readonly Priority[], known: Day | null) => {
    if (held.join() !== heldBefore) {
      heldBefore = held.join();
      onHeld(held, known);
    }
  };
  const done = async (kind: CallKind, slot: string | null, counted: number, how: Answered) => {
    await (how.lost === true ? places.keep(slot) : places.give(slot));
    await (how.told?.burst == null ? null : places.told(how.told.burst));
    await (how.told?.day == null ? null : day.tell(how.told.day, counted));
    await (how.pauseMs === undefined ? null : places.close(kind, how.pauseMs));
  };
  const turn = async (kind: CallKind): Promise<Turn> => {
    const as = priority.getStore() ?? null;
    const known = await day.known();
    const may = (used: number) =>
      as === null || known === null || maySend({ ...known, used }, reserve, as, now());
    const no = (reason: string) => ({ go: false, afterMs: SECOND, reason }) as const;
    const place = await places.take(as === 'mass');
    if (place === 'late') {
      return no(OTHERS);
    }
    const counted = await day.count();
    const late = may(counted - 1) && kind === 'search' && !(await places.search(as === 'mass'));
    if (may(counted - 1) && !late) {
      return { go: true, done: (how) => done(kind, place.slot, counted, how) };
    }
    await day.uncount();
    await places.give(place.slot);
    return no(late ? OTHERS : `over the budget of calls: ${as ?? ''} waits`);
  };
  const held = async (ask: () => Promise<void>): Promise<Record<Priority, number>> => {
    let known = await day.counted();
    if (heldBack(known, reserve, now()).length > 0 && (await isToAsk(known))) {
      await ask();
      known = await day.counted();
    }
    const waiting = heldBack(known, reserve, now());
    say(waiting, known);
    const ms = Math.max(SECOND, Math.min(LOOK_AGAIN, (known?.until ?? 0) - now()));
    return Object.fromEntries(PRIORITIES.map((one) => [one, waiting.includes(one) ? ms : 0])) as Record<
      Priority,
      number
    >;
  };
  const isToAsk = async (known: Day | null) => {
    const lanes = { lanes: 1, points: 1, seconds: Math.ceil(askEvery(known?.max ?? 0) / SECOND) };
    return (await counters.take(`${account}:ask`, lanes)).lane !== null;
  };
  return { turn, held, at: (as, work) => priority.run(as, work) };
}
