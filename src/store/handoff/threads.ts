import type { ThreadChange } from '../../alerts/port.ts';
import type { AlertPayload } from '../../decide/handoff/alerts.ts';
import { crmKey } from '../../decide/keys.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import { actionId } from '../connections.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';

/** Business time and real time, ms. */
export interface Times {
  now: number;
  realNow: number;
}

/** Writes what became of conversations. One whose first message must show something else is noted for that. */
export async function saveThreads(
  tx: Tx,
  connection: string,
  changes: readonly ThreadChange[],
  times: Times,
): Promise<void> {
  for (const { account, opened, state, by = null } of changes) {
    if (opened !== undefined) {
      await tx.query(
        `INSERT INTO slack_threads (connection, account, channel, ts, card_ts, act, state, at)
         VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)
         ON CONFLICT (connection, account) DO UPDATE SET channel = excluded.channel, ts = excluded.ts,
           card_ts = excluded.card_ts, act = excluded.act, state = 'open', by_user = NULL, remind_at = NULL, at = excluded.at,
           version = slack_threads.version + 1, shown = slack_threads.version + 1, refresh_at = NULL`,
        [connection, account, opened.channel, opened.ts, opened.cardTs, opened.act, isoInstant(times.now)],
      );
    } else if (state !== undefined) {
      await changeState(tx, connection, account, { state, by }, times);
    }
  }
}

export async function changeState(
  tx: Tx,
  connection: string,
  account: string,
  { state, by, remindAt = null }: { state: string; by: string | null; remindAt?: number | null },
  { realNow }: Times,
): Promise<void> {
  await tx.query(
    `UPDATE slack_threads SET state = $3, by_user = $4, remind_at = $5, version = version + 1, refresh_at = $6
     WHERE connection = $1 AND account = $2`,
    [connection, account, state, by, remindAt === null ? null : isoInstant(remindAt), isoInstant(realNow)],
  );
}

/** `word`: part of the key, so that it is said once. `owner`: e-mail of whoever is to be told in place of the task's owner. */
interface Said extends Pick<AlertPayload, 'what' | 'line'> {
  word: string;
  why: string;
  by?: string;
  owner?: string | null;
}

/**
 * Tells in the conversation about an account what became of a crossing, such as a deadline that was missed: once for each `what`.
 * Nothing where no alert of the crossing was made. Gives how many alerts were.
 */
export async function tellOfCrossing(
  tx: Tx,
  { account, tier, n }: { account: string; tier: string; n: number },
  { what, line, owner = null }: Pick<AlertPayload, 'what' | 'line'> & { owner?: string | null },
  times: Times,
): Promise<number> {
  const crossings = await tx.query<{ id: string; key: string; connection: string; payload: AlertPayload }>(
    `SELECT id, key, connection, payload FROM actions
     WHERE account = $1 AND kind = 'alert' AND crossing = $2 AND payload ->> 'what' = 'crossed'`,
    [account, `${tier}#${n}`],
  );
  for (const crossing of crossings.rows) {
    await addAlert(tx, crossing, { what, word: what, line, why: line, owner }, times);
  }
  return crossings.rows.length;
}

/** An alert that somebody's button or the clock made: what is said in the conversation of a crossing. */
export async function addAlert(
  tx: Tx,
  crossing: { id: string; key: string; connection: string; payload: AlertPayload },
  said: Said,
  { now, realNow }: Times,
): Promise<void> {
  const { word, why, ...told } = said;
  const key = `${crossing.key}/${word}`;
  const payload = { ...crossing.payload, ...told, crmKey: crmKey(key) };
  await tx.query(
    `INSERT INTO actions (id, key, connection, crm, kind, account, person, crossing, state, why, reason, payload,
       next_at, created_at, updated_at)
     SELECT $2, $3, connection, crm, kind, account, NULL, crossing, 'waiting', $4, $4, $5, $6, $7, $7
     FROM actions WHERE id = $1 ON CONFLICT (id) DO NOTHING`,
    [
      crossing.id,
      actionId(crossing.connection, key),
      key,
      why,
      storedJson(payload),
      isoInstant(realNow),
      isoInstant(now),
    ],
  );
}

/** Makes the reminders of what was snoozed until now, once each; gives how many. */
export function remindersDue(db: Db, connection: string, now: number, realNow: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const due = await tx.query<{ id: string; key: string; payload: AlertPayload; at: Date }>(
      `WITH due AS (
         SELECT account, act, remind_at FROM slack_threads
         WHERE connection = $1 AND state = 'snoozed' AND remind_at <= $2 LIMIT 100 FOR UPDATE SKIP LOCKED
       ), woken AS (
         UPDATE slack_threads th SET remind_at = NULL FROM due WHERE th.connection = $1 AND th.account = due.account
       )
       SELECT a.id, a.key, a.payload, due.remind_at AS at FROM due JOIN actions a ON a.id = due.act`,
      [connection, isoInstant(now)],
    );
    for (const { at, ...crossing } of due.rows) {
      const line = 'Reminder: nobody has got in touch yet.';
      const said = {
        what: 'reminder' as const,
        word: `reminder ${isoInstant(at.getTime())}`,
        line,
        why: line,
      };
      await addAlert(tx, { ...crossing, connection }, said, { now, realNow });
    }
    return due.rows.length;
  });
}
