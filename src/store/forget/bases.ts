import type { Base } from '../../accounts/base.ts';
import { type Replace, replacedIn } from '../../events/forgotten.ts';
import type { Json } from '../../shared/json.ts';
import { type Db, inTransaction } from '../db.ts';
import { lockAlone } from '../fold/identities.ts';
import type { Replacing } from './replacing.ts';

const PAGE = 500;
const START = { ref: '00000000-0000-0000-0000-000000000000', day: '-infinity' };

/**
 * Replaces the person in what others' events came to that left the journal: a re-fold starts there. Whoever read a base before,
 * a fold or the saving of a day, ends before it is looked again; done when nothing is found.
 */
export async function cleanBases(db: Db, { pattern, replace }: Replacing): Promise<number> {
  let cleaned = 0;
  for (let found = pattern === null ? 0 : 1; found > 0; cleaned += found) {
    found = await cleanOnce(db, pattern ?? '', replace);
    await inTransaction(db, lockAlone);
  }
  return cleaned;
}

async function cleanOnce(db: Db, pattern: string, replace: Replace): Promise<number> {
  let found = 0;
  for (let after = START; ; ) {
    const rows = await db.query<{ ref: string; day: string; text: string }>(
      `SELECT ref, day, record::text AS text FROM base_states
       WHERE (ref, day) > ($1::uuid, $2::date) AND record::text ~* $3 ORDER BY ref, day LIMIT $4`,
      [after.ref, after.day, pattern, PAGE],
    );
    for (const { ref, day, text } of rows.rows) {
      const next = baseText(JSON.parse(text) as Base, replace);
      if (next !== null) {
        // One that grew meanwhile is found by the next look.
        await db.query(
          'UPDATE base_states SET record = $3 WHERE ref = $1 AND day = $2 AND record::text = $4',
          [ref, day, next, text],
        );
        found += 1;
      }
      after = { ref, day };
    }
    if (rows.rows.length < PAGE) {
      return found;
    }
  }
}

/** null: nothing is replaced. Names of accounts stay, by which the parts are found. */
function baseText(base: Base, replace: Replace): string | null {
  const parts = Object.entries(base.parts).map(([slot, part]) => [slot, cleaned(part, replace)] as const);
  const traits = cleaned(base.traits, replace);
  const same = traits === base.traits && parts.every(([slot, part]) => part === base.parts[slot]);
  return same ? null : JSON.stringify({ ...base, parts: Object.fromEntries(parts), traits });
}

function cleaned<T>(value: T, replace: Replace): T {
  return replacedIn(value as Json, replace) as T;
}
