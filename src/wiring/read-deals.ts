import { DAY, MINUTE } from '../shared/time.ts';
import {
  claimUnseen,
  dropDeals,
  placedDeals,
  saveDealPage,
  saveSeen,
  unclaimDeals,
} from '../store/reads/deals.ts';
import { type ClaimedFeed, claimFeed, failFeed } from '../store/reads/feeds.ts';
import type { CrmReads, Deal, FailedRead } from '../sync/crm-reads.ts';
import { type FeedCursor, firstCursor, newest } from '../sync/feed.ts';
import { ownersFor } from './read-owners.ts';
import { CALLS, noteFailure, type Reached, type ReadBackDeps } from './reading.ts';

/**
 * Reads on where the feed of deals was left, a few pages at a time. Each page is kept together with how far it went, so a
 * process that dies loses at most the page it was reading. Gives how many accounts must be scored again.
 */
export async function readDeals(deps: ReadBackDeps, reached: Reached): Promise<number> {
  const { db, realNow } = deps;
  const every = reached.crm.mapping.readDealsEvery;
  if (every === null) {
    return dropDeals(db, reached.connection, realNow());
  }
  const claim = await claimFeed(db, reached.connection, 'deals', realNow());
  if (claim === null) {
    return 0;
  }
  let { cursor, watermark } = claim;
  let woken = 0;
  for (let page = 1; ; page++) {
    const from = cursor ?? firstCursor(watermark);
    const answer = await readPage(deps, reached, from);
    if (answer.state === 'failed') {
      await giveFeedBack(deps, reached, claim, answer);
      return woken;
    }
    ({ next: cursor } = answer);
    watermark = newest(watermark, answer.deals);
    const keep = cursor !== null && page < CALLS && !deps.life.stopping;
    const nextAt = cursor === null ? realNow() + every : realNow();
    const progress = { cursor, watermark, rows: answer.deals.length, calls: answer.calls, nextAt, keep };
    await ownersFor(deps, reached, ownersOf(answer.deals));
    const changed = await saveDealPage(db, claim, answer.deals, progress, realNow());
    woken += changed ?? 0;
    if (changed === null || !keep) {
      return woken;
    }
  }
}

/** For whoever asks with SQL who has a deal. */
function ownersOf(deals: readonly Deal[]): string[] {
  return [...new Set(deals.map(({ owner }) => owner).filter((id) => id !== null))];
}

interface Page {
  state: 'read';
  deals: Deal[];
  next: FeedCursor | null;
  calls: number;
}

/** A page with the company of each deal. Of what the overlap shows again the company is known: it costs no further call. */
async function readPage(
  { db }: ReadBackDeps,
  { crm, connection }: Reached,
  from: FeedCursor,
): Promise<Page | FailedRead> {
  const { reads } = crm.connector;
  const page = await reads.deals(from);
  if (page.state === 'failed' || reads.dealAccounts === null) {
    return page.state === 'failed' ? page : { ...page, calls: 1 };
  }
  const ids = page.deals.map(({ id }) => id);
  const placed = await placedDeals(db, connection, ids);
  const known = page.deals.flatMap((deal) => {
    const before = placed.get(deal.id);
    return before?.modifiedAt === deal.modifiedAt ? [{ ...deal, account: before.account }] : [];
  });
  const isKnown = new Set(known.map(({ id }) => id));
  const fresh = await withAccounts(
    reads,
    page.deals.filter(({ id }) => !isKnown.has(id)),
  );
  return fresh.state === 'failed'
    ? fresh
    : { state: 'read', deals: [...known, ...fresh.deals], next: page.next, calls: 1 + fresh.calls };
}

async function withAccounts(
  { dealAccounts, batch }: CrmReads,
  deals: readonly Deal[],
): Promise<{ state: 'read'; deals: Deal[]; calls: number } | FailedRead> {
  if (dealAccounts === null || deals.length === 0) {
    return { state: 'read', deals: [...deals], calls: 0 };
  }
  const answer = await dealAccounts(deals.map(({ id }) => id));
  if (answer.state === 'failed') {
    return answer;
  }
  const placed = deals.map((deal) => ({ ...deal, account: answer.accounts.get(deal.id) ?? null }));
  return { state: 'read', deals: placed, calls: Math.ceil(deals.length / batch) };
}

async function giveFeedBack(
  deps: ReadBackDeps,
  reached: Reached,
  claim: ClaimedFeed,
  failure: FailedRead,
): Promise<void> {
  await failFeed(deps.db, claim, deps.realNow() + failure.afterMs, failure);
  await noteFailure(deps, reached, 'deals', failure);
}

const UNSEEN = [
  { states: ['open' as const], after: DAY },
  { states: ['won' as const, 'lost' as const], after: 30 * DAY },
];

/**
 * Looks whether deals that nobody changed are still there and still with the same company: one batch a look, open ones
 * once a day, closed ones once in 30. Gives how many accounts must be scored again.
 */
export async function checkDeals(deps: ReadBackDeps, reached: Reached): Promise<number> {
  const { db, realNow } = deps;
  const { connection, crm } = reached;
  const { reads } = crm.connector;
  for (const { states, after } of crm.mapping.readDealsEvery === null ? [] : UNSEEN) {
    const due = { states, before: realNow() - after, realNow: realNow() };
    const ids = await claimUnseen(db, connection, reads.batch, due);
    if (ids.length > 0) {
      const there = await reads.dealsById(ids);
      const placed = there.state === 'failed' ? there : await withAccounts(reads, there.deals);
      if (placed.state === 'failed') {
        await unclaimDeals(db, connection, ids, realNow() - after + Math.max(placed.afterMs, MINUTE));
        await noteFailure(deps, reached, 'deals', placed);
        return 0;
      }
      return saveSeen(db, connection, ids, placed.deals, realNow());
    }
  }
  return 0;
}
