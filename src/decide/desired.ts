import { booleanOf, numberOf, textOf } from '../accounts/coerce.ts';
import type { PersonView } from '../accounts/views.ts';
import type { Json } from '../shared/json.ts';
import type { AccountFacts } from './facts.ts';
import { factValue } from './facts.ts';
import type { FieldSpec, Mapping } from './mapping.ts';

/** A typed value on its way to a CRM; null clears the field. */
export type FieldValue = string | number | boolean | null;

/** What one CRM record should hold. */
export interface DesiredRecord {
  /** Account key, or the person's ref. */
  ref: string;
  /** Mail domain (account) or e-mail (person) by which it can be found. */
  lookup: string | null;
  create: boolean;
  fields: Record<string, FieldValue>;
  onCreate: Record<string, FieldValue>;
}

/** Everything that one CRM should hold of one account: the payload of a `fields` action. */
export interface DesiredFields {
  account: DesiredRecord;
  people: DesiredRecord[];
}

/**
 * The records of one account in one CRM. People without an e-mail cannot be found in a CRM and are left out.
 *
 * @param qualified the account is, or was, in an acting tier: records may be created under `when_qualified`
 */
export function desiredFields(mapping: Mapping, facts: AccountFacts, qualified: boolean): DesiredFields {
  const creates = (policy: Mapping['account']['create']) =>
    policy === 'always' || (policy === 'when_qualified' && qualified);
  return {
    account: {
      ref: facts.key,
      lookup: facts.domain,
      create: creates(mapping.account.create),
      ...valuesOf(mapping.account.fields, facts, null),
    },
    people: facts.people
      .filter((person) => person.email !== null)
      .map((person) => ({
        ref: person.ref,
        lookup: person.email,
        create: creates(mapping.person.create),
        ...valuesOf(mapping.person.fields, facts, person),
      })),
  };
}

function valuesOf(specs: readonly FieldSpec[], facts: AccountFacts, person: PersonView | null) {
  const fields: Record<string, FieldValue> = {};
  const onCreate: Record<string, FieldValue> = {};
  for (const spec of specs) {
    const value = typed(spec, factValue(facts, person, spec.from));
    if (value !== null || spec.clear) {
      (spec.write === 'on_create' ? onCreate : fields)[spec.field] = value;
    }
  }
  return { fields, onCreate };
}

function typed(spec: FieldSpec, value: Json): FieldValue {
  switch (spec.type) {
    case 'number':
      return numberOf(value);
    case 'boolean':
      return booleanOf(value);
    default:
      return cut(textOf(value) ?? (value === null ? null : JSON.stringify(value)), spec.length);
  }
}

const MARK = ' …';

/** Text longer than the field is cut at its length, and shows that it was. */
function cut(text: string | null, length: number | undefined): string | null {
  if (text === null || length === undefined || text.length <= length) {
    return text;
  }
  return length > MARK.length ? text.slice(0, length - MARK.length) + MARK : text.slice(0, length);
}
