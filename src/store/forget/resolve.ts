import { anonymousRef, joinedUsers, userRef } from '../../accounts/identity.ts';
import type { PersonRecord } from '../../accounts/person.ts';
import { traitValue } from '../../accounts/traits.ts';
import { calledName } from '../../decide/texts/first-name.ts';
import type { ProductEvent } from '../../events/event.ts';
import { pseudonymOf } from '../../events/forgotten.ts';
import { type Needles, NO_NEEDLES } from '../../events/needles.ts';
import { type Db, hashId, type Tx } from '../db.ts';
import { readRow } from '../event-row.ts';
import type { ClaimedEvent, JournalRow } from '../fold/claim.ts';
import { aliasEdges } from '../fold/identities.ts';

/** Who is to be forgotten: what was asked for, and what was found out since. */
export interface Who extends Needles {
  /** As the operator named them: an id or an address; null once it is resolved. */
  given: string | null;
  /** Anonymous ids that others were seen on too: only their own events on it go. */
  shared: string[];
}

export function whoOf(stored: Partial<Who> | null): Who {
  return { given: null, shared: [], ...NO_NEEDLES, ...stored };
}

/** What stands for them where they were known by their id: of what was asked for, or else the first of what is known. */
export function pseudonymOfWho(key: string, { given, users, anonymous, emails }: Who): string {
  return pseudonymOf(key, given ?? users[0] ?? anonymous[0] ?? emails[0] ?? '');
}

/** Everything by which the person is known, from what is known of them: aliases, devices, addresses, names. */
export async function resolve(tx: Tx | Db, asked: Who): Promise<Who> {
  const named = await startOf(tx, asked);
  // Only an operator means its user by a device: a delete, or a new device of somebody forgotten, means no other user.
  const start = asked.given === null ? named : await ownersOf(tx, named);
  const users = await aliasesOf(tx, start.users);
  const devices = await devicesOf(tx, users, start.anonymous);
  const who: Who = { ...asked, given: null, users, ...devices };
  const said = await saidByThem(tx, who);
  const own = [...new Set([...said.emails])].filter((email) => !start.emails.includes(email));
  const kept = await ofOthers(tx, own, who);
  return {
    ...who,
    emails: [...new Set([...start.emails, ...own.filter((email) => !kept.has(email))])].sort(),
    words: [...new Set([...asked.words, ...said.words])].sort(),
  };
}

async function startOf(tx: Tx | Db, { given, ...who }: Who): Promise<Needles> {
  if (given === null) {
    return who;
  }
  const refs = /^[ua]:./.test(given) ? [given] : await refsNamed(tx, given);
  const named = refs.length > 0 ? refs : given.includes('@') ? [] : [userRef(given), anonymousRef(given)];
  const emails = given.includes('@') ? [...who.emails, given.toLowerCase()] : who.emails;
  return {
    ...who,
    emails,
    users: [...who.users, ...idsOf(named, 'u:')],
    anonymous: [...who.anonymous, ...idsOf(named, 'a:')],
  };
}

/** A device of one user means that user. */
async function ownersOf(tx: Tx | Db, start: Needles): Promise<Needles> {
  const rows = await tx.query<{ user: string }>(
    'SELECT users[1] AS user FROM anonymous_ids WHERE id = ANY($1::uuid[]) AND cardinality(users) = 1',
    [start.anonymous.map((id) => hashId(anonymousRef(id)))],
  );
  return { ...start, users: [...start.users, ...rows.rows.map(({ user }) => user)] };
}

function idsOf(refs: readonly string[], kind: 'u:' | 'a:'): string[] {
  return refs.filter((ref) => ref.startsWith(kind)).map((ref) => ref.slice(2));
}

/** Refs under which an id is known, or people who have the address. */
async function refsNamed(tx: Tx | Db, given: string): Promise<string[]> {
  const refs = [userRef(given), anonymousRef(given)];
  const known = await tx.query<{ id: string }>(
    `SELECT id FROM people WHERE id = ANY($1::uuid[])
     UNION SELECT id FROM event_ids WHERE id = ANY($1::uuid[]) UNION SELECT id FROM anonymous_ids WHERE id = ANY($1::uuid[])`,
    [refs.map(hashId)],
  );
  const ids = new Set(known.rows.map(({ id }) => id));
  const byMail = given.includes('@') ? await peopleWith(tx, [given.toLowerCase()]) : [];
  return [...refs.filter((ref) => ids.has(hashId(ref))), ...byMail.map(({ ref }) => ref)];
}

/** People whose address is one of these, as their traits have it now. Reads every state: addresses have no index. */
async function peopleWith(tx: Tx | Db, emails: readonly string[]): Promise<{ ref: string; email: string }[]> {
  const rows = await tx.query<{ ref: string; traits: PersonRecord['traits'] }>(
    `SELECT DISTINCT ON (ref) ref, part -> 'traits' AS traits FROM parts JOIN people ON people.id = parts.person
     WHERE part -> 'traits' ->> 'email' IS NOT NULL AND lower(part -> 'traits' ->> 'email') LIKE ANY($1::text[])`,
    [emails.map((email) => `%${email.replace(/[\\%_]/g, '\\$&')}%`)],
  );
  return rows.rows.flatMap(({ ref, traits }) => {
    const email = emailOf(traits);
    return email !== null && emails.includes(email) ? [{ ref, email }] : [];
  });
}

function emailOf(traits: PersonRecord['traits']): string | null {
  const value = traits.email === undefined ? null : traitValue(traits.email);
  return typeof value === 'string' ? value.toLowerCase() : null;
}

async function aliasesOf(tx: Tx | Db, users: readonly string[]): Promise<string[]> {
  const edges = await aliasEdges(tx, users);
  return [...new Set(users.flatMap((user) => [...joinedUsers(edges, user)]))].sort();
}

/** Devices they were seen on: those that are theirs alone, and those that others share. */
async function devicesOf(tx: Tx | Db, users: readonly string[], given: readonly string[]) {
  const rows = await tx.query<{ id: string; alone: boolean }>(
    `SELECT anonymous_id AS id, users <@ $1::text[] AS alone FROM anonymous_ids
     WHERE users && $1::text[] OR id = ANY($2::uuid[])`,
    [users, given.map((id) => hashId(anonymousRef(id)))],
  );
  const shared = rows.rows.filter(({ alone }) => !alone).map(({ id }) => id);
  const alone = rows.rows.filter((row) => row.alone).map(({ id }) => id);
  return {
    anonymous: [...new Set([...alone, ...given])].filter((id) => !shared.includes(id)).sort(),
    shared: shared.sort(),
  };
}

/** What events and states say of their addresses and names. */
async function saidByThem(tx: Tx | Db, who: Who): Promise<{ emails: string[]; words: string[] }> {
  const traits = await tx.query<{ traits: PersonRecord['traits'] }>(
    `SELECT part -> 'traits' AS traits FROM parts WHERE person = ANY($1::uuid[])`,
    [refsOf(who).map(hashId)],
  );
  const slots = traits.rows.flatMap((row) =>
    Object.entries(row.traits).map(([name, slot]) => [name, traitValue(slot)] as const),
  );
  const events = (await eventsOf(tx, who)).flatMap(({ event }) => [
    ['email', event.email] as const,
    ...event.personTraits.map(({ name, value }) => [name, value] as const),
  ]);
  const said = [...slots, ...events].filter(
    (one): one is [string, string] => typeof one[1] === 'string' && one[1] !== '',
  );
  return {
    emails: [...new Set(said.filter(([name]) => name === 'email').map(([, email]) => email.toLowerCase()))],
    words: [...new Set(said.filter(([name]) => NAMES.has(name)).flatMap(([, word]) => wordsOf(word)))].filter(
      (word) => word.length > 1,
    ),
  };
}

/** A name, and what letters make of it. */
function wordsOf(name: string): string[] {
  return [name.trim(), calledName({ firstName: null, name }) ?? ''];
}

/** Traits whose values mean a person where something else names them too. */
const NAMES = new Set([
  'name',
  'first_name',
  'firstName',
  'last_name',
  'lastName',
  'full_name',
  'fullName',
  'username',
  'phone',
]);

export function refsOf({ users, anonymous }: Needles): string[] {
  return [...users.map(userRef), ...anonymous.map(anonymousRef)];
}

/**
 * Their events in the journal, folded or not. On a shared device only those that name them. What waits to be folded is no index's: all
 * of it is read, a million in seconds.
 */
export async function eventsOf(tx: Tx | Db, who: Who): Promise<ClaimedEvent[]> {
  const rows = await tx.query<JournalRow>(
    `SELECT seq, day, event FROM events WHERE (day, seq) IN (
       SELECT day, seq FROM event_ids WHERE id = ANY($1::uuid[])
       UNION SELECT run.day, seq FROM inbox_runs AS run CROSS JOIN LATERAL (
         SELECT seq, event FROM events WHERE events.day BETWEEN run.day AND run.day AND seq BETWEEN first AND last
         ORDER BY events.day, seq LIMIT last - first + 1) AS waiting
         WHERE event ->> 'userId' = ANY($2) OR event ->> 'previousId' = ANY($2) OR event ->> 'anonymousId' = ANY($3))`,
    [refsOf(who).map(hashId), who.users, who.anonymous],
  );
  return rows.rows.map(readRow).filter(({ event }) => isTheirs(who, event));
}

/** Whether an event is one of the person's own. */
export function isTheirs(who: Who, { userId, anonymousId, previousId, email }: ProductEvent): boolean {
  if (userId !== null) {
    return who.users.includes(userId) || (previousId !== null && who.users.includes(previousId));
  }
  return (
    (anonymousId !== null && who.anonymous.includes(anonymousId)) ||
    (email !== null && who.emails.includes(email))
  );
}

/** Of these addresses, those that people have who stay. */
async function ofOthers(tx: Tx | Db, emails: readonly string[], who: Who): Promise<Set<string>> {
  if (emails.length === 0) {
    return new Set();
  }
  const refs = new Set(refsOf(who));
  const others = await peopleWith(tx, emails);
  return new Set(others.filter(({ ref }) => !refs.has(ref)).map(({ email }) => email));
}
