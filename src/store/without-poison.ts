import { type Db, inTransaction, isInTheData, type Tx } from './db.ts';

/** Work that is taken in batches, each in one transaction. */
export interface BatchWork<Item, Done> {
  /** Takes up to `limit` items and locks them. */
  claim(tx: Tx, limit: number): Promise<Item[]>;
  work(tx: Tx, items: readonly Item[]): Promise<Done>;
  /** What becomes of an item that fails by itself. It must not be claimed again at once. */
  setAside(item: Item, error: Error): Promise<Done>;
}

/** A batch that fails is tried again with so many times fewer items, until the guilty one is alone. */
const NARROWER = 8;

/**
 * Works on one batch. When it fails by what is in it, smaller ones are tried until the guilty item is alone, and that
 * one is set aside: it never stands in the way of the others (I9). Any other trouble is thrown and sets nothing aside.
 */
export async function withoutPoison<Item, Done>(
  db: Db,
  limit: number,
  batch: BatchWork<Item, Done>,
): Promise<Done> {
  let claimed: Item[] = [];
  try {
    return await inTransaction(db, async (tx) => {
      claimed = await batch.claim(tx, limit);
      return batch.work(tx, claimed);
    });
  } catch (error) {
    const [first, ...others] = claimed;
    if (first === undefined || !isInTheData(error)) {
      throw error;
    }
    return others.length > 0
      ? withoutPoison(db, Math.ceil(claimed.length / NARROWER), batch)
      : batch.setAside(first, error as Error);
  }
}
