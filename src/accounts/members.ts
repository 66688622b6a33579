import { MEMBERS_MAX, type SignalTally } from './state.ts';

/**
 * Distinct values of a signal, each with its first and last instant.
 *
 * Exact up to MEMBERS_MAX. Past that the values with the smallest hashes are kept (a k-minimum-values sketch):
 * the same ones whatever the order of arrival or merging, because a value that was dropped once can never be
 * among the k smallest of a larger set. `membersCut` marks it; `memberCount` then estimates with a standard
 * error of about 1/sqrt(MEMBERS_MAX - 2), 3.2 %.
 */
export function addMember(tally: SignalTally, member: string, span: [number, number]): void {
  const members = tally.members ?? {};
  tally.members = members;
  const known = members[member];
  members[member] = known === undefined ? span : [Math.min(known[0], span[0]), Math.max(known[1], span[1])];
  if (known === undefined && Object.keys(members).length > MEMBERS_MAX) {
    cut(tally, members);
  }
}

export function mergeMembers(mine: SignalTally, theirs: SignalTally): void {
  if (mine.members !== undefined) {
    mine.members = { ...mine.members };
  }
  for (const [member, span] of Object.entries(theirs.members ?? {})) {
    addMember(mine, member, [...span]);
  }
  if (theirs.membersCut) {
    mine.membersCut = true;
  }
}

/** How many distinct values `kept` stand for: exact, or the estimate once values had to be dropped. */
export function memberCount(tally: SignalTally, kept: readonly string[]): number {
  if (!tally.membersCut) {
    return kept.length;
  }
  const all = Object.keys(tally.members ?? {});
  const largest = Math.max(...all.map(hashFraction));
  const total = (all.length - 1) / largest;
  return Math.round((total * kept.length) / all.length);
}

function cut(tally: SignalTally, members: Record<string, [number, number]>): void {
  let largest = { member: '', fraction: -1 };
  for (const member of Object.keys(members)) {
    const fraction = hashFraction(member);
    largest = fraction > largest.fraction ? { member, fraction } : largest;
  }
  delete members[largest.member];
  tally.membersCut = true;
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
