import { isRowId, readPlace, writePlace } from '../shared/cursor.ts';
import type { CrmName } from '../sync/crm.ts';

/**
 * What has become of a qualified account: somebody got it, it is held back for now, or it goes to nobody (another route, or entered
 * without acting).
 */
export const FEED_STATES = ['handed_over', 'held', 'not_handed_over'] as const;
export type FeedState = (typeof FEED_STATES)[number];

export interface FeedFilter {
  /** E-mail or name of whoever has the task, whatever its case; null: everybody's, and nobody's. */
  owner: string | null;
  /** null: all of them. */
  state: FeedState | null;
  limit: number;
  cursor: string | null;
}

/** One qualified account, as one who works through a list wants it. Instants are ISO 8601. */
export interface FeedRow {
  account: string;
  name: string | null;
  domain: string | null;
  tier: string;
  score: number;
  /** Points more than 24 hours ago; null: it had no score then. */
  change: number | null;
  /** The tier of 24 hours ago; null: none. */
  tierBefore: string | null;
  /** What earned most points, in words. */
  reasons: string[];
  state: FeedState;
  /** Who gets it; null: it was never sent anywhere. */
  route: string | null;
  /** Why it is held back or goes to nobody, in words; null: neither. */
  why: string | null;
  /** Who has its newest task, by e-mail or name; null: nobody, or not yet. */
  owner: string | null;
  /** By when somebody must get in touch; null: nobody is asked to, or somebody has. */
  due: string | null;
  /** When somebody of ours first got in touch; null: nobody has, as far as is known. */
  touched: string | null;
  /** How: call, email, meeting, task or claim; null: nobody has. */
  touch: string | null;
  /** When it last crossed into the tier; null: it never did. */
  crossedAt: string | null;
  /** Its records in the CRMs of today. */
  records: { crm: CrmName; connection: string; id: string }[];
}

export interface FeedPage {
  feed: FeedRow[];
  /** Cursor of the next page; null: this is the last. */
  next: string | null;
}

/** Where a page ended: rank of the tier, deadline (ISO 8601, or `infinity`), score, account id. */
export type FeedPlace = [rank: number, due: string, score: number, id: string];

export function writeFeedCursor(place: FeedPlace): string {
  return writePlace(place);
}

/** null: not a cursor that `writeFeedCursor` wrote. */
export function readFeedCursor(cursor: string): FeedPlace | null {
  const place = readPlace(cursor);
  return isPlace(place) ? place : null;
}

function isPlace(place: unknown[] | null): place is FeedPlace {
  if (place?.length !== 4) {
    return false;
  }
  const [rank, due, score, id] = place;
  return (
    Number.isSafeInteger(rank) &&
    typeof due === 'string' &&
    (due === 'infinity' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(due)) &&
    Number.isFinite(score) &&
    isRowId(id)
  );
}

export function isFeedCursor(text: string): boolean {
  return readFeedCursor(text) !== null;
}

/** Where people look at records of the CRMs: an address without a path; null: a stand-in, or not known. */
export type CrmSites = Record<CrmName, string | null>;

/** The account's record in the CRM's own pages; null: nobody knows where those are. */
export function recordUrl(
  sites: CrmSites,
  { crm, connection, id }: FeedRow['records'][number],
): string | null {
  const site = sites[crm];
  if (site === null || !/^[A-Za-z0-9]+$/.test(id)) {
    return null;
  }
  const [, portal] = /^hubspot:(\d+)$/.exec(connection) ?? [];
  if (crm === 'hubspot') {
    return portal === undefined ? null : `${site}/contacts/${portal}/record/0-2/${id}`;
  }
  return `${site}/lightning/r/Account/${id}/view`;
}

/** As the API and the verb answer. */
export type FeedView = Omit<FeedRow, 'records'> & {
  links: { crm: CrmName; id: string; url: string | null }[];
};

export function feedView(
  { feed, next }: FeedPage,
  sites: CrmSites,
): { feed: FeedView[]; next: string | null } {
  return {
    feed: feed.map(({ records, ...row }) => ({
      ...row,
      links: records.map((record) => ({ crm: record.crm, id: record.id, url: recordUrl(sites, record) })),
    })),
    next,
  };
}
