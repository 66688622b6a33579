import type { CrmReads, Deal } from '../../src/sync/crm-reads.ts';
import type { FeedCursor } from '../../src/sync/feed.ts';

/** Every deal behind a cursor, with how many pages it took. */
export async function readAll(reads: CrmReads, from: FeedCursor): Promise<{ deals: Deal[]; pages: number }> {
  const deals: Deal[] = [];
  let pages = 0;
  for (let next: FeedCursor | null = from; next !== null; pages++) {
    const page = await reads.deals(next);
    if (page.state === 'failed') {
      throw new Error(page.reason);
    }
    deals.push(...page.deals);
    next = page.next;
  }
  return { deals, pages };
}
