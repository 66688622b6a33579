import type { ForgetDesk, Forgetting } from '../../read-model/forget.ts';
import { storedJson } from '../../shared/stored-json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Db } from '../db.ts';
import type { By } from '../fold/accounts.ts';
import { lockAlone } from '../fold/identities.ts';
import type { FoldDeps } from '../fold/index.ts';
import { removeOwn } from './remove.ts';
import { resolve, whoOf } from './resolve.ts';

/**
 * Asks for a person to be forgotten; `runForgettings` does it, here or in any worker, and goes on after a kill.
 *
 * @param given user id, anonymous id or address; emails: further addresses of theirs
 */
export async function askToForget(
  db: Db,
  given: string,
  emails: readonly string[],
  by: By,
  now: number,
): Promise<number> {
  const who = { given, emails: emails.map((email) => email.toLowerCase()) };
  const rows = await db.query<{ id: number }>(
    'INSERT INTO forgettings (at, author, reason, who) VALUES ($1, $2, $3, $4) RETURNING id',
    [isoInstant(now), by.author, by.reason, storedJson(who)],
  );
  return rows.rows[0]?.id ?? 0;
}

/** What forgetting would take away: looked up by the same questions, nothing changed. */
export async function forgettingPlan(db: Db, deps: FoldDeps, given: string, emails: readonly string[]) {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    await lockAlone(client);
    const who = await resolve(client, whoOf({ given, emails: emails.map((email) => email.toLowerCase()) }));
    const removed = await removeOwn(client, deps, who);
    return { who, removed };
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    client.release();
  }
}

/** The last forgettings, newest first; `only`: this one. */
export async function listForgettings(
  db: Db,
  limit: number,
  only: number | null = null,
): Promise<Forgetting[]> {
  type Row = Omit<Forgetting, 'at' | 'doneAt' | 'nextTry'> & {
    at: Date;
    done_at: Date | null;
    next_at: Date | null;
  };
  const rows = await db.query<Row>(
    `SELECT id, step, at, done_at, author, CASE step WHEN 'done' THEN reason ELSE '' END AS reason, person, done, failed, next_at
     FROM forgettings WHERE $2::bigint IS NULL OR id = $2 ORDER BY id DESC LIMIT $1`,
    [limit, only],
  );
  return rows.rows.map(({ at, done_at, next_at, ...row }) => ({
    ...row,
    at: at.toISOString(),
    doneAt: done_at?.toISOString() ?? null,
    nextTry: next_at?.toISOString() ?? null,
  }));
}

/** `woken`: called when there is somebody to forget. */
export function forgetDesk(db: Db, now: () => number, woken: () => void): ForgetDesk {
  return {
    ask: async ({ person, emails, author, reason }) => {
      const id = await askToForget(db, person, emails, { author, reason }, now());
      woken();
      return id;
    },
    show: async (id) => (await listForgettings(db, 1, id))[0] ?? null,
  };
}
