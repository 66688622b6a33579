import type { Json, JsonObject } from '../shared/json.ts';
import type { TraitChange } from './event.ts';

/** The form in which names of traits, properties and group types are compared: no case, blanks, underscores or hyphens. */
export function looseName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** The tracking plan's names by their loose forms, so that `firstName`, `First Name` and `first_name` are one trait. */
function namesBy(names: readonly string[], others: Record<string, string>): ReadonlyMap<string, string> {
  const known = names.map((name) => [looseName(name), name] as const);
  return new Map([...known, ...Object.entries(others)]);
}

const PERSON_NAMES = namesBy(
  ['email', 'name', 'first_name', 'last_name', 'title', 'department', 'role', 'created_at', 'company_id'],
  { jobtitle: 'title' },
);

const ACCOUNT_NAMES = namesBy(
  [
    'name',
    'website',
    'domain',
    'employees',
    'industry',
    'country',
    'plan',
    'tech_stack',
    'acv_potential',
    'is_customer',
    'csm',
    'timezone',
    'created_at',
  ],
  { employeecount: 'employees' },
);

const LONGEST = Math.max(...[...PERSON_NAMES.keys(), ...ACCOUNT_NAMES.keys()].map((key) => key.length)) + 4;

export type TraitOwner = 'person' | 'account';

/**
 * What traits change on a person or an account, under the tracking plan's names. null clears a trait; "set
 * once to nothing" changes nothing.
 */
export function traitChanges(
  owner: TraitOwner,
  traits: JsonObject,
  op: TraitChange['op'] = 'set',
): TraitChange[] {
  const changes: TraitChange[] = [];
  const names = owner === 'person' ? PERSON_NAMES : ACCOUNT_NAMES;
  for (const [key, value] of Object.entries(traits)) {
    const name = key.length <= LONGEST ? (names.get(looseName(key)) ?? key) : key;
    // Sent in both spellings: the plan's own wins.
    if ((name === key || !Object.hasOwn(traits, name)) && !(op === 'set_once' && value === null)) {
      changes.push(changeOf(op, name, value));
    }
  }
  return changes;
}

function changeOf(op: TraitChange['op'], name: string, value: Json): TraitChange {
  return op === 'unset' || value === null ? { op: 'unset', name, value: null } : { op, name, value };
}
