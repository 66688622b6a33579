import { isIPv6 } from 'node:net';

/** Failed attempts per sender before it has to wait, and how long (ms) they are remembered from the first of them. */
const MAX = 20;
const WINDOW = 60_000;
/** Senders remembered one by one. */
const SENDERS = 10_000;

/** Who has failed to show the token too often. */
export interface Failures {
  tooMany(address: string): boolean;
  note(address: string): void;
}

interface Entry {
  count: number;
  since: number;
}

/**
 * Counts failures by sender: an IPv4 address, or a /64 of IPv6, of which one machine has every address. Nothing is
 * forgotten before its minute is over, neither for a success nor for lack of room: beyond 10,000 senders the others
 * share one count, so that whoever has many addresses can't begin anew with each. Limit: while so many attack at
 * once, somebody new may have to wait too.
 */
export function failures(now: () => number): Failures {
  const known = new Map<string, Entry>();
  const others: Entry = { count: 0, since: 0 };
  /** Entries stand in the order in which their minute began. */
  const forgetOld = () => {
    for (const [sender, { since }] of known) {
      if (Math.abs(now() - since) < WINDOW) {
        return;
      }
      known.delete(sender);
    }
  };
  const entryOf = (address: string): Entry | undefined => {
    forgetOld();
    const own = known.get(senderOf(address));
    return own ?? (known.size >= SENDERS ? renewed(others, now()) : undefined);
  };
  return {
    tooMany: (address) => (entryOf(address)?.count ?? 0) >= MAX,
    note: (address) => {
      const entry = entryOf(address) ?? { count: 0, since: now() };
      entry.count += 1;
      if (entry !== others) {
        known.set(senderOf(address), entry);
      }
    },
  };
}

function renewed(entry: Entry, now: number): Entry {
  return Math.abs(now - entry.since) < WINDOW ? entry : Object.assign(entry, { count: 0, since: now });
}

/** IPv4 also as IPv6 writes it, `::ffff:192.0.2.1`; of IPv6 the first four of eight groups. */
function senderOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%')[0] ?? '';
  if (!isIPv6(bare)) {
    return bare;
  }
  const [head = '', tail = ''] = bare.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const gap = bare.includes('::') ? Array(Math.max(0, 8 - before.length - after.length)).fill('0') : [];
  return [...before, ...gap, ...after].slice(0, 4).join(':');
}
