import type { Db, Tx } from '../db.ts';
import { knownToWriter } from '../forget/known.ts';
import { saidWithoutForgotten } from '../forget/settle.ts';

/** How people of the operator's own stand in the record: by address, but for one who is forgotten as a user of the product (I12). */
export interface StoredNames {
  /** Of an address: itself, or the hash that stands for it. */
  stored(email: string): string;
  /** The address again, of somebody whom the configuration names. */
  email(stored: string): string;
  /** Anything that is to be written, with hashes where it names forgotten people. */
  said<T>(value: T): T;
}

/**
 * First in its transaction: whoever is forgotten from then on waits for it.
 *
 * @param people addresses that will be asked for
 */
export async function storedNames(db: Db, tx: Tx, people: readonly string[]): Promise<StoredNames> {
  const known = await knownToWriter(db, tx);
  const said = <T>(value: T) => saidWithoutForgotten(known, value);
  const emails = new Map(people.map((email) => [said(email), email]));
  return { stored: said, email: (stored) => emails.get(stored) ?? stored, said };
}
