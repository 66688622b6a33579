import { needlesReplaced } from '../../events/needles.ts';
import { cut } from '../../shared/cut.ts';
import { MINUTE, SECOND } from '../../shared/time.ts';
import { type Db, inTransaction } from '../db.ts';
import { audit } from '../fold/accounts.ts';
import { keyOf } from './known.ts';
import { pseudonymOfWho, type Who, whoOf } from './resolve.ts';

const FIRST_WAIT = 10 * SECOND;
const LONGEST_WAIT = 60 * MINUTE;

/** How long (ms) a forgetting that failed so often waits: 10 s, 20 s, 40 s … at most an hour. */
export function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(20, failures - 1));
}

/**
 * Keeps a forgetting that failed open, with its reason; it waits for its next try, and the others go on (I9). The audit has a
 * line of the first failure alone. Throws where the database cannot take that down: then it is not this person's failure.
 *
 * @returns the reason, naming nobody
 */
export function noteFailed(db: Db, id: number, error: unknown, now: number): Promise<string> {
  return inTransaction(db, async (tx) => {
    const rows = await tx.query<{ who: Partial<Who> | null; author: string; attempts: number; step: string }>(
      `SELECT who, author, attempts, step FROM forgettings WHERE id = $1 AND step <> 'done' FOR UPDATE`,
      [id],
    );
    const [row] = rows.rows;
    if (row === undefined) {
      return '';
    }
    const who = whoOf(row.who);
    const key = await keyOf(tx);
    const reason = reasonOf(error, key, who);
    const failures = row.attempts + 1;
    const updated = await tx.query<{ person: string }>(
      `UPDATE forgettings SET attempts = $2, failed = $3, person = coalesce(person, $5),
         next_at = clock_timestamp() + make_interval(secs => $4) WHERE id = $1 RETURNING person`,
      [id, failures, reason, waitAfter(failures) / SECOND, pseudonymOfWho(key, who)],
    );
    if (failures === 1) {
      const detail = { person: updated.rows[0]?.person ?? null, step: row.step, reason };
      await audit(tx, 'person not forgotten yet', null, detail, now);
    }
    return reason;
  });
}

const REASON_LENGTH = 200;

/** What a failure quotes could be anybody's: code and words stay, with hashes in the place of what names the person. */
function reasonOf(error: unknown, key: string, who: Who): string {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const words = String(message ?? error)
    .replaceAll('\0', '')
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '…');
  const given = who.given === null ? [] : [who.given.toLowerCase()];
  const replace = needlesReplaced(key, { ...who, emails: [...who.emails, ...given] }, true);
  return cut(`${String(code ?? name ?? 'error')}: ${replace(words)}`, REASON_LENGTH);
}

/** Forgettings that failed are tried at once, as when an operator asks. */
export async function hurry(db: Db): Promise<void> {
  await db.query(`UPDATE forgettings SET next_at = NULL WHERE step <> 'done'`);
}
