import type { SEVERAL_ACCOUNTS } from '../../src/accounts/accounts-config.ts';
import { byTime } from '../../src/accounts/identity.ts';
import type { ProductEvent } from '../../src/events/event.ts';

/** Where an event goes when no membership says: by the mail domain, or alone. */
export const BY_MAIL = 'by mail';
export const STANDS_ALONE = 'alone';

type Rule = (typeof SEVERAL_ACCOUNTS)[number];
interface Change {
  at: number;
  id: string;
  account: string | null;
  ends: boolean;
}

/**
 * The account of one event among all events of its person, read from decision 8 line by line, with no regard to cost:
 * another way to the same answer, so that a mistake in one shows.
 */
export function accountOf(
  event: ProductEvent,
  events: readonly ProductEvent[],
  rule: Rule,
  isRemoval: (event: ProductEvent) => boolean,
): string {
  if (event.accountId !== null) {
    return event.accountId;
  }
  const changes = events
    .filter((one) => one.accountId !== null || isRemoval(one))
    .map((one) => ({ at: one.at, id: one.id, account: one.accountId, ends: isRemoval(one) }))
    .sort(byTime);
  // A removal that names no account is placed by what held just before it.
  const before = changes.filter((change) =>
    isRemoval(event) ? byTime(change, event) < 0 : change.at <= event.at,
  );
  const members = membershipsAfter(before);
  if (members.length > 0) {
    const key = (one: Membership) => (rule === 'first declared' ? one.since : -one.last);
    return [...members].sort((a, b) => key(a) - key(b))[0]?.account ?? '';
  }
  const next = changes.slice(before.length).find((change) => !change.ends);
  return next?.account ?? (before.some(({ ends }) => ends) ? STANDS_ALONE : BY_MAIL);
}

interface Membership {
  account: string;
  /** Places in the order of changes. */
  since: number;
  last: number;
}

function membershipsAfter(changes: readonly Change[]): Membership[] {
  const accounts = new Set(changes.flatMap(({ account }) => (account === null ? [] : [account])));
  return [...accounts].flatMap((account) => {
    const mine = changes
      .map((change, place) => ({ ...change, place }))
      .filter((change) => {
        return change.account === account || (change.ends && change.account === null);
      });
    const ended = mine.findLastIndex(({ ends }) => ends);
    const [first] = mine.slice(ended + 1);
    const last = mine.at(-1);
    return first === undefined || last === undefined
      ? []
      : [{ account, since: first.place, last: last.place }];
  });
}
