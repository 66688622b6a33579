import { distinctCount } from '../members.ts';
import { addUp } from '../pairs.ts';
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
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { pairs, start, end } of list) {
    oldest = Math.min(oldest, pairs[start] ?? oldest);
    newest = Math.max(newest, pairs[end - 2] ?? newest);
  }
  const length = list.length === 0 ? 0 : newest - oldest + 1;
  return length <= MARKABLE ? markedDays(list, oldest, length) : sortedDays(list);
}

/** Days lie close together: marking them off is several times faster than sorting them. */
const MARKABLE = 1000;

function markedDays(list: readonly Share[], oldest: number, length: number): number[] {
  const marks = new Uint8Array(length);
  for (const { pairs, start, end } of list) {
    for (let i = start; i < end; i += 2) {
      marks[(pairs[i] ?? 0) - oldest] = 1;
    }
  }
  const days: number[] = [];
  for (let i = 0; i < length; i++) {
    if (marks[i] === 1) {
      days.push(oldest + i);
    }
  }
  return days;
}

function sortedDays(list: readonly Share[]): number[] {
  const days = new Set<number>();
  for (const { pairs, start, end } of list) {
    for (let i = start; i < end; i += 2) {
      days.add(pairs[i] ?? 0);
    }
  }
  return [...days].sort((a, b) => a - b);
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
