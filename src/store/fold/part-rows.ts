import type { Part } from '../../accounts/state.ts';
import type { Unassigned } from '../../read-model/unassigned.ts';
import { hashId, lines, plainArray, type Tx } from '../db.ts';
import { partText } from './part-text.ts';
import type { StoredPart, StoredPerson, Via } from './records.ts';

/** One part where it shall stand. */
export interface PlacedPart {
  ref: string;
  /** Of the account where it stands, after an operator's merges. */
  key: string;
  home: string;
  via: Via;
  domain: string | null;
  why: Unassigned | null;
  part: Part;
}

export interface PartChange {
  /** Account ids whose state is different now. */
  accounts: Set<string>;
}

/** Replaces each person's part rows by `placed`; untouched rows are not written again. */
export async function saveParts(
  tx: Tx,
  people: ReadonlyMap<string, StoredPerson>,
  placed: readonly PlacedPart[],
): Promise<PartChange> {
  const accounts = new Set<string>();
  const rows = placed.flatMap(({ ref, key, part, ...place }) => {
    const row = { ...place, account: hashId(key), text: partText(part) };
    if ((people.get(ref)?.rows ?? []).some((before) => isSameRow(before, row))) {
      return [];
    }
    accounts.add(row.account);
    return [{ ...row, person: hashId(ref) }];
  });
  for (const account of await deleteParts(tx, [...people.keys()], placed)) {
    accounts.add(account);
  }
  await upsertParts(tx, rows);
  return { accounts };
}

function isSameRow(a: StoredPart, b: StoredPart): boolean {
  return (
    a.text === b.text &&
    a.account === b.account &&
    a.home === b.home &&
    a.via === b.via &&
    a.domain === b.domain &&
    a.why === b.why
  );
}

/**
 * Deletes every part of these people that is not in `placed`; gives the accounts they stood in. By what the table
 * says now, not by what was read before the domains were locked: another worker may have moved a part since.
 */
async function deleteParts(
  tx: Tx,
  refs: readonly string[],
  placed: readonly PlacedPart[],
): Promise<string[]> {
  const gone = await tx.query<{ account: string }>({
    name: 'fold-parts-gone',
    text: `DELETE FROM parts WHERE person = ANY($1::uuid[]) AND (account, person, home, via) NOT IN
             (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])) RETURNING account`,
    values: [
      plainArray(refs.map(hashId)),
      plainArray(placed.map(({ key }) => hashId(key))),
      plainArray(placed.map(({ ref }) => hashId(ref))),
      placed.map(({ home }) => home),
      placed.map(({ via }) => via),
    ],
  });
  return gone.rows.map((row) => row.account);
}

interface NewPartRow extends StoredPart {
  person: string;
}

async function upsertParts(tx: Tx, rows: NewPartRow[]): Promise<void> {
  if (rows.length > 0) {
    await tx.query({
      name: 'fold-parts-save',
      text: `INSERT INTO parts (account, person, home, via, domain, why, part)
             SELECT account, person, home, via, domain, why, part::json FROM ROWS FROM (
               unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]), string_to_table($7, E'\\n')
             ) AS row (account, person, home, via, domain, why, part)
             ON CONFLICT (account, person, home, via) DO UPDATE
               SET domain = excluded.domain, why = excluded.why, part = excluded.part`,
      values: [
        plainArray(rows.map((row) => row.account)),
        plainArray(rows.map((row) => row.person)),
        rows.map((row) => row.home),
        rows.map((row) => row.via),
        rows.map((row) => row.domain),
        rows.map((row) => row.why),
        lines(rows.map((row) => row.text)),
      ],
    });
  }
}
