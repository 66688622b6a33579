import { anonymousRef, canonicalUser, userRef } from '../../accounts/identity.ts';
import type { FoundAccount } from '../../read-model.ts';
import { type Db, hashId, type Tx } from '../db.ts';
import { aliasEdges } from '../fold/identities.ts';

/** The account of a key; a former key finds the account that took its people over. null: nobody ever had the key. */
export async function findAccount(db: Db | Tx, key: string): Promise<FoundAccount | null> {
  return (
    (await byId(db, hashId(key))) ??
    // No id holds a NUL, and PostgreSQL takes no text with one.
    (key.includes('\0') ? null : await formerly(db, key))
  );
}

async function formerly(db: Db | Tx, key: string): Promise<FoundAccount | null> {
  return (
    (key.startsWith(PERSONAL) ? await ofPerson(db, key.slice(PERSONAL.length)) : null) ??
    (await heirOf(db, key))
  );
}

const PERSONAL = 'person:';

async function byId(db: Db | Tx, id: string): Promise<FoundAccount | null> {
  const rows = await db.query<FoundAccount>(
    'SELECT id, key, name, domain, people, owner FROM accounts WHERE id = $1',
    [id],
  );
  return rows.rows[0] ?? null;
}

/** A person is where they were seen last, whatever accounts they passed through, and under whatever id they go now. */
async function ofPerson(db: Db | Tx, id: string): Promise<FoundAccount | null> {
  const edges = await aliasEdges(db, [id]);
  const owner = await db.query<{ user: string }>(
    'SELECT last_link_user AS user FROM anonymous_ids WHERE id = $1 AND last_link_user IS NOT NULL',
    [hashId(anonymousRef(id))],
  );
  const owners = owner.rows.map(({ user }) => user);
  const known = await aliasEdges(db, owners);
  const refs = [
    userRef(canonicalUser(edges, id)),
    ...owners.map((user) => userRef(canonicalUser(known, user))),
    anonymousRef(id),
  ];
  const parts = await db.query<{ account: string }>(
    `SELECT account FROM parts WHERE person = ANY($1::uuid[])
     ORDER BY array_position($1::uuid[], person), (part ->> 'lastSeen')::bigint DESC NULLS LAST, account LIMIT 1`,
    [refs.map(hashId)],
  );
  const [newest] = parts.rows;
  return newest === undefined ? null : byId(db, newest.account);
}

/** Who has the mail domain of this name now; else the account to which the key was forwarded, perhaps over others. */
async function heirOf(db: Db | Tx, key: string): Promise<FoundAccount | null> {
  const heirs = await db.query<{ id: string }>(
    `WITH RECURSIVE chain (id, step) AS (
       SELECT owner, 0 FROM domains WHERE domain = $2 AND owner IS NOT NULL
       UNION ALL SELECT $1::uuid, 1
       UNION ALL SELECT former_keys.account, step + 1 FROM chain JOIN former_keys USING (id) WHERE step BETWEEN 1 AND 20
     )
     SELECT accounts.id FROM chain JOIN accounts USING (id) ORDER BY step LIMIT 1`,
    [hashId(key), key],
  );
  const [nearest] = heirs.rows;
  return nearest === undefined ? null : byId(db, nearest.id);
}
