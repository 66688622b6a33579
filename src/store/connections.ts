import { isoInstant } from '../shared/time.ts';
import { type Db, hashId, inTransaction, type Tx } from './db.ts';

/** Which portal or org each CRM's credentials belong to, and until when nothing is sent there. */

/**
 * Notes which portal or org a CRM's credentials belong to. Acts that were decided while the CRM had never been
 * reached are waiting under its name alone: they are taken over. Links and acknowledged values of another portal
 * stay with that one.
 */
export async function noteConnection(db: Db, crm: string, connection: string, now: number): Promise<void> {
  await inTransaction(db, async (tx) => {
    const before = await tx.query<{ connection: string }>(
      'SELECT connection FROM connections WHERE crm = $1 FOR UPDATE',
      [crm],
    );
    if (before.rows[0]?.connection !== connection) {
      // Another portal knows nothing of the accounts there are: each is written when it is scored, so score each once.
      await tx.query(
        `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $1, true FROM accounts ORDER BY id
         ON CONFLICT (account) DO NOTHING`,
        [isoInstant(now)],
      );
    }
    await noteSeen(tx, crm, connection, now);
    await takeOver(tx, crm, connection);
  });
}

async function noteSeen(tx: Tx, crm: string, connection: string, now: number): Promise<void> {
  await tx.query(
    `INSERT INTO connections (crm, connection, seen_at) VALUES ($1, $2, $3)
     ON CONFLICT (crm) DO UPDATE SET connection = excluded.connection, seen_at = excluded.seen_at,
       paused_until = NULL, paused_code = NULL, paused_reason = NULL`,
    [crm, connection, isoInstant(now)],
  );
}

/** Acts that were decided before it was known whose they are. */
async function takeOver(tx: Tx, crm: string, connection: string): Promise<void> {
  const pending = await tx.query<{ id: string; key: string }>(
    'SELECT id, key FROM actions WHERE crm = $1 AND connection = $2 FOR UPDATE',
    [crm, pendingConnection(crm)],
  );
  for (const { id, key } of pending.rows) {
    const next = actionId(connection, key);
    await tx.query(
      `UPDATE actions SET id = $2, connection = $3 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM actions WHERE id = $2)`,
      [id, next, connection],
    );
  }
}

/** Notes where alerts go now. Unlike a CRM's records they are sent once: nothing is sent again to another workspace. */
export async function noteChannelOfAlerts(
  db: Db,
  name: string,
  connection: string,
  now: number,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await noteSeen(tx, name, connection, now);
    await takeOver(tx, name, connection);
  });
}

/**
 * Writes down, for the status, that a CRM could not be reached or does not fit its mapping; `until` (real time) is when
 * it is tried again. The portal it was connected to before stays the one that acts are for.
 */
export async function noteUnreachable(
  db: Db,
  crm: string,
  until: number,
  now: number,
  { code, reason }: { code: string; reason: string },
): Promise<void> {
  await db.query(
    `INSERT INTO connections (crm, connection, seen_at, paused_until, paused_code, paused_reason)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (crm) DO UPDATE SET paused_until = excluded.paused_until, paused_code = excluded.paused_code,
       paused_reason = excluded.paused_reason`,
    [crm, pendingConnection(crm), isoInstant(now), isoInstant(until), code, reason],
  );
}

/** Stands for a CRM that has never been reached. */
export function pendingConnection(crm: string): string {
  return `${crm}:pending`;
}

export function actionId(connection: string, key: string): string {
  return hashId(`${connection}\n${key}`);
}

/** Stops all work of a connection until real time `until` (ms). */
export async function pause(
  db: Db,
  connection: string,
  until: number,
  code: string,
  reason: string,
): Promise<void> {
  await db.query(
    'UPDATE connections SET paused_until = $2, paused_code = $3, paused_reason = $4 WHERE connection = $1',
    [connection, isoInstant(until), code, reason],
  );
}

/** Real time (ms); null: it never was paused. */
export async function pausedUntil(db: Db, connection: string): Promise<number | null> {
  const rows = await db.query<{ paused_until: Date | null }>(
    'SELECT paused_until FROM connections WHERE connection = $1',
    [connection],
  );
  return rows.rows[0]?.paused_until?.getTime() ?? null;
}
