import type { AccountChange, Outcome } from './crm.ts';

const IDS_SHOWN = 10;

/** Several records match equally well, and the mapping says that a person is to choose. */
export function severalMatch(what: string, ids: readonly string[]): Outcome {
  return {
    state: 'parked',
    code: 'several_match',
    reason: `${ids.length} ${what}: ${ids.slice(0, IDS_SHOWN).join(', ')}`,
    remedy: 'merge them, or say `several: oldest` in the mapping, then: pql errors retry',
  };
}

/** Nothing matches, and nothing may be created. */
export function noMatch(what: string): Outcome {
  return { state: 'skipped', code: 'no_match', reason: `no ${what} matches, and none is to be created` };
}

/** A record that the CRM would not make: it is not even asked. */
export function requiredMissing(what: string, fields: readonly string[]): Outcome {
  return {
    state: 'parked',
    code: 'required_missing',
    reason: `a new ${what} needs ${fields.join(', ')}, and nothing is known to fill it with`,
    remedy: 'fill it from a fact that is always known, or send that fact, then: pql errors retry',
  };
}

/**
 * The CRM's only company for an account stands for another account of ours: a second one, or a change of hands, is for a
 * person to decide. An account that would not get a record of its own yet bothers nobody: it is passed over until it would.
 *
 * @param place what it is, in the CRM's words
 * @param field our unique field of it
 */
export function companyTaken(
  { key, create }: Pick<AccountChange, 'key' | 'create'>,
  place: string,
  by: string,
  field: string,
): Outcome {
  if (!create) {
    const reason = `${place} belongs to account ${by}, and none is to be created`;
    return { state: 'skipped', code: 'no_match', reason };
  }
  return {
    state: 'parked',
    code: 'company_taken',
    reason: `${place} belongs to account ${by}`,
    remedy: `if they are one company: pql accounts merge ${key} ${by}; if not, write ${key} into ${field} of the record that it shall have; then: pql errors retry`,
  };
}
