import { err, ok, type Result } from '../../shared/result.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import {
  audit,
  type By,
  dropAccounts,
  ensureAccounts,
  lockEmptyAccounts,
  markDirty,
  type Waits,
} from '../fold/accounts.ts';
import { forwardKey, type TierRank } from '../fold/forward.ts';
import { lockAlone } from '../fold/identities.ts';
import { type Moves, settleOwnership } from '../fold/settle.ts';
import { findAccount } from '../read/find-account.ts';
import { type AllKept, giveBack, giveDomainsBack, keepAll } from './kept.ts';

export interface MergeDeps {
  db: Db;
  /** Business time, ms: for the audit. */
  now: () => number;
  /** Real time, ms: for the debounce. */
  realNow: () => number;
  waits: Waits;
  tierRank: TierRank;
}

export interface Merged {
  from: string;
  into: string;
  people: number;
}

/**
 * Merges the account `from` into `into` until `unmergeAccount` separates them: whatever belongs to `from`, now or
 * later, stands in `into`, and the key `from` answers with it. Parts keep their home, so nothing is lost. Both scores
 * follow without acting (decision 11). An error is a sentence for the operator.
 */
export function mergeAccounts(
  deps: MergeDeps,
  from: string,
  into: string,
  by: By,
): Promise<Result<Merged, string>> {
  return inTransaction(deps.db, async (tx) => {
    await lockAlone(tx);
    const target = await mergeable(tx, from, into);
    if (!target.ok) {
      return target;
    }
    const ids = { from: hashId(from), into: hashId(target.value) };
    const domains = await domainsClaimedBy(tx, ids.from);
    await noteMerge(tx, from, target.value, await keepAll(tx, ids.from, domains), by, deps.now());
    const people = await movePartsInto(tx, from, ids.into);
    const moves = await settleOwnership(tx, deps, domains);
    if ((await lockEmptyAccounts(tx, [ids.from])).length > 0) {
      await forwardKey(tx, from, target.value, deps.tierRank);
      await dropAccounts(tx, [ids.from]);
    }
    moves.joined.set(ids.into, [...(moves.joined.get(ids.into) ?? []), ...people]);
    await rescore(tx, deps, [ids.into], moves);
    const detail = { from, into: target.value, ...by };
    await audit(tx, 'account merged by operator', target.value, detail, deps.now(), by);
    return ok({ from, into: target.value, people: people.length });
  });
}

/** The key into which `from` can be merged. */
async function mergeable(tx: Tx, from: string, into: string): Promise<Result<string, string>> {
  const [source, target] = [await findAccount(tx, from), await findAccount(tx, into)];
  if (source === null || target === null) {
    return err(`no account has the key ${source === null ? from : into}`);
  }
  if (source.key !== from) {
    return err(`${from} is no account of its own any more: it answers with ${source.key}`);
  }
  return source.key === target.key ? err(`${from} and ${into} are one account already`) : ok(target.key);
}

async function noteMerge(
  tx: Tx,
  from: string,
  into: string,
  kept: AllKept,
  { author, reason }: By,
  at: number,
): Promise<void> {
  const ids = [hashId(from), hashId(into)];
  await tx.query(
    `INSERT INTO account_merges (id, key, into_key, root, root_id, at, author, reason, kept)
     VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8)`,
    [ids[0], from, into, ids[1], isoInstant(at), author, reason, JSON.stringify(kept)],
  );
  await tx.query('UPDATE account_merges SET root = $2, root_id = $3 WHERE root_id = $1', [
    ids[0],
    into,
    ids[1],
  ]);
}

/** Gives the refs of the people who moved. */
async function movePartsInto(tx: Tx, from: string, into: string): Promise<string[]> {
  const moved = await tx.query<{ ref: string }>(
    `UPDATE parts SET account = $3, home = CASE home WHEN '' THEN $2 ELSE home END FROM people
     WHERE parts.account = $1 AND people.id = parts.person RETURNING people.ref`,
    [hashId(from), from, into],
  );
  return [...new Set(moved.rows.map(({ ref }) => ref))];
}

/**
 * Separates an account again: its state is, byte for byte, what it would be had nobody merged it. It gets its own
 * standing and CRM records back, and keeps from acting again on what was acted on before. Acts on nothing.
 */
export function unmergeAccount(deps: MergeDeps, from: string, by: By): Promise<Result<Merged, string>> {
  return inTransaction(deps.db, async (tx) => {
    await lockAlone(tx);
    const gone = await tx.query<{ root: string; kept: AllKept }>(
      'DELETE FROM account_merges WHERE id = $1 RETURNING root, kept',
      [hashId(from)],
    );
    const merge = gone.rows[0];
    if (merge === undefined) {
      return err(
        `nobody has merged an account with the key ${from}; \`pql accounts merges\` lists who did what`,
      );
    }
    const ids = { from: hashId(from), root: hashId(merge.root) };
    await ensureAccounts(tx, [from, merge.root]);
    await tx.query('DELETE FROM former_keys WHERE id = $1', [ids.from]);
    const people = await movePartsBack(tx, from, ids.root, await takeRootsBack(tx, from, ids.root));
    await giveBack(tx, merge.kept.own, ids.from, ids.root);
    const moves = await settleOwnership(tx, deps, await domainsClaimedBy(tx, ids.from));
    await giveDomainsBack(tx, merge.kept, ids.root);
    await rescore(tx, deps, [ids.from, ids.root], moves);
    const detail = { from, into: merge.root, ...by };
    await audit(tx, 'account separated by operator', from, detail, deps.now(), by);
    return ok({ from, into: merge.root, people });
  });
}

/** What was merged into `from` stands there again; gives the keys whose parts are at home there. */
async function takeRootsBack(tx: Tx, from: string, root: string): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    `WITH RECURSIVE below (key) AS (
       SELECT $1::text
       UNION SELECT account_merges.key FROM account_merges JOIN below ON into_key = below.key
     )
     UPDATE account_merges SET root = $1, root_id = $2 FROM below
     WHERE account_merges.root_id = $3 AND account_merges.key = below.key RETURNING account_merges.key`,
    [from, hashId(from), root],
  );
  return [from, ...rows.rows.map(({ key }) => key)];
}

async function movePartsBack(tx: Tx, from: string, root: string, homes: readonly string[]): Promise<number> {
  const moved = await tx.query<{ person: string }>(
    `UPDATE parts SET account = $1, home = CASE home WHEN $2 THEN '' ELSE home END
     WHERE account = $3 AND home = ANY($4::text[]) RETURNING person`,
    [hashId(from), from, root, homes],
  );
  return new Set(moved.rows.map(({ person }) => person)).size;
}

/** Domains that members of the account, or of one merged into it, testify for. */
async function domainsClaimedBy(tx: Tx, account: string): Promise<string[]> {
  const rows = await tx.query<{ domain: string }>(
    `SELECT DISTINCT domain FROM domain_evidence WHERE account = $1
       OR account IN (SELECT id FROM account_merges WHERE root_id = $1)`,
    [account],
  );
  return rows.rows.map(({ domain }) => domain);
}

/** Drops what was left without people, and has the others scored without acting. */
async function rescore(
  tx: Tx,
  { realNow, waits }: MergeDeps,
  accounts: readonly string[],
  moves: Moves,
): Promise<void> {
  const all = [...new Set([...accounts, ...moves.changed])];
  const empty = (await lockEmptyAccounts(tx, all)).map(({ id }) => id);
  await dropAccounts(tx, empty);
  const known = await tx.query<{ id: string }>('SELECT id FROM accounts WHERE id = ANY($1::uuid[])', [all]);
  const touched = known.rows.map(({ id }) => ({
    account: id,
    triggers: [],
    act: false,
    joined: moves.joined.get(id) ?? [],
  }));
  await markDirty(tx, touched, realNow(), waits);
}
