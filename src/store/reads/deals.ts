import { cleanText } from '../../events/text.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Deal } from '../../sync/crm-reads.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { saidWithoutForgotten } from '../forget/settle.ts';
import { type ClaimedFeed, type FeedProgress, saveProgress } from './feeds.ts';

/** Of these deals, those whose company is known as of their last change (ms). */
export async function placedDeals(
  db: Db,
  connection: string,
  ids: readonly string[],
): Promise<Map<string, { modifiedAt: number; account: string }>> {
  const rows = await db.query<{ crm_id: string; account_crm_id: string; modified_at: Date }>({
    name: 'deals-placed',
    text: `SELECT crm_id, account_crm_id, modified_at FROM crm_deals
           WHERE connection = $1 AND crm_id = ANY($2) AND NOT deleted AND account_crm_id IS NOT NULL`,
    values: [connection, ids],
  });
  return new Map(
    rows.rows.map((row) => [
      row.crm_id,
      { modifiedAt: row.modified_at.getTime(), account: row.account_crm_id },
    ]),
  );
}

/**
 * Keeps a page of deals and how far the feed is, at once. Gives how many accounts it changed; null: another process has
 * the feed now, and nothing was kept. What the first filling tells is news to us only: it does not act (decision 11).
 */
export async function saveDealPage(
  db: Db,
  claim: ClaimedFeed,
  deals: readonly Deal[],
  progress: FeedProgress,
  realNow: number,
): Promise<number | null> {
  return inTransaction(db, async (tx) => {
    if (!(await saveProgress(tx, claim, progress, realNow))) {
      return null;
    }
    const kept = await namesReplaced(db, tx, deals);
    const woken = await saveDeals(tx, claim.connection, kept, { act: claim.filled, realNow });
    const firstTime = progress.cursor === null && !claim.filled;
    return woken + (firstTime ? await wakeLinked(tx, claim.connection, realNow) : 0);
  });
}

/** From now on having no deal is known of every linked company: once per connection all of them are scored again. */
async function wakeLinked(tx: Tx, connection: string, realNow: number): Promise<number> {
  const woken = await tx.query(
    `INSERT INTO dirty_accounts (account, due_at, act)
     SELECT DISTINCT accounts.id, $2::timestamptz, false FROM crm_records JOIN accounts ON accounts.id = account
     WHERE connection = $1 AND object = 'account' AND crm_id <> '' ORDER BY 1
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
    [connection, isoInstant(realNow)],
  );
  return woken.rowCount ?? 0;
}

/** A deal may be called like somebody who is forgotten (I12). */
async function namesReplaced(db: Db, tx: Tx, deals: readonly Deal[]): Promise<Deal[]> {
  const known = await knownToWriter(db, tx);
  return deals.map((deal) => ({ ...deal, name: saidWithoutForgotten(known, deal.name) }));
}

interface Saving {
  act: boolean;
  realNow: number;
}

/**
 * Keeps deals; an older word never replaces a newer one. Only accounts of which a deal says something else become dirty,
 * that of the company before among them.
 */
async function saveDeals(
  tx: Tx,
  connection: string,
  deals: readonly Deal[],
  { act, realNow }: Saving,
): Promise<number> {
  if (deals.length === 0) {
    return 0;
  }
  const woken = await tx.query({
    name: 'deals-save',
    text: `WITH told AS (
             SELECT * FROM json_to_recordset($2) AS row (crm_id text, name text, account_crm_id text, pipeline text,
               stage text, state text, amount numeric, currency text, home_amount numeric, owner text,
               created_at timestamptz(3), closes_at timestamptz(3), stage_at timestamptz(3), modified_at timestamptz(3),
               deleted boolean)
           ), before AS (
             SELECT d.* FROM crm_deals d JOIN told USING (crm_id) WHERE connection = $1
           ), saved AS (
             INSERT INTO crm_deals (connection, crm_id, name, account_crm_id, pipeline, stage, state, amount, currency,
               home_amount, owner, created_at, closes_at, stage_at, modified_at, deleted, read_at, checked_at)
             SELECT $1, crm_id, name, account_crm_id, pipeline, stage, state, amount, currency, home_amount, owner,
               created_at, closes_at, stage_at, modified_at, deleted, $3, $3
             FROM told ORDER BY crm_id
             ON CONFLICT (connection, crm_id) DO UPDATE SET name = excluded.name,
               account_crm_id = excluded.account_crm_id, pipeline = excluded.pipeline, stage = excluded.stage,
               state = excluded.state, amount = excluded.amount, currency = excluded.currency,
               home_amount = excluded.home_amount, owner = excluded.owner, created_at = excluded.created_at,
               closes_at = excluded.closes_at, stage_at = excluded.stage_at, modified_at = excluded.modified_at,
               deleted = excluded.deleted, read_at = excluded.read_at, checked_at = excluded.checked_at
             WHERE excluded.modified_at >= crm_deals.modified_at
           ), changed AS (
             SELECT told.account_crm_id AS now_at, before.account_crm_id AS was_at
             FROM told LEFT JOIN before USING (crm_id)
             WHERE before.crm_id IS NULL OR (told.modified_at >= before.modified_at
               AND (before.account_crm_id, before.stage, before.state, before.amount, before.currency,
                    before.home_amount, before.closes_at, before.deleted)
                 IS DISTINCT FROM (told.account_crm_id, told.stage, told.state, told.amount, told.currency,
                    told.home_amount, told.closes_at, told.deleted))
           )
           INSERT INTO dirty_accounts (account, due_at, act)
           SELECT DISTINCT accounts.id, $3::timestamptz, $4::boolean
           FROM changed JOIN crm_records r ON r.connection = $1 AND r.object = 'account' AND r.crm_id <> ''
             AND r.crm_id IN (changed.now_at, changed.was_at)
           JOIN accounts ON accounts.id = r.account ORDER BY 1
           ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
             act = dirty_accounts.act OR excluded.act`,
    values: [connection, storedJson(deals.map(rowOf)), isoInstant(realNow), act],
  });
  return woken.rowCount ?? 0;
}

function rowOf(deal: Deal) {
  const instant = (at: number | null) => (at === null ? null : isoInstant(at));
  // One text that PostgreSQL refuses would keep a whole page out for ever (I9).
  const text = (value: string | null) => (value === null ? null : cleanText(value));
  return {
    crm_id: deal.id,
    name: text(deal.name),
    account_crm_id: deal.account,
    pipeline: text(deal.pipeline),
    stage: text(deal.stage),
    state: deal.state,
    amount: deal.amount,
    currency: text(deal.currency),
    home_amount: deal.homeAmount,
    owner: text(deal.owner),
    created_at: instant(deal.createdAt),
    closes_at: instant(deal.closesAt),
    stage_at: instant(deal.stageAt),
    modified_at: instant(deal.modifiedAt),
    deleted: deal.deleted,
  };
}

/** Deals in these states that were not seen since `before`: a deletion leaves no trace in a search. A claim counts as seen. */
export async function claimUnseen(
  db: Db,
  connection: string,
  limit: number,
  { states, before, realNow }: { states: Deal['state'][]; before: number; realNow: number },
): Promise<string[]> {
  const rows = await db.query<{ crm_id: string }>({
    name: 'deals-unseen',
    text: `WITH due AS (
             SELECT crm_id FROM crm_deals
             WHERE connection = $1 AND NOT deleted AND state = ANY($2) AND checked_at < $3
             ORDER BY checked_at LIMIT $4 FOR UPDATE SKIP LOCKED
           )
           UPDATE crm_deals SET checked_at = $5 FROM due
           WHERE connection = $1 AND crm_deals.crm_id = due.crm_id RETURNING crm_deals.crm_id`,
    values: [connection, states, isoInstant(before), limit, isoInstant(realNow)],
  });
  return rows.rows.map(({ crm_id }) => crm_id);
}

/** Gives claimed deals back, as though they had been seen at `seenAt`. */
export async function unclaimDeals(
  db: Db,
  connection: string,
  ids: readonly string[],
  seenAt: number,
): Promise<void> {
  await db.query(`UPDATE crm_deals SET checked_at = $3 WHERE connection = $1 AND crm_id = ANY($2)`, [
    connection,
    ids,
    isoInstant(seenAt),
  ]);
}

/** What asking for claimed deals showed: `there` as they are now; the others are gone. Gives how many accounts it changed. */
export async function saveSeen(
  db: Db,
  connection: string,
  asked: readonly string[],
  there: readonly Deal[],
  realNow: number,
): Promise<number> {
  const found = new Set(there.map(({ id }) => id));
  const gone = asked.filter((id) => !found.has(id));
  return inTransaction(db, async (tx) => {
    const woken = await saveDeals(tx, connection, await namesReplaced(db, tx, there), { act: true, realNow });
    const dropped = await tx.query(
      `WITH gone AS (
         UPDATE crm_deals SET deleted = true, read_at = $3
         WHERE connection = $1 AND crm_id = ANY($2) AND NOT deleted RETURNING account_crm_id
       )
       INSERT INTO dirty_accounts (account, due_at, act)
       SELECT DISTINCT accounts.id, $3::timestamptz, true FROM gone
       JOIN crm_records r ON r.connection = $1 AND r.object = 'account' AND r.crm_id <> '' AND r.crm_id = account_crm_id
       JOIN accounts ON accounts.id = r.account ORDER BY 1
       ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
         act = dirty_accounts.act OR excluded.act`,
      [connection, gone, isoInstant(realNow)],
    );
    return woken + (dropped.rowCount ?? 0);
  });
}

/** Deals are read no longer: what they said is forgotten, and whom they spoke of is scored again. */
export async function dropDeals(db: Db, connection: string, realNow: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const feed = await tx.query(`DELETE FROM crm_feeds WHERE connection = $1 AND feed = 'deals'`, [
      connection,
    ]);
    if (feed.rowCount === 0) {
      return 0;
    }
    await tx.query('DELETE FROM crm_deals WHERE connection = $1', [connection]);
    return wakeLinked(tx, connection, realNow);
  });
}
