import type { Sent } from '../../alerts/burst.ts';
import type { AlertItem, AlertStore, StaleCard, Thread } from '../../alerts/port.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant, MINUTE } from '../../shared/time.ts';
import { whileAway } from '../away.ts';
import { claimActs, hold } from '../claims.ts';
import { pause, pausedUntil } from '../connections.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { withoutForgotten } from '../forget/settle.ts';
import { saveSettled } from '../settled.ts';
import { loadAlerts, RECORDS, THREAD } from './alert-items.ts';
import { remindersDue, saveThreads } from './threads.ts';

/** So long (ms) the database is waited for with what Slack answered; the lease of a claim is longer. */
const OUTCOME_PATIENCE = 60_000;

/** How long (ms) a change of a first message is left to whoever took it. */
const REFRESH_LEASE = MINUTE;

/** Alerts on PostgreSQL. `now`: business time (ms), for what happened when. `realNow`: real time (ms), for leases and paces. */
export function postgresAlerts(db: Db, realNow: () => number, now: () => number): AlertStore {
  const patient = <T>(ask: () => Promise<T>) => whileAway(db, realNow() + OUTCOME_PATIENCE, realNow, ask);
  return {
    pausedUntil: (connection) => pausedUntil(db, connection),
    pause: (connection, until, code, reason) => pause(db, connection, until, code, reason),
    claim: async (connection, limit) => {
      const claimed = await claimActs<AlertItem>(db, connection, 'alert', limit, realNow(), null);
      return loadAlerts(db, connection, claimed);
    },
    hold: (items, work) => hold(db, items, work, realNow),
    takeTurn: (connection, channel, every) => takeTurn(db, connection, channel, every, realNow()),
    holdChannel: (connection, channel, until) => holdChannel(db, connection, channel, until),
    sentTo: (connection, channel) => sentTo(db, connection, channel),
    noteSending: async (ids) => {
      await db.query('UPDATE actions SET sends = sends + 1, sent_at = $2 WHERE id = ANY($1::uuid[])', [
        ids,
        isoInstant(realNow()),
      ]);
    },
    noteNotSent: (ids) =>
      patient(async () => {
        await db.query(
          'UPDATE actions SET sends = greatest(0, sends - 1) WHERE id = ANY($1::uuid[]) AND sends > 0',
          [ids],
        );
      }),
    settle: (connection, settled, threads, got) =>
      patient(() =>
        inTransaction(db, async (tx) => {
          const kept = await withoutForgotten(db, tx, { settled, links: [] });
          await saveThreads(tx, connection, threads, { now: now(), realNow: realNow() });
          await saveSettled(tx, kept.settled, realNow(), now());
          if (got !== null) {
            await noteSent(tx, connection, got);
          }
        }),
      ),
    staleCards: (connection, limit) => staleCards(db, connection, limit, realNow()),
    cardShown: (connection, account, version) => cardShown(db, connection, account, version, realNow()),
    remind: (connection) => remindersDue(db, connection, now(), realNow()),
    nextDue: (connection) => nextDue(db, connection, realNow(), now()),
  };
}

async function holdChannel(db: Db, connection: string, channel: string, until: number): Promise<void> {
  await db.query(
    `INSERT INTO slack_channels (connection, channel, free_at) VALUES ($1, $2, $3)
     ON CONFLICT (connection, channel) DO UPDATE SET free_at = greatest(slack_channels.free_at, excluded.free_at)`,
    [connection, channel, isoInstant(until)],
  );
}

/** One that has changed since is changed again. */
async function cardShown(
  db: Db,
  connection: string,
  account: string,
  version: number,
  now: number,
): Promise<void> {
  await db.query(
    `UPDATE slack_threads SET shown = $3, refresh_at = CASE WHEN version = $3 THEN NULL ELSE $4::timestamptz END
     WHERE connection = $1 AND account = $2`,
    [connection, account, version, isoInstant(now)],
  );
}

/** Added in one statement: workers of one channel do not write over each other. */
async function noteSent(
  tx: Tx,
  connection: string,
  { channel, sent, since }: { channel: string; sent: Sent; since: number },
): Promise<void> {
  await tx.query(
    `UPDATE slack_channels SET sent = (SELECT json_agg(one) FROM json_array_elements((sent::jsonb || $3::jsonb)::json) AS one
       WHERE (one ->> 'at')::float8 > $4)
     WHERE connection = $1 AND channel = $2`,
    [connection, channel, storedJson(sent), since],
  );
}

/** The moment is taken in the database, so that all workers keep one pace. */
async function takeTurn(
  db: Db,
  connection: string,
  channel: string,
  every: number,
  now: number,
): Promise<number> {
  const rows = await db.query<{ at: Date }>(
    `INSERT INTO slack_channels (connection, channel, free_at) VALUES ($1, $2, $3::timestamptz + $4 * interval '1 ms')
     ON CONFLICT (connection, channel) DO UPDATE
       SET free_at = greatest(slack_channels.free_at, $3::timestamptz) + $4 * interval '1 ms'
       WHERE slack_channels.free_at <= $3::timestamptz + interval '5 seconds'
     RETURNING free_at - $4 * interval '1 ms' AS at`,
    [connection, channel, isoInstant(now), every],
  );
  const [taken] = rows.rows;
  return taken === undefined ? freeAt(db, connection, channel) : taken.at.getTime();
}

/** Of a channel whose next turn is too far away to be taken now. */
async function freeAt(db: Db, connection: string, channel: string): Promise<number> {
  const rows = await db.query<{ free_at: Date }>(
    'SELECT free_at FROM slack_channels WHERE connection = $1 AND channel = $2',
    [connection, channel],
  );
  return rows.rows[0]?.free_at.getTime() ?? 0;
}

async function sentTo(db: Db, connection: string, channel: string): Promise<Sent[]> {
  const rows = await db.query<{ sent: Sent[] }>(
    'SELECT sent FROM slack_channels WHERE connection = $1 AND channel = $2',
    [connection, channel],
  );
  return rows.rows[0]?.sent ?? [];
}

interface StaleRow {
  account: string;
  version: number;
  thread: Thread & { cardTs: string };
  payload: StaleCard['payload'];
  owner: string | null;
  records: StaleCard['records'];
}

async function staleCards(db: Db, connection: string, limit: number, now: number): Promise<StaleCard[]> {
  const rows = await db.query<StaleRow>(
    `WITH due AS (
       SELECT account FROM slack_threads WHERE connection = $1 AND refresh_at <= $2 AND card_ts IS NOT NULL
       ORDER BY refresh_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ), leased AS (
       UPDATE slack_threads th SET refresh_at = $4 FROM due WHERE th.connection = $1 AND th.account = due.account
       RETURNING th.*
     )
     SELECT th.account, th.version, a.payload,
            ${THREAD} AS thread,
            (SELECT t.owner ->> 'name' FROM actions t WHERE t.account = a.account AND t.crossing = a.crossing
               AND t.kind = 'task' AND t.owner IS NOT NULL ORDER BY t.id LIMIT 1) AS owner,
            ${RECORDS} AS records
     FROM leased th JOIN actions a ON a.id = th.act`,
    [connection, isoInstant(now), limit, isoInstant(now + REFRESH_LEASE)],
  );
  return rows.rows;
}

async function nextDue(db: Db, connection: string, realNow: number, now: number): Promise<number | null> {
  const rows = await db.query<{ real: Date | null; business: Date | null }>(
    `SELECT least((SELECT min(next_at) FROM actions WHERE connection = $1 AND kind = 'alert' AND state = 'waiting'
                     AND bulk_job IS NULL),
                  (SELECT min(refresh_at) FROM slack_threads WHERE connection = $1 AND refresh_at IS NOT NULL
                     AND card_ts IS NOT NULL)) AS real,
            (SELECT min(remind_at) FROM slack_threads WHERE connection = $1 AND remind_at IS NOT NULL
               AND state = 'snoozed') AS business`,
    [connection],
  );
  const { real = null, business = null } = rows.rows[0] ?? {};
  const waits = [
    ...(real === null ? [] : [real.getTime() - realNow]),
    ...(business === null ? [] : [business.getTime() - now]),
  ];
  return waits.length === 0 ? null : Math.max(0, Math.min(...waits));
}
