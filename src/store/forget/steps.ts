import { tombstonesOf } from '../../events/forgotten.ts';
import { needlesReplaced, tellingOf } from '../../events/needles.ts';
import type { ForgetDone, ForgetStep } from '../../read-model/forget.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { audit } from '../fold/accounts.ts';
import { lockAlone } from '../fold/identities.ts';
import type { FoldDeps } from '../fold/index.ts';
import { LOCKS } from '../locks.ts';
import { noteFailed } from './failed.ts';
import { cleanJournal } from './journal.ts';
import { keyOf } from './known.ts';
import { cleanOthers, cleanStates } from './mentions.ts';
import { removeOwn } from './remove.ts';
import { replacing } from './replacing.ts';
import { pseudonymOfWho, resolve, type Who, whoOf } from './resolve.ts';

/** Told of each person whose forgetting failed; `reason` names nobody. */
export type OnFailed = (id: number, reason: string) => void;

/**
 * Forgets whoever is to be forgotten, one after the other. Gives how many are done. Each step is a transaction of its own or
 * can be repeated, so that a process may die at any point and another goes on. One that fails keeps its place and is tried
 * again later; the others go on (I9).
 *
 * @param only this one, whether or not it waits after a failure; when it fails, so does this
 */
export async function runForgettings(
  deps: FoldDeps,
  only: number | null = null,
  onFailed: OnFailed = () => {},
): Promise<number> {
  const open = await deps.db.query<{ id: number }>(
    `SELECT id FROM forgettings WHERE step <> 'done'
     AND CASE WHEN $1::bigint IS NULL THEN next_at IS NULL OR next_at <= now() ELSE id = $1 END ORDER BY id`,
    [only],
  );
  let done = 0;
  for (const { id } of open.rows) {
    const isDone = await alone(deps.db, id, () => runOrNote(deps, id, only !== null, onFailed));
    done += isDone ? 1 : 0;
  }
  return done;
}

/** false: it failed, and that is noted. Throws where not even that could be noted. */
async function runOrNote(deps: FoldDeps, id: number, isAsked: boolean, onFailed: OnFailed): Promise<boolean> {
  try {
    await runOne(deps, id);
    return true;
  } catch (error) {
    const reason = await noteFailed(deps.db, id, error, deps.now()).catch(() => null);
    if (isAsked || reason === null) {
      throw error;
    }
    onFailed(id, reason);
    return false;
  }
}

/** One process at a time works on one; false: another does, or the work says so. */
async function alone(db: Db, id: number, work: () => Promise<boolean>): Promise<boolean> {
  const lock = [LOCKS.forgetting, id % 2_147_483_647];
  const client = await db.connect();
  try {
    const rows = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', lock);
    if (rows.rows[0]?.got !== true) {
      return false;
    }
    return await work();
  } finally {
    await client.query('SELECT pg_advisory_unlock($1, $2)', lock).catch(() => {});
    client.release();
  }
}

async function runOne(deps: FoldDeps, id: number): Promise<void> {
  const { db } = deps;
  for (;;) {
    const rows = await db.query<{ step: ForgetStep; who: Partial<Who> | null }>(
      'SELECT step, who FROM forgettings WHERE id = $1',
      [id],
    );
    const step = rows.rows[0]?.step ?? 'done';
    const who = whoOf(rows.rows[0]?.who ?? null);
    if (step === 'done') {
      return;
    }
    if (step === 'asked') {
      await refuseFromNowOn(db, id, who);
    } else if (step === 'removing') {
      await inTransaction(db, (tx) => removeStep(tx, deps, id, who));
    } else {
      await mentionsStep(deps, id, who);
    }
  }
}

/** Makes the tombstones. Whoever writes what came in waits for it or is waited for: afterwards nobody adds to them. */
async function refuseFromNowOn(db: Db, id: number, asked: Who): Promise<void> {
  const who = await resolve(db, asked);
  await inTransaction(db, async (tx) => {
    const key = await keyOf(tx);
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.tombstones]);
    const stones = tombstonesOf(key, namesOf(who));
    const epoch = await tx.query<{ epoch: number }>(
      `UPDATE settings SET value = (value::bigint + 1)::text WHERE name = 'forget_epoch' RETURNING value::bigint AS epoch`,
    );
    await tx.query(
      `INSERT INTO forgotten (id, sieve, at, epoch) SELECT id, sieve, now(), $3 FROM unnest($1::uuid[], $2::integer[]) AS one (id, sieve)
       ORDER BY id ON CONFLICT DO NOTHING`,
      [stones.map(({ id: hash }) => hash), stones.map(({ sieve }) => sieve), epoch.rows[0]?.epoch],
    );
    const person = pseudonymOfWho(key, { ...who, given: asked.given });
    await tx.query(
      `UPDATE forgettings SET step = 'removing', who = $2, person = coalesce(person, $3) WHERE id = $1`,
      [id, JSON.stringify(who), person],
    );
  });
}

/** The names under which they must not be known again. */
function namesOf(who: Who): string[] {
  const { users, anonymous, emails } = who;
  return [
    ...users.map((user) => `u:${user}`),
    ...anonymous.map((one) => `a:${one}`),
    ...emails.map((email) => `m:${email}`),
    ...tellingOf({ ...who, emails: [] }).map((one) => `t:${one}`),
  ];
}

/** With all folds kept out. Ids that were learned since the tombstones were made need some first. */
async function removeStep(tx: Tx, deps: FoldDeps, id: number, before: Who): Promise<void> {
  await lockAlone(tx);
  const who = await resolve(tx, before);
  const grown = namesOf(who).length > namesOf(before).length;
  if (grown) {
    await askAgain(tx, id, who);
    return;
  }
  const removed = await removeOwn(tx, deps, who);
  const rows = await tx.query<{ done: Partial<ForgetDone> }>('SELECT done FROM forgettings WHERE id = $1', [
    id,
  ]);
  const done = rows.rows[0]?.done ?? {};
  await tx.query(`UPDATE forgettings SET step = 'mentions', done = $2 WHERE id = $1`, [
    id,
    JSON.stringify({
      ...done,
      events: (done.events ?? 0) + removed.events,
      accounts: Math.max(done.accounts ?? 0, removed.accounts),
      crm: [...(done.crm ?? []), ...removed.crm],
      ids: who.users.length + who.anonymous.length,
      emails: who.emails.length,
    }),
  ]);
}

/** Back to the first step: more names were learned, which need their tombstones too. */
async function askAgain(tx: Tx | Db, id: number, who: Who): Promise<void> {
  await tx.query(`UPDATE forgettings SET step = 'asked', who = $2 WHERE id = $1`, [id, JSON.stringify(who)]);
}

/** Looks until a round finds nothing: what was written meanwhile from what was read before is found by the next one. */
const ROUNDS = 10;

async function mentionsStep(deps: FoldDeps, id: number, who: Who): Promise<void> {
  const { db } = deps;
  const one = replacing(who, await keyOf(db));
  let [mentions, left] = [0, 0];
  if (one !== null) {
    const { cleaned, found } = await cleanJournal(db, one);
    mentions += cleaned;
    if (found.length > 0) {
      const anonymous = [...who.anonymous, ...found.filter((device) => device !== '')];
      await askAgain(db, id, { ...who, anonymous });
      return;
    }
    for (let round = 0; round < ROUNDS; round++) {
      const rows = (await cleanStates(db, deps, one)) + (await cleanOthers(db, one));
      mentions += rows;
      left = rows;
      if (rows === 0) {
        break;
      }
    }
  }
  await finish(deps, id, who, { mentions, left });
}

/** Wipes the names from the work itself, and leaves one line that names nobody. */
async function finish(
  deps: FoldDeps,
  id: number,
  who: Who,
  counts: Pick<ForgetDone, 'mentions' | 'left'>,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const replace = needlesReplaced(await keyOf(tx), who, true);
    const rows = await tx.query<{
      author: string;
      reason: string;
      person: string;
      done: Partial<ForgetDone>;
    }>('SELECT author, reason, person, done FROM forgettings WHERE id = $1 FOR UPDATE', [id]);
    const [row] = rows.rows;
    if (row === undefined) {
      return;
    }
    const by = { author: row.author, reason: replace(row.reason) };
    const done = { ...row.done, ...counts };
    await tx.query(
      `UPDATE forgettings SET step = 'done', who = NULL, failed = NULL, next_at = NULL, reason = $2, done = $3, done_at = $4 WHERE id = $1`,
      [id, by.reason, JSON.stringify(done), isoInstant(deps.now())],
    );
    const { crm = [], ...all } = done;
    await audit(
      tx,
      'person forgotten',
      null,
      { person: row.person, ...all, crm: crm.length },
      deps.now(),
      by,
    );
  });
}
