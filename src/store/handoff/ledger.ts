import type { Asked, Ledger } from '../../decide/handoff/assign.ts';
import { ALWAYS } from '../../decide/handoff/business-hours.ts';
import type { Load } from '../../decide/handoff/pick.ts';
import { capacityOf, type Team, weekBegin } from '../../decide/handoff/team.ts';
import type { Held } from '../../decide/owner.ts';
import { DAY, isoDate, isoInstant } from '../../shared/time.ts';
import type { Tx } from '../db.ts';
import { type Giving, unknownElsewhere } from './sightings.ts';
import type { StoredNames } from './stored-names.ts';

/** A task that nobody has closed or acted on counts as open for so long (ms). */
const OPEN_FOR = 30 * DAY;

/** At least as long as the week so far, wherever it began. */
const A_WEEK = 9 * DAY;

/** What choosing goes by, as of now. Under the lock of the owners. */
export async function loadLedger(
  tx: Tx,
  names: StoredNames,
  { connection, now, realNow }: Giving,
  asked: readonly Asked[],
  team: Team,
  pools: readonly string[],
): Promise<Ledger> {
  if (pools.length === 0) {
    return {
      now,
      held: new Map(),
      loads: new Map(),
      turns: new Map(),
      elsewhere: new Set(),
      counted: new Map(),
    };
  }
  const { people, counted, open } = soughtIn(pools, team);
  const ids = asked.map(({ id }) => id);
  return {
    now,
    held: await heldBy(tx, names, asked, pools),
    loads: await loadsOf(tx, names, team, counted, now, { but: ids, open }),
    turns: await turnsOf(tx, names, team, pools),
    elsewhere: await unknownElsewhere(tx, names, connection, people, realNow),
    counted: await givenBefore(tx, names, ids),
  };
}

/** Who is of the pools, whose tasks count for anything, and whether open ones do. */
function soughtIn(pools: readonly string[], team: Team) {
  const named = pools.flatMap((pool) => team.pools.get(pool) ?? []);
  const people = [...new Set(named.flatMap((pool) => pool.people))];
  const open = named.some(({ pick }) => pick === 'least_loaded');
  const isCounted = (email: string) => open || named.some((pool) => capacityOf(team, email, pool) !== null);
  return { people, counted: people.filter(isCounted), open };
}

async function heldBy(
  tx: Tx,
  names: StoredNames,
  asked: readonly Asked[],
  pools: readonly string[],
): Promise<Ledger['held']> {
  const rows = await tx.query<{ account: string; pool: string; person: string; at: Date; why: string }>(
    `SELECT account, pool, person, at, why FROM assignments
     WHERE account = ANY($1::uuid[]) AND pool = ANY($2) AND released_at IS NULL`,
    [asked.map(({ accountId }) => accountId), pools],
  );
  const held = new Map<string, Map<string, Held>>();
  for (const { account, pool, person, at, why } of rows.rows) {
    const own = held.get(account) ?? new Map<string, Held>();
    held.set(account, own.set(pool, { person: names.email(person), since: isoDate(at.getTime()), why }));
  }
  return held;
}

async function turnsOf(
  tx: Tx,
  names: StoredNames,
  { pools: all }: Team,
  pools: readonly string[],
): Promise<Ledger['turns']> {
  const rows = pools.flatMap((pool) =>
    (all.get(pool)?.people ?? []).map((person) => ({ pool, person: names.stored(person) })),
  );
  const found = await tx.query<{ pool: string; person: string; id: number }>(
    `SELECT row.pool, row.person, last.id FROM json_to_recordset($1) AS row (pool text, person text)
     CROSS JOIN LATERAL (SELECT id FROM assignments one WHERE one.pool = row.pool AND one.person = row.person
       ORDER BY id DESC LIMIT 1) AS last`,
    [JSON.stringify(rows)],
  );
  const turns = new Map<string, Map<string, number>>();
  for (const { pool, person, id } of found.rows) {
    turns.set(pool, (turns.get(pool) ?? new Map<string, number>()).set(names.email(person), id));
  }
  return turns;
}

/**
 * What people have to do, by e-mail; whoever has nothing is missing. All tasks of one crossing count once, in whichever CRMs they
 * stand, as of the first. They are open for 30 days, unless somebody got in touch with the account or we closed them.
 *
 * @param but ids of tasks that are being given now
 * @param open false: nobody goes by open tasks, and they are not counted, since that reads a month
 */
export async function loadsOf(
  tx: Tx,
  names: StoredNames,
  { people: known }: Team,
  people: readonly string[],
  now: number,
  { but, open }: { but: readonly string[]; open: boolean },
): Promise<Map<string, Load>> {
  const rows = people.map((person) => ({
    person: names.stored(person),
    week: isoInstant(weekBegin(known.get(person)?.hours ?? ALWAYS, now)),
  }));
  const found = await tx.query<{ person: string } & Load>(
    `WITH tasks AS (
       SELECT row.person, row.week, a.account, min(a.assigned_at) AS at
       FROM json_to_recordset($1) AS row (person text, week timestamptz)
         JOIN actions a ON a.assignee = row.person AND a.assigned_at >= $2
       WHERE a.kind = 'task' AND a.state IN ('waiting', 'done') AND a.id <> ALL($3::uuid[])
       GROUP BY row.person, row.week, a.account, coalesce(a.crossing, a.key)
     )
     SELECT person, count(*) FILTER (WHERE at >= week)::integer AS week, count(*) FILTER (WHERE $4
         AND NOT EXISTS (SELECT 1 FROM touches t WHERE t.account = tasks.account AND t.side = 'ours' AND t.at >= tasks.at)
         AND NOT EXISTS (SELECT 1 FROM actions c WHERE c.account = tasks.account AND c.kind = 'close' AND c.created_at >= tasks.at)
       )::integer AS open
     FROM tasks GROUP BY person`,
    [JSON.stringify(rows), isoInstant(now - (open ? OPEN_FOR : A_WEEK)), but, open],
  );
  return new Map(found.rows.map(({ person, ...load }) => [names.email(person), load]));
}

/** Who was given another task of the same crossing, in this CRM or another, by the id of the task that is being given. */
async function givenBefore(tx: Tx, names: StoredNames, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; assignee: string }>(
    `SELECT mine.id, twin.assignee FROM actions mine JOIN actions twin ON twin.account = mine.account
       AND coalesce(twin.crossing, twin.key) = coalesce(mine.crossing, mine.key) AND twin.id <> mine.id
     WHERE mine.id = ANY($1::uuid[]) AND twin.assignee IS NOT NULL AND twin.state IN ('waiting', 'done')
     ORDER BY twin.assigned_at`,
    [ids],
  );
  return new Map(rows.rows.map(({ id, assignee }) => [id, names.email(assignee)]));
}
