import type { Part, SignalTally } from '../../accounts/state.ts';

/** Equal parts as equal bytes, whatever came first (I3). Everything below these keys is written in a fixed order. */
export function partText(part: Part): string {
  const { signals, traits, accountTraits, firstSeen, lastSeen } = part;
  return JSON.stringify({
    signals: byKey(Object.entries(signals).map(([id, tally]) => [id, withSortedMembers(tally)])),
    traits: byKey(Object.entries(traits)),
    accountTraits: byKey(Object.entries(accountTraits)),
    firstSeen,
    lastSeen,
  });
}

function withSortedMembers(tally: SignalTally): SignalTally {
  const { members, membersCut, ...counts } = tally;
  return {
    ...counts,
    ...(members === undefined ? {} : { members: byKey(Object.entries(members)) }),
    ...(membersCut === undefined ? {} : { membersCut }),
  };
}

/** Entries become own keys, "__proto__" too. */
function byKey<T>(entries: [string, T][]): Record<string, T> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
