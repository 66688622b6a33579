import { hashId, type Tx } from '../db.ts';
import { rootsOf } from './roots.ts';

/** Locks `domains` and tells which group account each belongs to: exactly one has it, or none counts. */
export async function lockDomains(tx: Tx, domains: readonly string[]): Promise<Map<string, string | null>> {
  const sorted = [...new Set(domains)].sort();
  if (sorted.length === 0) {
    return new Map();
  }
  await tx.query('INSERT INTO domains (domain) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING', [
    sorted,
  ]);
  await tx.query('SELECT 1 FROM domains WHERE domain = ANY($1::text[]) ORDER BY domain FOR UPDATE', [sorted]);
  // Not in the statement that locks: one that had to wait would join the owner from before its wait.
  const rows = await tx.query<{ domain: string; key: string | null }>(
    `SELECT domains.domain, accounts.key FROM domains LEFT JOIN accounts ON accounts.id = domains.owner
     WHERE domains.domain = ANY($1::text[])`,
    [sorted],
  );
  return new Map(rows.rows.map((row) => [row.domain, row.key]));
}

/** A domain that changed hands: its people move from one account to the other. */
export interface DomainMove {
  domain: string;
  from: string;
  to: string;
  /** Key under which they stand there when an operator merged that account; else ''. */
  home: string;
}

/** A domain that several group accounts have: it belongs to none, and an operator should know. */
export interface Contest {
  domain: string;
  accounts: string[];
}

/** Of a contested domain, so many claimants are named. */
const CLAIMANTS_NAMED = 10;

/**
 * Settles who has each of `domains` now. A domain account merges into a group account only while exactly one
 * group has the domain; when a second one appears it is split off again. Only parts that are there by the
 * domain move, so the result depends on the evidence alone and not on its order (I3). Groups that an operator
 * merged are one.
 */
export async function settleOwners(
  tx: Tx,
  domains: readonly string[],
): Promise<{ moves: DomainMove[]; contests: Contest[] }> {
  const before = await lockDomains(tx, domains);
  if (before.size === 0) {
    return { moves: [], contests: [] };
  }
  const rows = await tx.query<{ domain: string; keys: string[] }>(
    `SELECT e.domain, (array_agg(DISTINCT accounts.key))[:${CLAIMANTS_NAMED}] AS keys
     FROM (SELECT DISTINCT domain, account, source FROM domain_evidence WHERE domain = ANY($1::text[])) e
     LEFT JOIN account_merges merged ON merged.id = e.account
     JOIN accounts ON accounts.id = coalesce(merged.root_id, e.account)
     WHERE source = 'mail' OR site_in_force(e.account, source) = e.domain GROUP BY e.domain`,
    [[...before.keys()]],
  );
  const claims = new Map(rows.rows.map(({ domain, keys }) => [domain, keys]));
  return { moves: await moveOwners(tx, before, claims), contests: await noteContests(tx, before, claims) };
}

async function moveOwners(
  tx: Tx,
  before: ReadonlyMap<string, string | null>,
  claims: ReadonlyMap<string, readonly string[]>,
): Promise<DomainMove[]> {
  const moves: DomainMove[] = [];
  const owners: (string | null)[] = [];
  const root = await rootsOf(tx, [...before.keys()]);
  for (const [domain, owner] of before) {
    const [sole = null, second] = claims.get(domain) ?? [];
    const next = second === undefined ? sole : null;
    if (next !== owner) {
      owners.push(next === null ? null : hashId(next));
      const key = next ?? domain;
      const to = root(key);
      moves.push({ domain, from: owner ?? root(domain), to, home: to === key ? '' : key });
    }
  }
  if (moves.length > 0) {
    await tx.query(
      `UPDATE domains SET owner = row.owner FROM unnest($1::text[], $2::uuid[]) AS row (domain, owner)
       WHERE domains.domain = row.domain`,
      [moves.map(({ domain }) => domain), owners],
    );
  }
  return moves;
}

/** Notes who has each domain where several do; gives the contests that were not known in this form. */
async function noteContests(
  tx: Tx,
  before: ReadonlyMap<string, string | null>,
  claims: ReadonlyMap<string, readonly string[]>,
): Promise<Contest[]> {
  const rows = [...before.keys()].map((domain) => {
    const keys = claims.get(domain) ?? [];
    return { domain, accounts: keys.length > 1 ? [...keys].sort() : [] };
  });
  const noted = await tx.query<{ domain: string }>(
    `UPDATE domains SET claimants = row.accounts FROM json_to_recordset($1) AS row (domain text, accounts text[])
     WHERE domains.domain = row.domain AND claimants <> row.accounts RETURNING domains.domain`,
    [JSON.stringify(rows)],
  );
  const changed = new Set(noted.rows.map(({ domain }) => domain));
  return rows.filter(({ domain, accounts }) => changed.has(domain) && accounts.length > 0);
}

/**
 * Of `moves`, those that have something to move: people who are there by the domain, or an account of the former owner's.
 * When a company is first heard of there is neither, and nearly every move is of that kind. The domains are locked,
 * so nobody comes to stand there meanwhile.
 */
export async function movesOfSomething(tx: Tx, moves: readonly DomainMove[]): Promise<DomainMove[]> {
  if (moves.length === 0) {
    return [];
  }
  const peopled = await tx.query<{ domain: string }>(
    `SELECT DISTINCT domain FROM parts WHERE domain = ANY($1::text[]) AND via = 'domain'`,
    [moves.map(({ domain }) => domain)],
  );
  const former = await tx.query<{ key: string }>('SELECT key FROM accounts WHERE id = ANY($1::uuid[])', [
    moves.map(({ from }) => hashId(from)),
  ]);
  const domains = new Set(peopled.rows.map(({ domain }) => domain));
  const accounts = new Set(former.rows.map(({ key }) => key));
  return moves.filter(({ domain, from }) => domains.has(domain) || accounts.has(from));
}

/** Moves the people of a domain; gives their refs. */
export async function moveDomain(tx: Tx, move: DomainMove): Promise<string[]> {
  const moved = await tx.query<{ ref: string }>(
    `UPDATE parts SET account = $2, home = $3 FROM people
     WHERE parts.domain = $1 AND via = 'domain' AND (account <> $2 OR home <> $3) AND people.id = parts.person
     RETURNING people.ref`,
    [move.domain, hashId(move.to), move.home],
  );
  return moved.rows.map((row) => row.ref);
}
