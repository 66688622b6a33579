import { type Forgotten, nobody, type Tombstone, withTombstones } from '../../events/forgotten.ts';
import type { Db, Tx } from '../db.ts';

/** Who is forgotten, as this transaction must know it: nothing of theirs may be written (I12). */
export interface Known extends Forgotten {
  /** That of the tombstones: with each change of whom to forget a higher one. */
  epoch: number;
}

/** What a process knows of whom to forget, beside its pool and gone with it: hashes alone. */
const REMEMBERED = new WeakMap<Db, Known>();

/** What this process knew last; null: nothing yet. Good enough only for a statement that compares the epoch. */
export function remembered(db: Db): Known | null {
  return REMEMBERED.get(db) ?? null;
}

/**
 * For those who write what came from outside: first in their transaction, which must be short. New names of forgotten people
 * wait for it, and whoever begins after them knows them.
 */
export async function knownToWriter(db: Db, tx: Tx): Promise<Known> {
  const rows = await tx.query<{ epoch: number }>('SELECT forget_epoch() AS epoch');
  return knownAt(db, tx, rows.rows[0]?.epoch ?? 0);
}

/** @param epoch as `forget_epoch()` gave it in this transaction */
export async function knownAt(db: Db, tx: Tx, epoch: number): Promise<Known> {
  const before = REMEMBERED.get(db);
  if (before?.epoch === epoch) {
    return before;
  }
  const known = before ?? { epoch: -1, ...nobody(await keyOf(tx)) };
  const rows = await tx.query<Tombstone>('SELECT id, sieve FROM forgotten WHERE epoch > $1 AND epoch <= $2', [
    known.epoch,
    epoch,
  ]);
  const next = { ...withTombstones(known, rows.rows), epoch: Math.max(known.epoch, epoch) };
  REMEMBERED.set(db, next);
  return next;
}

export async function keyOf(tx: Tx | Db): Promise<string> {
  const rows = await tx.query<{ value: string }>("SELECT value FROM settings WHERE name = 'forget_key'");
  const [row] = rows.rows;
  if (row === undefined) {
    throw new Error('the key of the hashes that stand for forgotten people is missing: settings, forget_key');
  }
  return row.value;
}
