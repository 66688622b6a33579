import { type AnonymousFacts, learnAnonymous } from '../../accounts/anonymous.ts';
import {
  type AliasEdge,
  anonymousIdsOf,
  anonymousRef,
  joinedUsers,
  type Link,
  linksOf,
  mergeLinks,
} from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import { isoInstant } from '../../shared/time.ts';
import { type Db, hashId, type Tx } from '../db.ts';
import { LOCKS } from '../locks.ts';
import { eventsByRefs } from './event-ids.ts';

/** Who is who, as far as a batch of events needs it. */
export interface Identities {
  edges: AliasEdge[];
  /** User ids whose older events may change hands: they are rebuilt. */
  moved: Set<string>;
  /** Anonymous ids that had no user before and have one now: their own person ceases in favour of that user. */
  absorbed: Map<string, string>;
  linksFor(anonymousId: string): readonly Link[];
}

/**
 * An alias changes whose events of two user ids are, also those that another worker is about to fold under the
 * old answer: a batch with one folds alone, all others side by side. Sightings of anonymous ids need no such
 * care, because every event that carries the id locks its row.
 */
export async function lockIdentities(tx: Tx, events: readonly ProductEvent[]): Promise<void> {
  if (events.some(({ kind }) => kind === 'alias')) {
    await lockAlone(tx);
  } else {
    await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [LOCKS.identities]);
  }
}

/** Waits for all folds under way and keeps new ones out until the transaction ends. */
export async function lockAlone(tx: Tx): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.identities]);
}

/** Learns aliases and sightings from the batch, and tells whose older events they move. Locks what it touches. */
export async function learnIdentities(tx: Tx, events: readonly ProductEvent[]): Promise<Identities> {
  const fresh = await learnAliases(tx, events);
  const userIds = events.flatMap((event) => [event.userId, event.previousId]).filter((id) => id !== null);
  const anonymous = await learnAnonymousIds(tx, events);
  const linked = [...anonymous.values()].flatMap((entry) => entry.facts.users);
  const edges = await aliasEdges(tx, [...new Set([...userIds, ...linked])]);
  const moved = new Set(fresh.flatMap(({ user }) => [...joinedUsers(edges, user)]));
  const absorbed = new Map<string, string>();
  for (const [id, { facts, movesOlder, hadUsers }] of anonymous) {
    if (movesOlder) {
      for (const user of facts.users) {
        moved.add(user);
      }
      const [user] = facts.users;
      if (!hadUsers && user !== undefined) {
        absorbed.set(id, user);
      }
    }
  }
  const links = await contestedLinks(tx, anonymous);
  return {
    edges,
    moved,
    absorbed,
    linksFor: (id) => links.get(id) ?? soleLink(anonymous.get(id)?.facts.users),
  };
}

/** The links of an anonymous id with a single user: the time of the sighting does not matter. */
export function soleLink([userId]: readonly string[] = []): Link[] {
  return userId === undefined ? [] : [{ at: 0, id: '', userId }];
}

async function learnAliases(tx: Tx, events: readonly ProductEvent[]): Promise<AliasEdge[]> {
  const edges = events.flatMap(({ kind, previousId, userId }) =>
    kind === 'alias' && previousId !== null && userId !== null && previousId !== userId
      ? [{ previous: previousId, user: userId }]
      : [],
  );
  if (edges.length === 0) {
    return [];
  }
  const inserted = await tx.query<AliasEdge>(
    `INSERT INTO user_aliases (previous, user_id)
     SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS edge (previous, user_id) ORDER BY 1, 2
     ON CONFLICT DO NOTHING RETURNING previous, user_id AS user`,
    [edges.map((edge) => edge.previous), edges.map((edge) => edge.user)],
  );
  return inserted.rows;
}

/** Every alias edge that can be reached from `userIds`. */
export async function aliasEdges(tx: Db | Tx, userIds: readonly string[]): Promise<AliasEdge[]> {
  const rows = await tx.query<AliasEdge>({
    name: 'fold-aliases',
    text: `WITH RECURSIVE joined (id) AS (
             SELECT unnest($1::text[])
             UNION
             SELECT CASE WHEN edge.previous = joined.id THEN edge.user_id ELSE edge.previous END
             FROM joined JOIN user_aliases edge ON joined.id IN (edge.previous, edge.user_id)
           )
           SELECT DISTINCT previous, user_id AS user FROM user_aliases edge
           JOIN joined ON joined.id IN (edge.previous, edge.user_id)
           WHERE EXISTS (SELECT 1 FROM user_aliases)`,
    values: [userIds],
  });
  return rows.rows;
}

interface LearnedId {
  facts: AnonymousFacts;
  movesOlder: boolean;
  hadUsers: boolean;
}

async function learnAnonymousIds(tx: Tx, events: readonly ProductEvent[]): Promise<Map<string, LearnedId>> {
  const byId = new Map<string, ProductEvent[]>();
  for (const event of events) {
    for (const id of anonymousIdsOf(event)) {
      byId.set(id, [...(byId.get(id) ?? []), event]);
    }
  }
  const before = await lockAnonymous(tx, [...byId.keys()]);
  const learned = new Map<string, LearnedId>();
  for (const [id, facts] of before) {
    const { next, movesOlder } = learnAnonymous(facts, id, byId.get(id) ?? []);
    learned.set(id, { facts: next, movesOlder, hadUsers: facts.users.length > 0 });
  }
  await saveAnonymous(tx, learned);
  return learned;
}

interface AnonymousRow {
  anonymous_id: string;
  users: string[];
  last_link_at: Date | null;
  last_link_id: string | null;
  last_link_user: string | null;
  last_solo_at: Date | null;
}

async function lockAnonymous(tx: Tx, ids: string[]): Promise<Map<string, AnonymousFacts>> {
  if (ids.length === 0) {
    return new Map();
  }
  const hashes = ids.map((id) => hashId(anonymousRef(id)));
  await tx.query({
    name: 'fold-anonymous-new',
    text: `INSERT INTO anonymous_ids (id, anonymous_id)
           SELECT * FROM unnest($1::uuid[], $2::text[]) AS row (id, name) ORDER BY id ON CONFLICT DO NOTHING`,
    values: [hashes, ids],
  });
  const rows = await tx.query<AnonymousRow>({
    name: 'fold-anonymous-lock',
    text: `SELECT anonymous_id, users, last_link_at, last_link_id, last_link_user, last_solo_at
           FROM anonymous_ids WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    values: [hashes],
  });
  return new Map(rows.rows.map((row) => [row.anonymous_id, toFacts(row)]));
}

function toFacts(row: AnonymousRow): AnonymousFacts {
  const { last_link_at: at, last_link_id: id, last_link_user: userId } = row;
  return {
    users: row.users,
    lastLink: at === null || id === null || userId === null ? null : { at: at.getTime(), id, userId },
    lastSolo: row.last_solo_at?.getTime() ?? null,
  };
}

async function saveAnonymous(tx: Tx, learned: ReadonlyMap<string, LearnedId>): Promise<void> {
  const rows = [...learned].map(([id, { facts }]) => ({
    id: hashId(anonymousRef(id)),
    users: facts.users,
    last_link_at: facts.lastLink === null ? null : isoInstant(facts.lastLink.at),
    last_link_id: facts.lastLink?.id ?? null,
    last_link_user: facts.lastLink?.userId ?? null,
    last_solo_at: facts.lastSolo === null ? null : isoInstant(facts.lastSolo),
  }));
  if (rows.length > 0) {
    await tx.query({
      name: 'fold-anonymous-save',
      text: `UPDATE anonymous_ids SET users = row.users, last_link_at = row.last_link_at,
               last_link_id = row.last_link_id, last_link_user = row.last_link_user, last_solo_at = row.last_solo_at
             FROM json_to_recordset($1) AS row (id uuid, users text[], last_link_at timestamptz,
               last_link_id text, last_link_user text, last_solo_at timestamptz)
             WHERE anonymous_ids.id = row.id`,
      values: [JSON.stringify(rows)],
    });
  }
}

/** Anonymous ids that several users share: only the journal knows who was on them when. */
async function contestedLinks(tx: Tx, learned: ReadonlyMap<string, LearnedId>): Promise<Map<string, Link[]>> {
  const links = new Map<string, Link[]>();
  for (const [id, { facts }] of learned) {
    if (facts.users.length > 1 && facts.lastSolo !== null) {
      links.set(id, await allLinks(tx, id, (await droppedLinks(tx, [id])).get(id)));
    }
  }
  return links;
}

/** Who was seen on an anonymous id: by the journal, and by `dropped`, which `droppedLinks` gives. */
export async function allLinks(tx: Tx, id: string, dropped: readonly Link[] = []): Promise<Link[]> {
  return mergeLinks(dropped, linksOf(id, await eventsByRefs(tx, [anonymousRef(id)], null)));
}

/** Sightings that only events told of which the journal holds no more. */
export async function droppedLinks(tx: Tx, anonymousIds: readonly string[]): Promise<Map<string, Link[]>> {
  const rows = await tx.query<{ anonymous_id: string; links: Link[] }>({
    name: 'fold-dropped-links',
    text: 'SELECT anonymous_id, links FROM anonymous_ids WHERE id = ANY($1::uuid[]) AND links IS NOT NULL',
    values: [anonymousIds.map((id) => hashId(anonymousRef(id)))],
  });
  return new Map(rows.rows.map(({ anonymous_id, links }) => [anonymous_id, links]));
}
