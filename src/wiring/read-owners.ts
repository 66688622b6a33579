import { ownersOf, saveOwners } from '../store/reads/owners.ts';
import type { Owner } from '../sync/crm-reads.ts';
import { noteFailure, type Reached, type ReadBackDeps } from './reading.ts';

/**
 * Owners by id. The CRM is asked for those that were not read for a day, once: one that it does not know, or does not
 * show us, is remembered as such until then.
 */
export async function ownersFor(
  deps: ReadBackDeps,
  reached: Reached,
  ids: readonly string[],
): Promise<Map<string, Owner>> {
  const { connection, crm } = reached;
  const { known, stale } = await ownersOf(deps.db, connection, ids, deps.realNow());
  if (stale.length === 0) {
    return known;
  }
  const answer = await crm.connector.reads.owners(stale);
  if (answer.state === 'failed') {
    await noteFailure(deps, reached, 'owners', answer);
    const before = stale.flatMap((id) => known.get(id) ?? []);
    await saveOwners(deps.db, connection, before, stale, deps.realNow());
    return known;
  }
  const kept = await saveOwners(deps.db, connection, answer.owners, stale, deps.realNow());
  return new Map([...known, ...kept.map((owner) => [owner.id, owner] as const)]);
}
