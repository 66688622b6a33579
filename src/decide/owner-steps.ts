import { textOf } from '../accounts/coerce.ts';
import type { OwnerRule } from './acts-schema.ts';
import { type AccountFacts, factValue } from './facts.ts';
import type { Routed } from './handoff/route.ts';
import type { OwnerStep } from './owner-chain.ts';

/** The chain as it holds for one account: whoever the route names, then the rules of the mapping. */
export function ownerSteps(
  rules: readonly OwnerRule[],
  { owner, rule, to }: Pick<Routed, 'owner' | 'rule' | 'to'>,
  facts: AccountFacts,
): OwnerStep[] {
  const chain = rules.map((one) => ownerStep(one, to, facts));
  return owner === null ? chain : [stepOf(owner, `owner of the route ${rule}`), ...chain];
}

/** A rule names whoever its fact says; nobody, when it says nothing. */
function ownerStep(rule: OwnerRule, route: string, facts: AccountFacts): OwnerStep {
  if (rule === 'account_owner') {
    return { kind: 'account_owner' };
  }
  if ('fallback' in rule) {
    return { kind: 'fallback', name: rule.fallback };
  }
  if ('pool' in rule) {
    return typeof rule.pool === 'string'
      ? { kind: 'pool', pool: rule.pool, why: '' }
      : { kind: 'people', names: rule.pool, why: `of a pool of ${rule.pool.length}` };
  }
  const value = rule.by === 'route' ? route : textOf(factValue(facts, null, rule.by));
  const [, owners = []] =
    Object.entries(rule.owners).find(([one]) => one.toLowerCase() === value?.toLowerCase()) ?? [];
  return stepOf(owners, `${rule.by} is ${value ?? 'unknown'}`);
}

function stepOf(owners: string | readonly string[] | { pool: string }, why: string): OwnerStep {
  return typeof owners === 'object' && 'pool' in owners
    ? { kind: 'pool', pool: owners.pool, why }
    : { kind: 'people', names: [owners].flat(), why };
}
