import type { Outcome, Outcomes } from '../sync/crm.ts';

/** One outcome for all of these. */
export function settleAll(changes: readonly { key: string }[], outcome: Outcome, outcomes: Outcomes): void {
  for (const { key } of changes) {
    outcomes.set(key, outcome);
  }
}

/** The same for those of them that have none yet: what stopped the work stopped it for them. */
export function settleRest(changes: readonly { key: string }[], outcome: Outcome, outcomes: Outcomes): void {
  settleAll(
    changes.filter(({ key }) => !outcomes.has(key)),
    outcome,
    outcomes,
  );
}
