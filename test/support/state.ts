import type { AccountState } from '../../src/accounts/state.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { referenceStates } from './reference-fold.ts';
import { shippedRules } from './shipped.ts';

const rules = shippedRules();

/** The state of one account after these events, folded in one go. An account that nothing reached is empty. */
export function stateOf(key: string, events: readonly ProductEvent[]): AccountState {
  const parts = Object.entries(referenceStates(rules, events)[key] ?? {});
  return {
    key,
    parts: parts.map(([ref, part]) => ({ person: ref.startsWith('g:') ? null : ref, ...JSON.parse(part) })),
  };
}
