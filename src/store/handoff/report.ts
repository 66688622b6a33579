import { absenceAt, capacityOf, type Team } from '../../decide/handoff/team.ts';
import { DAY, isoInstant } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { loadsOf } from './ledger.ts';
import { type StoredNames, storedNames } from './stored-names.ts';

/** What a CRM said of somebody when it was last asked. */
export type Sighting = 'active' | 'inactive' | 'unknown';

/** Somebody who can be given accounts, or was. */
export interface OwnerRow {
  /** E-mail. */
  person: string;
  name: string | null;
  pools: string[];
  manager: string | null;
  /** Tasks of the last 30 days that nobody has closed or acted on, as far as we know. */
  open: number;
  /** New tasks in this ISO week, and how many some pool may bring them to; `aWeek` null: any number. */
  week: number;
  aWeek: number | null;
  /** The last day (ISO date) on which they are out; null: they are not. */
  outUntil: string | null;
  /** By CRM. Whom no pool names, no CRM was asked about. */
  crm: Record<string, Sighting>;
  /** false: handoff.yaml does not name them (any more). */
  configured: boolean;
}

/**
 * Everybody under `people` and in `pools`, and whoever else got a task in the last 30 days, by e-mail.
 *
 * @param now business time, ms
 */
export function ownerReport(db: Db, team: Team, now: number): Promise<OwnerRow[]> {
  return inTransaction(db, async (tx) =>
    rowsOf(tx, await storedNames(db, tx, [...team.people.keys()]), team, now),
  );
}

async function rowsOf(tx: Tx, names: StoredNames, team: Team, now: number): Promise<OwnerRow[]> {
  const emails = await everybody(tx, names, team, now);
  const loads = await loadsOf(tx, names, team, emails, now, { but: [], open: true });
  const seen = await sightings(tx, names, emails);
  return emails.map((email) => {
    const pools = [...team.pools.values()].filter(({ people }) => people.includes(email));
    const most = pools.map((pool) => capacityOf(team, email, pool) ?? Number.POSITIVE_INFINITY);
    const aWeek = most.length === 0 ? capacityOf(team, email, null) : Math.max(...most);
    const person = team.people.get(email);
    return {
      person: email,
      name: person?.name ?? null,
      pools: pools.map(({ id }) => id),
      manager: person?.manager ?? null,
      ...(loads.get(email) ?? { open: 0, week: 0 }),
      aWeek: aWeek === Number.POSITIVE_INFINITY ? null : aWeek,
      outUntil: person === undefined ? null : (absenceAt(person, now)?.to ?? null),
      crm: seen.get(email) ?? {},
      configured: person !== undefined,
    };
  });
}

const LATELY = 30 * DAY;

async function everybody(tx: Tx, { email }: StoredNames, team: Team, now: number): Promise<string[]> {
  const rows = await tx.query<{ assignee: string | null }>(
    'SELECT DISTINCT assignee FROM actions WHERE assigned_at >= $1',
    [isoInstant(now - LATELY)],
  );
  const lately = rows.rows.flatMap(({ assignee }) => (assignee === null ? [] : [email(assignee)]));
  return [...new Set([...team.people.keys(), ...lately])].sort();
}

async function sightings(
  tx: Tx,
  { stored, email }: StoredNames,
  people: readonly string[],
): Promise<Map<string, OwnerRow['crm']>> {
  const rows = await tx.query<{ person: string; crm: string; active: boolean | null }>(
    'SELECT person, crm, active FROM owner_sightings JOIN connections USING (connection) WHERE person = ANY($1) ORDER BY crm',
    [people.map(stored)],
  );
  const seen = new Map<string, OwnerRow['crm']>();
  for (const { person, crm, active } of rows.rows) {
    const said = active === null ? 'unknown' : active ? 'active' : 'inactive';
    seen.set(email(person), { ...seen.get(email(person)), [crm]: said });
  }
  return seen;
}
