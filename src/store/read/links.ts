import type { CrmLink, FormerLink } from '../../read-model.ts';
import type { Db } from '../db.ts';

/** The records of an account and its people in the CRMs of today. `account`: its id. */
export async function loadLinks(db: Db, account: string): Promise<CrmLink[]> {
  const rows = await db.query<
    Omit<CrmLink, 'since' | 'at' | 'held'> & {
      since: Date | null;
      linked_at: Date;
      held: CrmLink['held'] | null;
    }
  >(
    `SELECT crm, object, ref, crm_id AS "crmId", matched AS how, since, linked_at, note, held
     FROM crm_records JOIN connections USING (connection)
     WHERE account = $1 ORDER BY crm, object, ref`,
    [account],
  );
  return rows.rows.map(({ linked_at, since, held, ...link }) => ({
    ...link,
    since: since?.toISOString() ?? null,
    at: linked_at.toISOString(),
    held: held ?? {},
  }));
}

/** As the audit has them. `key`: the account's key. */
export async function formerLinks(db: Db, key: string): Promise<FormerLink[]> {
  const rows = await db.query<{ at: Date; detail: Omit<FormerLink, 'at'> }>(
    `SELECT at, detail FROM audit WHERE what = 'crm link forgotten' AND account = $1 ORDER BY id DESC LIMIT 100`,
    [key],
  );
  return rows.rows.map(({ at, detail }) => ({ ...detail, at: at.toISOString() }));
}
