import { hashId, type Tx } from '../db.ts';

/** Where the account of a key stands after an operator's merges: the key itself when nobody merged it. */
export type Root = (key: string) => string;

/** Looks `keys` up among the merges; other keys count as not merged. Merges wait for all folds under way. */
export async function rootsOf(tx: Tx, keys: readonly string[]): Promise<Root> {
  const unique = [...new Set(keys)];
  if (unique.length === 0) {
    return (key) => key;
  }
  const rows = await tx.query<{ key: string; root: string }>({
    name: 'fold-roots',
    text: 'SELECT key, root FROM account_merges WHERE id = ANY($1::uuid[])',
    values: [unique.map(hashId)],
  });
  const roots = new Map(rows.rows.map(({ key, root }) => [key, root]));
  return (key) => roots.get(key) ?? key;
}
