import { createHash } from 'node:crypto';
import type { Pool } from './team.ts';

/** What somebody has to do, over all pools. */
export interface Load {
  /** Tasks of the last 30 days that nobody has closed or acted on, as far as we know. */
  open: number;
  /** New tasks in the ISO week. */
  week: number;
}

/** What is known of the people of a pool when one of them is chosen. */
export interface Loads {
  /** By e-mail. Whoever is missing has nothing. */
  loads: ReadonlyMap<string, Load>;
  /** By pool and e-mail, a number that grows with every assignment. Whoever is missing never had one. */
  turns: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/**
 * The one of `able` who is next. Ties: of those with as few tasks whoever waited longest, and of those the first of the file.
 *
 * @param account key of the account: `steady` gives the same account always to the same person
 */
export function nextOf(
  pool: Pool,
  able: readonly string[],
  account: string,
  { loads, turns }: Loads,
): string | null {
  const turn = (email: string) => turns.get(pool.id)?.get(email) ?? -1;
  const open = (email: string) => loads.get(email)?.open ?? 0;
  const inOrder = pool.people.filter((email) => able.includes(email));
  const [first = null] = inOrder.sort((a, b) => {
    switch (pool.pick) {
      case 'steady':
        return weight(account, b) - weight(account, a);
      case 'least_loaded':
        return open(a) - open(b) || turn(a) - turn(b);
      default:
        return turn(a) - turn(b);
    }
  });
  return first;
}

const BYTES = 6;

/**
 * Rendezvous hashing: who is highest for an account stays so whoever else joins or leaves, so that only the accounts
 * of somebody who left move.
 */
export function weight(account: string, name: string): number {
  return createHash('sha256')
    .update(JSON.stringify([account, name]))
    .digest()
    .readUIntBE(0, BYTES);
}
