import { idOf, userRef } from '../../accounts/identity.ts';
import type { TimelineEntry } from '../../read-model.ts';
import { type Db, hashId } from '../db.ts';
import type { EventRow } from '../event-row.ts';
import { aliasEdges } from '../fold/identities.ts';

/** Events, score changes and actions of one account in time order, the newest `limit` of each kind. */
export async function timelineOf(db: Db, account: string, limit: number): Promise<TimelineEntry[]> {
  const [events, scores, actions] = await Promise.all([
    eventEntries(db, account, limit),
    scoreEntries(db, account, limit),
    actionEntries(db, account, limit),
  ]);
  // Each list comes newest first: turned round, what happened at one instant keeps its order.
  const inOrder = [events, scores, actions].flatMap((entries) => entries.reverse());
  return inOrder.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/**
 * Events of the account's people, under every id they went by. An event that names another account is that
 * account's, unless an operator merged it into this one; one on an id that people of other accounts share is left out.
 */
async function eventEntries(db: Db, account: string, limit: number): Promise<TimelineEntry[]> {
  const rows = await db.query<{ event: EventRow }>(
    `SELECT event FROM events
     WHERE (day, seq) IN (SELECT day, seq FROM event_ids WHERE id = ANY($2::uuid[]))
       AND (event ->> 'accountId' IS NULL OR event ->> 'accountId' IN (
         SELECT key FROM accounts WHERE id = $1 UNION ALL SELECT key FROM account_merges WHERE root_id = $1))
     ORDER BY at DESC, seq DESC LIMIT $3`,
    [account, await idsOf(db, account), limit],
  );
  return rows.rows.map(({ event }) => ({
    at: new Date(event.at).toISOString(),
    kind: 'event',
    what: event.name ?? event.kind,
    detail: { source: event.vendor, kind: event.kind, person: event.userId ?? event.anonymousId ?? null },
  }));
}

async function idsOf(db: Db, account: string): Promise<string[]> {
  const people = await db.query<{ ref: string }>(
    'SELECT ref FROM parts JOIN people ON people.id = parts.person WHERE account = $1',
    [account],
  );
  const refs = people.rows.map(({ ref }) => ref);
  const users = refs.filter((ref) => ref.startsWith('u:')).map(idOf);
  const edges = await aliasEdges(db, users);
  const joined = [...new Set([...users, ...edges.flatMap(({ previous, user }) => [previous, user])])];
  const anonymous = await db.query<{ id: string }>(
    `SELECT id FROM anonymous_ids WHERE users && $1::text[] AND users <@ $1::text[]`,
    [joined],
  );
  return [
    ...refs.map(hashId),
    ...joined.map((user) => hashId(userRef(user))),
    ...anonymous.rows.map(({ id }) => id),
  ];
}

async function scoreEntries(db: Db, account: string, limit: number): Promise<TimelineEntry[]> {
  const rows = await db.query<{
    at: Date;
    model: string;
    value: number;
    tier: string;
    crossing: string | null;
    note: string | null;
  }>(
    `SELECT at, model, value, tier, crossing, note FROM score_history WHERE account = $1 ORDER BY id DESC LIMIT $2`,
    [account, limit],
  );
  return rows.rows.map(({ at, ...row }) => ({
    at: at.toISOString(),
    kind: 'score',
    what: row.tier,
    detail: { model: row.model, value: row.value, crossing: row.crossing, note: row.note },
  }));
}

async function actionEntries(db: Db, account: string, limit: number): Promise<TimelineEntry[]> {
  const rows = await db.query<{
    created_at: Date;
    kind: string;
    crm: string;
    state: string;
    reason: string;
    owner: string | null;
  }>(
    `SELECT created_at, kind, crm, state, reason, owner ->> 'name' AS owner FROM actions WHERE account = $1 ORDER BY created_at DESC LIMIT $2`,
    [account, limit],
  );
  return rows.rows.map(({ created_at, ...row }) => ({
    at: created_at.toISOString(),
    kind: 'action',
    what: row.kind,
    detail: {
      crm: row.crm,
      state: row.state,
      reason: row.reason,
      ...(row.owner === null ? {} : { owner: row.owner }),
    },
  }));
}
