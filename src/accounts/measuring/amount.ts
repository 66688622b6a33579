import { distinctCount } from '../members.ts';
import { addUp, type Pairs } from '../pairs.ts';
import { type Counting, SUM_UNIT } from '../signal.ts';
import type { SignalTally } from '../state.ts';
import type { Frame } from '../window.ts';
import type { Share } from './share.ts';

/** The one number that a way of counting makes of shares. Whatever is shown beside it is made of the same pieces. */
export function amountOfShares(count: Counting, list: readonly Share[], frame: Frame): number {
  switch (count) {
    case 'once':
      return list.length > 0 ? 1 : 0;
    case 'each':
      return countOf(list);
    case 'sum':
      return countOf(list) / SUM_UNIT;
    case 'distinct users':
      return usersOf(list).length;
    case 'distinct days':
      return daysOf(list).length;
    case 'consecutive days':
      return longestRun(daysOf(list)).length;
    case 'distinct value':
      return distinctOf(list, membersOf(list, frame));
    case 'number':
      return 0;
  }
}

export function countOf(list: readonly Share[]): number {
  let count = 0;
  for (const share of list) {
    count = addUp(count, share.count);
  }
  return count;
}

/** Refs of people, sorted. */
export function usersOf(list: readonly Share[]): string[] {
  const users: string[] = [];
  let sorted = true;
  for (const { person } of list) {
    if (person !== null) {
      sorted &&= users.length === 0 || (users.at(-1) ?? '') < person;
      users.push(person);
    }
  }
  return sorted ? users : [...new Set(users)].sort();
}

/** Day numbers, oldest first. */
export function daysOf(list: readonly Share[]): number[] {
  let days: number[] = [];
  for (const { pairs, start, end } of list) {
    days = days.length === 0 ? numbersOf(pairs, start, end) : union(days, pairs, start, end);
  }
  return days;
}

function numbersOf(pairs: Pairs, start: number, end: number): number[] {
  const days: number[] = [];
  for (let i = start; i < end; i += 2) {
    days.push(pairs[i] ?? 0);
  }
  return days;
}

/** Both are sorted. */
function union(days: readonly number[], pairs: Pairs, start: number, end: number): number[] {
  const all: number[] = [];
  let d = 0;
  for (let i = start; i < end; i += 2) {
    const day = pairs[i] ?? 0;
    while (d < days.length && (days[d] ?? 0) < day) {
      all.push(days[d++] ?? 0);
    }
    d += days[d] === day ? 1 : 0;
    all.push(day);
  }
  while (d < days.length) {
    all.push(days[d++] ?? 0);
  }
  return all;
}

/** The longest run of days in a row; of equally long ones the newest. */
export function longestRun(days: readonly number[]): number[] {
  let best = { start: 0, end: 0 };
  let start = 0;
  days.forEach((day, i) => {
    start = i > 0 && days[i - 1] === day - 1 ? start : i;
    best = i + 1 - start >= best.end - best.start ? { start, end: i + 1 } : best;
  });
  return days.slice(best.start, best.end);
}

/** Distinct values inside. A value counts while its last instant is inside; for `firstDays`, by its first. */
export function membersOf(list: readonly Share[], frame: Frame): Set<string> {
  const members = new Set<string>();
  for (const { tally } of list) {
    const known = tally?.members;
    for (const member in known) {
      if (isInside(known[member], frame)) {
        members.add(member);
      }
    }
  }
  return members;
}

export function isInside(span: readonly [number, number] | undefined, frame: Frame): boolean {
  if (span === undefined) {
    return false;
  }
  const at = frame.first ? span[0] : span[1];
  return at >= frame.from && at < frame.until;
}

/** How many distinct values there are; an estimate once some had to be dropped. */
export function distinctOf(list: readonly Share[], members: ReadonlySet<string>): number {
  const tallies: SignalTally[] = [];
  for (const { tally } of list) {
    if (tally?.membersCut !== undefined) {
      tallies.push(tally);
    }
  }
  return tallies.length === 0 ? members.size : distinctCount(tallies, members);
}
