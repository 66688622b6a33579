import { textOf } from '../../accounts/coerce.ts';
import type { Json } from '../../shared/json.ts';

/** A plan that we sell. */
export interface Plan {
  /** As the trait `plan` says it. */
  id: string;
  name: string;
  /** What it has that the one before has not, in words; empty: not said. */
  unlocks: string;
}

/** What texts say of ours. */
export interface Texts {
  /** By name; an empty one is left out of every text. */
  our: Readonly<Record<string, string>>;
  /** Better words for things of the product, by what events call them in small letters. */
  names: Readonly<Record<string, string>>;
  /** Lowest first. */
  plans: readonly Plan[];
}

/** The plan that an account is on, by its trait `plan`, and the next one up; null where it is not known or there is none. */
export function plansOf(
  { plans }: Pick<Texts, 'plans'>,
  traits: Readonly<Record<string, Json>>,
): {
  plan: { id: string; name: string } | null;
  next_plan: { id: string; name: string; unlocks: string | null } | null;
} {
  const is = textOf(traits.plan)?.trim().toLowerCase();
  const at = plans.findIndex(({ id, name }) => is === id.toLowerCase() || is === name.toLowerCase());
  const [plan, next] = at < 0 ? [] : plans.slice(at, at + 2);
  return {
    plan: plan === undefined ? null : { id: plan.id, name: plan.name },
    next_plan: next === undefined ? null : { id: next.id, name: next.name, unlocks: next.unlocks || null },
  };
}
