import { HOUR, utcDay } from '../shared/time.ts';
import type { AbandonedFlow } from './signal.ts';
import type { AccountState } from './state.ts';
import { contains, earliest, emptyTally, leavesAt, type Tally, type Window } from './window.ts';

/**
 * Abandoned flows as occurrences: one per start without a completion in the hours after it, dated when the time
 * was up (S2-84). A colleague's completion counts: the account has what it wanted. Seen are the newest RECENT_MAX
 * starts and completions of each person.
 */
export function tallyAbandoned(state: AccountState, flow: AbandonedFlow, window: Window, now: number): Tally {
  const span = flow.afterHours * HOUR;
  const completions = instantsOf(state, flow.completed).filter(({ at }) => at <= now);
  const given = instantsOf(state, flow.started)
    .filter(({ at }) => !completions.some((done) => done.at >= at && done.at < at + span))
    .map(({ person, at }) => ({ person, at: at + span }));
  const inside = given.filter(({ at }) => at <= now && contains(window, at, now));
  const changes = [
    ...given.filter(({ at }) => at > now).map(({ at }) => at),
    ...inside.map(({ at }) => leavesAt(window, at)),
  ];
  const instants = inside.map(({ at }) => at).sort((a, b) => a - b);
  return {
    ...emptyTally(),
    count: inside.length,
    users: [...new Set(inside.flatMap(({ person }) => person ?? []))].sort(),
    days: [...new Set(instants.map(utcDay))],
    first: instants[0] ?? null,
    last: instants.at(-1) ?? null,
    nextChange: changes.reduce(earliest, null),
  };
}

function instantsOf(state: AccountState, signal: string): { person: string | null; at: number }[] {
  return state.parts.flatMap(({ person, signals }) =>
    (signals[signal]?.recent ?? []).map((at) => ({ person, at })),
  );
}
