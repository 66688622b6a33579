import type { Suppression } from '../decide/handoff/manual.ts';
import type { SuppressionRow } from '../read-model.ts';

/** Changing and reading the list of accounts that are to be left alone. */
export interface SuppressDesk {
  list(all: boolean): Promise<SuppressionRow[]>;
  /** `accounts`: keys of those that it holds now; none while nobody has the key. */
  add(suppression: Suppression): Promise<{ accounts: string[]; replaced: SuppressionRow | null }>;
  /** null: nothing stands under the key. */
  remove(
    key: string,
    by: { author: string; reason: string },
  ): Promise<{ accounts: string[]; removed: SuppressionRow } | null>;
}
