import { ALONE, FALLBACK, noFacts } from '../../accounts/memberships.ts';
import type { PersonRecord } from '../../accounts/person.ts';
import type { Part } from '../../accounts/state.ts';
import type { Unassigned } from '../../read-model/unassigned.ts';
import { hashId, lines, plainArray, type Tx } from '../db.ts';

/**
 * How a person came to an account: named by an event, by the domain of their mail, on their own, or on their own
 * again after they were removed from every account.
 */
export type Via = 'group' | 'domain' | 'personal' | 'left';

/** A stored person: the record, and which signal plan its parts were folded with. */
export interface StoredPerson {
  record: PersonRecord;
  /** The record's facts as they stand in the table. */
  facts: string;
  plan: string;
  /** Part rows as they stand in the table. */
  rows: StoredPart[];
}

/** Where a part stands. The first three, with the person, are the row's key. */
interface Standing {
  /** Account id. */
  account: string;
  /** Key of the account where the part would stand, had no operator merged it into this one; else ''. */
  home: string;
  via: Via;
  domain: string | null;
  why: Unassigned | null;
}

export interface StoredPart extends Standing {
  text: string;
}

/** Loads and locks people by ref, making those that are new; in a fixed order, so that workers queue up. */
export async function lockPeople(tx: Tx, refs: readonly string[]): Promise<Map<string, StoredPerson>> {
  const ids = refs.map(hashId);
  await tx.query({
    name: 'fold-people-new',
    text: `INSERT INTO people (id, ref, facts, plan)
           SELECT id, ref, $3::json, ''
           FROM unnest($1::uuid[], $2::text[]) AS row (id, ref) ORDER BY id ON CONFLICT DO NOTHING`,
    values: [ids, refs, JSON.stringify(noFacts())],
  });
  const people = await tx.query<{ ref: string; facts: string; plan: string }>({
    name: 'fold-people-lock',
    text: 'SELECT ref, facts::text AS facts, plan FROM people WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
    values: [ids],
  });
  const stored = new Map<string, StoredPerson>(
    people.rows.map(({ ref, facts, plan }) => [
      ref,
      { plan, facts, rows: [], record: { ref, facts: JSON.parse(facts), traits: {}, parts: new Map() } },
    ]),
  );
  await loadParts(tx, ids, stored);
  return stored;
}

interface PartRow extends StoredPart {
  ref: string;
  key: string;
}

async function loadParts(tx: Tx, ids: string[], stored: Map<string, StoredPerson>): Promise<void> {
  const rows = await tx.query<PartRow>({
    name: 'fold-parts',
    text: `SELECT people.ref, accounts.key, parts.account, home, via, parts.domain, why, part::text AS text
           FROM parts JOIN people ON people.id = parts.person JOIN accounts ON accounts.id = parts.account
           WHERE parts.person = ANY($1::uuid[])`,
    values: [ids],
  });
  for (const { ref, key, ...row } of rows.rows) {
    const person = stored.get(ref);
    if (person !== undefined) {
      const part = JSON.parse(row.text) as Part;
      person.rows.push(row);
      person.record.traits = part.traits;
      person.record.parts.set(slotOf(row, key), part);
    }
  }
}

/** Which of its person's parts a row is. `key`: of the account where it stands. */
export function slotOf({ via, home }: { via: Via; home: string }, key: string): string {
  if (via === 'group') {
    return home === '' ? key : home;
  }
  return via === 'left' ? ALONE : FALLBACK;
}

/** Saves what changed of people: most events say nothing new of whoever did them. */
export async function savePeople(
  tx: Tx,
  before: ReadonlyMap<string, StoredPerson>,
  records: readonly PersonRecord[],
  plan: string,
): Promise<void> {
  const changed = records.flatMap(({ ref, facts }) => {
    const text = JSON.stringify(facts);
    const stored = before.get(ref);
    return stored?.facts === text && stored.plan === plan ? [] : [{ id: hashId(ref), text }];
  });
  if (changed.length > 0) {
    await tx.query({
      name: 'fold-people-save',
      text: `UPDATE people SET facts = row.facts::json, plan = $3
             FROM ROWS FROM (unnest($1::uuid[]), string_to_table($2, E'\\n')) AS row (id, facts) WHERE people.id = row.id`,
      values: [plainArray(changed.map(({ id }) => id)), lines(changed.map(({ text }) => text)), plan],
    });
  }
}

/** People who ceased: absorbed by the user they turned out to be. Their parts are gone already. */
export async function removePeople(tx: Tx, refs: readonly string[]): Promise<void> {
  if (refs.length > 0) {
    await tx.query('DELETE FROM people WHERE id = ANY($1::uuid[])', [refs.map(hashId)]);
  }
}
