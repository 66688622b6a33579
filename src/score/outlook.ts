import type { AccountState } from '../accounts/state.ts';
import { type Closer, closer } from './closer.ts';
import type { Model } from './model.ts';
import { type Upcoming, upcoming } from './upcoming.ts';

/** What would change a score, and what will: stored with it, as computed then. */
export interface Outlook {
  /** The next changes that will happen with no event. */
  next: Upcoming[];
  /** The smallest single changes that would reach a higher tier. */
  closer: Closer[];
}

/**
 * Costs some dozens of evaluations. An account without points has nothing to lose and is far from everything; one
 * whose points a gate keeps from counting may be one step away (S3-49).
 *
 * @param raw the sum of the rules' points, before gates and multipliers
 */
export function outlookOf(
  model: Model,
  state: AccountState,
  now: number,
  { value, raw }: { value: number; raw: number },
): Outlook {
  return value === 0 && raw === 0
    ? { next: [], closer: [] }
    : { next: upcoming(model, state, now), closer: closer(model, state, now) };
}
