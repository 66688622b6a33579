import { anonymousRef } from '../../accounts/identity.ts';
import type { Removed } from '../../read-model/forget.ts';
import { isoInstant } from '../../shared/time.ts';
import { hashId, type Tx } from '../db.ts';
import { type ClaimedEvent, leaveInbox } from '../fold/claim.ts';
import { allLinks, droppedLinks } from '../fold/identities.ts';
import { type FoldDeps, removeFromStates } from '../fold/index.ts';
import { eventsOf, refsOf, type Who } from './resolve.ts';

/**
 * Takes away every row that is the person's own: journal, states, identities, acts and links. Needs `lockAlone`. An
 * assessment under way holds its account's dirty row: the states' removal waits for it before anything of the account
 * is touched here, and whoever scores it next finds the person gone.
 */
export async function removeOwn(tx: Tx, deps: FoldDeps, who: Who): Promise<Removed> {
  const refs = refsOf(who);
  const ids = refs.map(hashId);
  const accounts = await tx.query<{ id: string; key: string }>(
    `SELECT id, key FROM accounts WHERE id IN (SELECT account FROM parts WHERE person = ANY($1::uuid[]))
       OR id = ANY($2::uuid[])`,
    [ids, personalAccounts(who)],
  );
  const events = await removeEvents(tx, who);
  // What became of their events that the journal holds no more.
  await tx.query('DELETE FROM base_states WHERE ref = ANY($1::uuid[])', [ids]);
  await removeFromStates(tx, deps, refs);
  await removeIdentities(tx, who);
  const crm = await removeLinks(tx, ids, who);
  await removeFromActs(
    tx,
    refs,
    accounts.rows.map(({ id }) => id),
  );
  await removeFromAlerts(tx, refs);
  await removePersonalAccounts(tx, personalAccounts(who));
  await removeSuppressions(tx, who);
  return { events: events.length, accounts: accounts.rows.length, crm };
}

/** Ids of the accounts that stand for the person alone. */
export function personalAccounts({ users, anonymous, emails }: Who): string[] {
  return [...users, ...anonymous].map((id) => hashId(`person:${id}`)).concat(emails.map(hashId));
}

async function removeEvents(tx: Tx, who: Who): Promise<ClaimedEvent[]> {
  const events = await eventsOf(tx, who);
  const [seqs, days] = [events.map(({ seq }) => seq), events.map(({ day }) => day)];
  await tx.query(
    'DELETE FROM events USING unnest($1::bigint[], $2::date[]) AS gone (seq, day) WHERE events.seq = gone.seq AND events.day = gone.day',
    [seqs, days],
  );
  await leaveInbox(tx, events);
  await tx.query('DELETE FROM event_ids WHERE id = ANY($1::uuid[])', [refsOf(who).map(hashId)]);
  const shared = who.shared.map((id) => hashId(anonymousRef(id)));
  await tx.query('DELETE FROM event_ids WHERE id = ANY($1::uuid[]) AND seq = ANY($2::bigint[])', [
    shared,
    seqs,
  ]);
  return events;
}

async function removeIdentities(tx: Tx, { users, anonymous, shared }: Who): Promise<void> {
  await tx.query('DELETE FROM user_aliases WHERE previous = ANY($1::text[]) OR user_id = ANY($1::text[])', [
    users,
  ]);
  await tx.query('DELETE FROM anonymous_ids WHERE id = ANY($1::uuid[])', [
    anonymous.map((id) => hashId(anonymousRef(id))),
  ]);
  for (const id of shared) {
    await tx.query(
      `UPDATE anonymous_ids SET users = ARRAY(SELECT unnest(users) EXCEPT SELECT unnest($2::text[]) ORDER BY 1),
         links = (SELECT json_agg(link) FROM json_array_elements(links) AS link WHERE NOT link ->> 'userId' = ANY($2::text[]))
       WHERE id = $1`,
      [hashId(anonymousRef(id)), users],
    );
    await relearn(tx, id, users);
  }
  // Domains that only they gave a meaning.
  await tx.query(
    `DELETE FROM domains WHERE owner IS NULL AND claimants = '{}'
     AND NOT EXISTS (SELECT 1 FROM domain_evidence e WHERE e.domain = domains.domain)
     AND NOT EXISTS (SELECT 1 FROM parts WHERE parts.domain = domains.domain)`,
  );
}

/** A shared device whose last user was the forgotten one: the last of the others. */
async function relearn(tx: Tx, id: string, gone: readonly string[]): Promise<void> {
  const links = await allLinks(tx, id, (await droppedLinks(tx, [id])).get(id));
  const lastLink = links.at(-1) ?? null;
  await tx.query(
    `UPDATE anonymous_ids SET last_link_at = $3, last_link_id = $4, last_link_user = $5
     WHERE id = $1 AND last_link_user = ANY($2::text[])`,
    [
      hashId(anonymousRef(id)),
      gone,
      lastLink === null ? null : isoInstant(lastLink.at),
      lastLink?.id ?? null,
      lastLink?.userId ?? null,
    ],
  );
}

async function removeLinks(tx: Tx, people: readonly string[], who: Who): Promise<Removed['crm']> {
  const records = await tx.query<{ connection: string; object: string; id: string }>(
    `DELETE FROM crm_records WHERE key = ANY($1::uuid[]) AND object = 'person' OR account = ANY($2::uuid[])
     RETURNING connection, object, crm_id AS id`,
    [people, personalAccounts(who)],
  );
  await tx.query('DELETE FROM crm_drift WHERE ref = ANY($1::text[])', [refsOf(who)]);
  return records.rows.filter(({ id }) => id !== '');
}

/**
 * Memberships of theirs go. What an account's acts would still write of them goes too; `rev` is raised, so that whoever
 * is delivering the older payload leaves the act waiting. What the acts' texts say of them is replaced later.
 */
async function removeFromActs(tx: Tx, refs: readonly string[], accounts: readonly string[]): Promise<void> {
  const left = `(SELECT coalesce(json_agg(one), '[]') FROM json_array_elements(payload -> 'people') AS one
    WHERE NOT one ->> 'ref' = ANY($1::text[]))`;
  const named = `EXISTS (SELECT 1 FROM json_array_elements(CASE json_typeof(payload -> 'people') WHEN 'array' THEN payload -> 'people'
    ELSE '[]' END) AS one WHERE one ->> 'ref' = ANY($1::text[]))`;
  await tx.query('DELETE FROM actions WHERE person = ANY($1::text[])', [refs]);
  await tx.query(
    `UPDATE actions SET rev = rev + 1, payload = (payload::jsonb || jsonb_build_object('people', ${left}::jsonb))::json
     WHERE account = ANY($2::uuid[]) AND kind = 'fields' AND ${named}`,
    [refs, accounts],
  );
  await tx.query(
    `UPDATE actions SET payload = (payload::jsonb || '{"person": null}')::json
     WHERE account = ANY($2::uuid[]) AND payload ->> 'person' = ANY($1::text[])`,
    [refs, accounts],
  );
  await tx.query(
    `UPDATE bulk_acts SET payload = (payload::jsonb || jsonb_build_object('people', ${left}::jsonb))::json,
       rows = (SELECT coalesce(json_agg(one), '[]') FROM json_array_elements(rows) AS one WHERE NOT one ->> 'key' = ANY($1::text[])),
       settled = (settled::jsonb - $1::text[])::json
     WHERE account = ANY($2::uuid[]) AND ${named}`,
    [refs, accounts],
  );
  await tx.query(
    `UPDATE dirty_accounts SET joined = ARRAY(SELECT unnest(joined) EXCEPT SELECT unnest($1::text[]))
     WHERE joined && $1::text[]`,
    [refs],
  );
}

/**
 * Alerts that name them, wherever their account's acts went: the account may have been handed on just now. The first message of the
 * conversation is changed then.
 */
async function removeFromAlerts(tx: Tx, refs: readonly string[]): Promise<void> {
  await tx.query(
    `WITH cleaned AS (
       UPDATE actions SET payload = (payload::jsonb || '{"person": null}')::json
       WHERE kind = 'alert' AND payload ->> 'person' = ANY($1::text[]) RETURNING id)
     UPDATE slack_threads th SET version = version + 1, refresh_at = now()
     FROM cleaned WHERE th.act = cleaned.id AND th.card_ts IS NOT NULL`,
    [refs],
  );
}

/** Nobody needs to be kept from contacting them any more. A key that is an account's stays, whoever is called so. */
async function removeSuppressions(tx: Tx, who: Who): Promise<void> {
  const { users, anonymous, emails } = who;
  await tx.query(
    `DELETE FROM suppressions WHERE (key_id = ANY($1::uuid[]) OR key = ANY($2::text[]) OR lower(key) = ANY($3::text[]))
       AND key_id NOT IN (SELECT id FROM accounts WHERE id = key_id)`,
    [personalAccounts(who), [...users, ...anonymous], emails],
  );
}

/** Tables whose rows belong to one account; `touches` names no person otherwise. */
const OF_ACCOUNTS = [
  'dirty_accounts',
  'scores',
  'score_history',
  'bulk_acts',
  'actions',
  'crm_drift',
  'touches',
  'assignments',
  'slack_threads',
  'crm_watches',
];

/** What an account that was the person alone leaves behind: nothing. */
async function removePersonalAccounts(tx: Tx, accounts: readonly string[]): Promise<void> {
  const gone = `(SELECT id FROM unnest($1::uuid[]) AS id WHERE id NOT IN (SELECT id FROM accounts))`;
  for (const table of OF_ACCOUNTS) {
    await tx.query(`DELETE FROM ${table} WHERE account IN ${gone}`, [accounts]);
  }
  await tx.query(`DELETE FROM former_keys WHERE id IN ${gone} OR account IN ${gone}`, [accounts]);
  await tx.query(`DELETE FROM account_merges WHERE id IN ${gone} OR root_id IN ${gone}`, [accounts]);
  await tx.query(`DELETE FROM fact_rows WHERE key IN ${gone}`, [accounts]);
}
