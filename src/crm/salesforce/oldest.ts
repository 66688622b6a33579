import type { How } from '../../sync/crm.ts';

/** A record of the org that is one of ours; or several that match equally well, of which none is to be chosen. */
export type Chosen =
  | { kind: 'found'; id: string; how: How; note?: string }
  | { kind: 'several'; ids: string[] };

interface Dated {
  Id: string;
  CreatedDate: string;
}

/**
 * Of records that match equally well the oldest, or all of them where a person is to choose. Pure.
 *
 * @param match what they have in common, for the note: `accounts have this web site`
 */
export function oldestOf(
  rows: readonly Dated[],
  several: 'oldest' | 'refuse',
  how: How,
  match: string,
): Chosen | undefined {
  const [first, ...others] = [...rows].sort(byAge);
  if (first === undefined || others.length === 0) {
    return first === undefined ? undefined : { kind: 'found', id: first.Id, how };
  }
  const note = `${rows.length} ${match}; the oldest was taken`;
  return several === 'refuse'
    ? { kind: 'several', ids: rows.map(({ Id }) => Id) }
    : { kind: 'found', id: first.Id, how, note };
}

/** The smaller id on a tie, so that every run picks the same one. */
export function byAge(a: Dated, b: Dated): number {
  return a.CreatedDate + a.Id < b.CreatedDate + b.Id ? -1 : 1;
}
