import { createHash } from 'node:crypto';
import { MEMBER_LENGTH, MEMBERS_MAX, type SignalTally } from './state.ts';

/**
 * Distinct values of a signal, each with its first and last instant.
 *
 * Exact up to MEMBERS_MAX. Past that the values with the smallest hashes are kept (a k-minimum-values sketch):
 * the same ones whatever the order of arrival or merging, because a value that was dropped once can never be
 * among the k smallest of a larger set. `membersCut` marks it; `distinctCount` then estimates.
 */
export function addMember(tally: SignalTally, member: string, span: [number, number]): void {
  tally.members ??= {};
  const known = Object.hasOwn(tally.members, member) ? tally.members[member] : undefined;
  if (known !== undefined) {
    put(tally.members, member, [Math.min(known[0], span[0]), Math.max(known[1], span[1])]);
  } else if (tally.membersCut === undefined || hashFraction(member) <= tally.membersCut) {
    put(tally.members, member, span);
    cut(tally, tally.members, member);
  }
}

/** A value as it is kept: the same, unless it is too long; then its beginning and a hash of all of it. */
export function keptMember(value: string): string {
  if (value.length <= MEMBER_LENGTH) {
    return value;
  }
  // Half of a pair, where the cut fell, would fail every query that looks into the state.
  const beginning = value.slice(0, MEMBER_LENGTH - 33).toWellFormed();
  return `${beginning}#${createHash('sha256').update(value).digest('hex').slice(0, 32)}`;
}

/** Adds another tally's members to `mine`, in place. */
export function mergeMembers(mine: SignalTally, theirs: SignalTally): void {
  for (const [member, span] of Object.entries(theirs.members ?? {})) {
    addMember(mine, member, [...span]);
  }
  if (theirs.membersCut !== undefined && mine.members !== undefined) {
    mine.membersCut = rankedOf(mine.members).at(-1)?.fraction ?? 0;
  }
}

/**
 * How many distinct values all `tallies` have together, of those in `kept` (the ones that the question is about).
 * Exact while nothing was dropped. Else an estimate from the hashes below the smallest cut, of which every tally
 * still knows all; its standard error is 1/sqrt(n), n being the kept ones below the cut: 3.2 % for a thousand.
 */
export function distinctCount(tallies: readonly SignalTally[], kept: ReadonlySet<string>): number {
  const cuts = tallies.flatMap(({ membersCut }) => membersCut ?? []);
  if (cuts.length === 0) {
    return kept.size;
  }
  const lowest = Math.min(...cuts);
  const below = [...kept].filter((member) => hashFraction(member) < lowest).length;
  return Math.max(kept.size, Math.round(below / lowest));
}

/** `added` has just come in. Beyond the bound the largest hash goes. */
function cut(tally: SignalTally, members: Members, added: string): void {
  if (tally.membersCut === undefined && Object.keys(members).length <= MEMBERS_MAX) {
    return;
  }
  const ranked = rankedOf(members, added);
  while (ranked.length > MEMBERS_MAX) {
    delete members[ranked.pop()?.member ?? ''];
    tally.membersCut = ranked.at(-1)?.fraction ?? 0;
  }
}

/** Members are words of strangers: plainly assigned, "__proto__" would change the object instead of entering it. */
function put(members: Members, member: string, span: [number, number]): void {
  if (member === '__proto__') {
    const own = { value: span, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(members, member, own);
  } else {
    members[member] = span;
  }
}

type Members = NonNullable<SignalTally['members']>;

interface Ranked {
  member: string;
  fraction: number;
}

/**
 * Members by hash, beside the object that holds them and gone with it: hashing all of them anew for each value that
 * comes would cost a full tally a thousand hashes per event. Only tallies that were cut have one.
 */
const RANKS = new WeakMap<Members, Ranked[]>();

/** Smallest hash first. `added` is in `members` and may not be in the ranks yet. */
function rankedOf(members: Members, added?: string): Ranked[] {
  const known = RANKS.get(members);
  if (known === undefined) {
    const ranked = Object.keys(members)
      .map((member) => ({ member, fraction: hashFraction(member) }))
      .sort(byHash);
    RANKS.set(members, ranked);
    return ranked;
  }
  if (added !== undefined) {
    const entry = { member: added, fraction: hashFraction(added) };
    const place = known.findLastIndex((other) => byHash(other, entry) < 0);
    known.splice(place + 1, 0, entry);
  }
  return known;
}

/** Equal hashes are told apart by the value itself, so that order never matters. */
function byHash(a: Ranked, b: Ranked): number {
  return a.fraction - b.fraction || (a.member < b.member ? -1 : 1);
}

/** A value's hash as a fraction of the whole range, evenly spread over [0, 1): 53 bits, two rounds of multiply and mix. */
function hashFraction(member: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < member.length; i++) {
    const code = member.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)) / 2 ** 53;
}
