import { storedJson } from '../../shared/stored-json.ts';
import { DAY, isoInstant } from '../../shared/time.ts';
import type { Owner } from '../../sync/crm-reads.ts';
import { type Db, inTransaction } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { ownerWithoutForgotten } from '../forget/settle.ts';

/** Owners by id as they were last read; `stale`: those not read for a day, or never. */
export async function ownersOf(
  db: Db,
  connection: string,
  ids: readonly string[],
  realNow: number,
): Promise<{ known: Map<string, Owner>; stale: string[] }> {
  const rows = await db.query<Omit<Owner, 'active'> & { active: boolean | null; read_at: Date }>(
    `SELECT crm_id AS id, email, name, active, read_at FROM crm_owners WHERE connection = $1 AND crm_id = ANY($2)`,
    [connection, ids],
  );
  const known = new Map<string, Owner>();
  const fresh = new Set<string>();
  for (const { id, email, name, active, read_at } of rows.rows) {
    if (active !== null) {
      known.set(id, { id, email, name, active });
    }
    if (realNow - read_at.getTime() < DAY) {
      fresh.add(id);
    }
  }
  return { known, stale: ids.filter((id) => !fresh.has(id)) };
}

/**
 * Keeps what the CRM says of its owners, and gives it back as it is kept: one who is forgotten has no name, and a hash for an
 * address (I12). Ids that were asked for and not given are remembered, so that they are not asked for again.
 */
export async function saveOwners(
  db: Db,
  connection: string,
  owners: readonly Owner[],
  asked: readonly string[],
  realNow: number,
): Promise<Owner[]> {
  const given = new Set(owners.map(({ id }) => id));
  const unknown = asked
    .filter((id) => !given.has(id))
    .map((id) => ({ id, email: null, name: null, active: null }));
  return inTransaction(db, async (tx) => {
    const known = await knownToWriter(db, tx);
    const kept = owners.map((owner) => ownerWithoutForgotten(known, owner));
    await tx.query(
      `INSERT INTO crm_owners (connection, crm_id, email, name, active, read_at)
     SELECT $1, id, email, name, active, $3
     FROM json_to_recordset($2) AS row (id text, email text, name text, active boolean) ORDER BY id
     ON CONFLICT (connection, crm_id) DO UPDATE SET email = excluded.email, name = excluded.name,
       active = excluded.active, read_at = excluded.read_at`,
      [connection, storedJson([...kept, ...unknown]), isoInstant(realNow)],
    );
    return kept;
  });
}
