import type { FactRow } from '../../accounts/fact-row.ts';
import { isForgotten, mentionsReplaced, replacedIn } from '../../events/forgotten.ts';
import type { Json } from '../../shared/json.ts';
import type { Owner } from '../../sync/crm-reads.ts';
import type { Finding } from '../../sync/findings.ts';
import type { LinkChange, Settled } from '../../sync/outbox.ts';
import type { Db, Tx } from '../db.ts';
import { type Known, knownToWriter } from './known.ts';

export interface Outcomes {
  settled: readonly Settled[];
  links: readonly LinkChange[];
}

/**
 * What a delivery found out, without people who were forgotten while it was under way: no link of theirs is written, and a
 * CRM's words that name them are replaced. First in the transaction that writes it.
 */
export async function withoutForgotten(db: Db, tx: Tx, { settled, links }: Outcomes): Promise<Outcomes> {
  const known = await knownToWriter(db, tx);
  if (known.hashes.size === 0) {
    return { settled, links };
  }
  const replace = mentionsReplaced(known);
  const said = <T>(value: T) => replacedIn(value as Json, replace) as T;
  return {
    settled: settled.map((one) => ({
      ...one,
      next: { ...one.next, reason: said(one.next.reason), ref: said(one.next.ref) },
    })),
    links: links
      .filter(({ object, ref }) => object !== 'person' || !isForgotten(known, ref))
      .map((link) => ({
        ...link,
        acknowledged: said(link.acknowledged),
        note: said(link.note),
        ...(link.held === undefined ? {} : { held: said(link.held) }),
        ...(link.why === undefined ? {} : { why: said(link.why) }),
      })),
  };
}

/** What somebody outside said, with keyed hashes where it names forgotten people. */
export function saidWithoutForgotten<T>(known: Known, said: T): T {
  return known.hashes.size === 0 ? said : (replacedIn(said as Json, mentionsReplaced(known)) as T);
}

/** What a reconciliation found, without people who were forgotten meanwhile, and without what a CRM says of them elsewhere. */
export function findingsWithoutForgotten<R extends { ref: string }>(
  known: Known,
  findings: readonly Finding<R>[],
): Finding<R>[] {
  if (known.hashes.size === 0) {
    return [...findings];
  }
  const replace = mentionsReplaced(known);
  return findings
    .filter(({ record }) => !isForgotten(known, record.ref))
    .map((one) => ({
      ...one,
      drifts: replacedIn(one.drifts as unknown as Json, replace) as unknown as typeof one.drifts,
    }));
}

/** An owner in a CRM who is forgotten keeps the number under which the CRM knows them, and no name. */
export function ownerWithoutForgotten(known: Known, owner: Owner): Owner {
  const email = saidWithoutForgotten(known, owner.email);
  const isTheirs = email !== owner.email;
  return { ...owner, email, name: isTheirs ? null : saidWithoutForgotten(known, owner.name) };
}

/** Rows of a file, without those of a forgotten person, and without what the others say of one. */
export function factsWithoutForgotten(known: Known, rows: readonly FactRow[]): FactRow[] {
  if (known.hashes.size === 0) {
    return [...rows];
  }
  const replace = mentionsReplaced(known);
  return rows
    .filter(({ name }) => !isPersonalKey(known, name))
    .map(({ name, facts }) => ({ name, facts: replacedIn(facts as Json, replace) as FactRow['facts'] }));
}

function isPersonalKey(known: Known, name: string): boolean {
  const id = name.startsWith('person:') ? name.slice('person:'.length) : null;
  return id !== null && (isForgotten(known, `u:${id}`) || isForgotten(known, `a:${id}`));
}
