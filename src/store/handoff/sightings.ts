import { named, type Owner } from '../../decide/owner-chain.ts';
import { DAY, HOUR, isoInstant } from '../../shared/time.ts';
import type { Tx } from '../db.ts';
import type { StoredNames } from './stored-names.ts';

/** The batch of tasks that is given to people. */
export interface Giving {
  connection: string;
  /** Business time, ms. */
  now: number;
  /** Real time, ms. */
  realNow: number;
}

/** For so long (ms) it counts how a CRM last knew somebody: one that is connected no more is not asked again. */
const REMEMBERED = 7 * DAY;

/** Writes down whether the CRM knows people; every hour, and whenever it says another thing. */
export async function noteSightings(
  tx: Tx,
  { said }: StoredNames,
  { connection, realNow }: Giving,
  people: readonly string[],
  directory: readonly Owner[] | null,
): Promise<void> {
  if (directory === null) {
    return;
  }
  const rows = people.map((person) => ({
    person,
    active: named(directory, person, new Set())?.active ?? null,
  }));
  await tx.query(
    `INSERT INTO owner_sightings (connection, person, active, at)
     SELECT $1, person, active, $3 FROM json_to_recordset($2) AS row (person text, active boolean) ORDER BY person
     ON CONFLICT (connection, person) DO UPDATE SET active = excluded.active, at = excluded.at
     WHERE owner_sightings.active IS DISTINCT FROM excluded.active OR owner_sightings.at < $4`,
    [connection, JSON.stringify(said(rows)), isoInstant(realNow), isoInstant(realNow - HOUR)],
  );
}

/** People whom another CRM was last seen to lack, or to have as inactive. */
export async function unknownElsewhere(
  tx: Tx,
  { stored, email }: StoredNames,
  connection: string,
  people: readonly string[],
  realNow: number,
): Promise<Set<string>> {
  const rows = await tx.query<{ person: string }>(
    `SELECT DISTINCT person FROM owner_sightings JOIN connections USING (connection)
     WHERE connection <> $1 AND person = ANY($2) AND active IS NOT TRUE AND at > $3`,
    [connection, people.map(stored), isoInstant(realNow - REMEMBERED)],
  );
  return new Set(rows.rows.map(({ person }) => email(person)));
}
