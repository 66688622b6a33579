import type { DigestRow, DigestState } from '../../read-model/digest.ts';
import { DAY, HOUR, isoInstant, MINUTE } from '../../shared/time.ts';
import { type Db, inTransaction } from '../db.ts';

/** Digests are rows for so many days. */
const KEPT = 90;

/** Whether the day's recipients are known, and which of their mails are due now (real time, ms). */
export async function digestsDue(
  db: Db,
  day: string,
  realNow: number,
): Promise<{ planned: boolean; due: string[] }> {
  const rows = await db.query<{ recipient: string; state: DigestState | 'planned' }>(
    `SELECT recipient, state FROM digests
     WHERE day = $1 AND (state = 'planned' OR (state = 'waiting' AND next_at <= $2)) ORDER BY recipient`,
    [day, isoInstant(realNow)],
  );
  return {
    planned: rows.rows.some(({ state }) => state === 'planned'),
    due: rows.rows.filter(({ state }) => state === 'waiting').map(({ recipient }) => recipient),
  };
}

/** Notes who gets the day's digest, once for all processes. */
export async function planDigests(
  db: Db,
  day: string,
  recipients: readonly string[],
  realNow: number,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const now = isoInstant(realNow);
    const first = await tx.query(
      `INSERT INTO digests (day, recipient, state, next_at, updated_at) VALUES ($1, '', 'planned', $2, $2) ON CONFLICT DO NOTHING`,
      [day, now],
    );
    if (first.rowCount === 1) {
      await tx.query(
        `INSERT INTO digests (day, recipient, state, next_at, updated_at)
         SELECT $1, recipient, 'waiting', $3, $3 FROM unnest($2::text[]) AS recipient ON CONFLICT DO NOTHING`,
        [day, recipients, now],
      );
      await tx.query('DELETE FROM digests WHERE day < $1::date - $2::integer', [day, KEPT]);
    }
  });
}

/** Takes one mail, so that no other process sends it; false: another has it, or it is not due any more. */
export async function claimDigest(db: Db, day: string, recipient: string, realNow: number): Promise<boolean> {
  const claimed = await db.query(
    `UPDATE digests SET state = 'sending', attempts = attempts + 1, tried_at = $3, updated_at = $3
     WHERE day = $1 AND recipient = $2 AND state = 'waiting' AND next_at <= $3`,
    [day, recipient, isoInstant(realNow)],
  );
  return claimed.rowCount === 1;
}

/** What became of one that was taken. */
export async function settleDigest(
  db: Db,
  day: string,
  recipient: string,
  { state, accounts, reason }: { state: DigestState; accounts: number; reason: string | null },
  realNow: number,
): Promise<void> {
  await db.query(
    `UPDATE digests SET state = $3, accounts = $4, reason = $5, updated_at = $6
     WHERE day = $1 AND recipient = $2 AND state = 'sending'`,
    [day, recipient, state, accounts, reason, isoInstant(realNow)],
  );
}

/** Mails that did not go out wait: 5 minutes after the first attempt, then twice as long each time, an hour at most. */
export async function postponeDigests(
  db: Db,
  day: string,
  recipients: readonly string[],
  reason: string,
  realNow: number,
): Promise<void> {
  await db.query(
    `UPDATE digests SET state = 'waiting', reason = $3, updated_at = $4,
       attempts = CASE WHEN state = 'sending' THEN attempts ELSE attempts + 1 END,
       next_at = $4::timestamptz + interval '1 millisecond'
         * least($6, $5 * 2 ^ least(10, CASE WHEN state = 'sending' THEN attempts - 1 ELSE attempts END))
     WHERE day = $1 AND recipient = ANY($2::text[]) AND state IN ('waiting', 'sending')`,
    [day, recipients, reason, isoInstant(realNow), 5 * MINUTE, HOUR],
  );
}

/** A process that sends takes no longer than this (ms) for one mail: whoever did was killed. */
const SENDING_MAX = 10 * MINUTE;

/**
 * Ends what nobody will send: mails of days that are over, and those that a process was sending when it ended, which are perhaps sent
 * and therefore not sent again (I6).
 *
 * @param today by the clocks of the digest's zone
 */
export async function endDigests(db: Db, today: string, realNow: number): Promise<void> {
  const now = isoInstant(realNow);
  await db.query(
    `UPDATE digests SET state = 'failed', updated_at = $2, reason = coalesce(reason, 'nothing sent it on its day')
     WHERE state = 'waiting' AND day < $1`,
    [today, now],
  );
  await db.query(
    `UPDATE digests SET state = 'uncertain', updated_at = $1, reason = 'the process ended while it was sent: perhaps it went out'
     WHERE state = 'sending' AND tried_at < $2`,
    [now, isoInstant(realNow - SENDING_MAX)],
  );
}

/** The mails of the last days, newest first. */
export async function listDigests(db: Db, limit: number): Promise<DigestRow[]> {
  const rows = await db.query<Omit<DigestRow, 'at' | 'nextTry'> & { updated_at: Date; next_at: Date }>(
    `SELECT day::text, recipient, state, accounts, attempts, reason, updated_at, next_at FROM digests
     WHERE recipient <> '' ORDER BY day DESC, recipient LIMIT $1`,
    [limit],
  );
  return rows.rows.map(({ updated_at, next_at, ...row }) => ({
    ...row,
    at: updated_at.toISOString(),
    nextTry: row.state === 'waiting' ? next_at.toISOString() : null,
  }));
}

/** Figures of the last days for the status; null: no digest went out or was to. */
export async function digestStatus(db: Db, realNow: number) {
  const rows = await db.query<{ state: DigestState; count: number; reason: string | null }>(
    `SELECT state, count(*) AS count, max(reason) AS reason FROM digests
     WHERE recipient <> '' AND day >= $1::date GROUP BY state`,
    [isoInstant(realNow - 7 * DAY)],
  );
  const count = (...states: DigestState[]) =>
    rows.rows.filter(({ state }) => states.includes(state)).reduce((sum, row) => sum + row.count, 0);
  const trouble = rows.rows.find(
    ({ state, reason }) => state !== 'sent' && state !== 'empty' && reason !== null,
  );
  return {
    sent: count('sent'),
    waiting: count('waiting', 'sending'),
    failed: count('failed', 'uncertain'),
    reason: trouble?.reason ?? null,
  };
}
